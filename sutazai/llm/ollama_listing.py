"""What an Ollama server says of its models, read leniently: fields may be missing, nothing is trusted. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sutazai.llm.ollama_errors import printable

_MOST_MODELS: Final = 1000
_SET_CONTEXT: Final = re.compile(r"^num_ctx[ \t]+([0-9]{1,9})[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class OllamaModel:
    """A model that a server has.

    Attributes:
        size_bytes: of the weights on the server's disk (in a list of running models: in its memory).
        digest: sha256 hex, empty if the server does not say.
        capabilities: e.g. `completion`, `embedding`, `thinking`; empty where an older server does not tell.
        remote_host: where the server passes requests on to; empty for a model that runs on the server itself.
        context_tokens: as served (running models) or as trained (a list of a new server); 0 if not said.
    """

    name: str
    size_bytes: int = 0
    digest: str = ""
    family: str = ""
    parameter_size: str = ""
    quantization: str = ""
    capabilities: tuple[str, ...] = ()
    remote_host: str = ""
    context_tokens: int = 0


def models_of(listing: Mapping[str, Any]) -> tuple[OllamaModel, ...]:
    """The models in an answer of /api/tags or /api/ps; entries without a name are passed over."""
    entries = listing.get("models")
    if not isinstance(entries, list):
        return ()
    models = [_model(each) for each in entries[:_MOST_MODELS] if isinstance(each, Mapping)]
    return tuple(each for each in models if each.name)


def names_of(listing: Mapping[str, Any]) -> tuple[str, ...]:
    """The names in an answer of /api/tags."""
    return tuple(each.name for each in models_of(listing))


def model_entry(listing: Mapping[str, Any], name: str) -> OllamaModel:
    """The entry of one model, by its name with or without `:latest`; an empty one if it is not there."""
    return model_among(models_of(listing), name)


def model_among(models: Iterable[OllamaModel], name: str) -> OllamaModel:
    """The same, of entries that were read already."""
    wanted = _full(name)
    return next((each for each in models if _full(each.name) == wanted), OllamaModel(name))


def trained_context(shown: Mapping[str, Any]) -> int:
    """The context length a model was trained with, from an answer of /api/show; 0 if not said."""
    facts = shown.get("model_info")
    if not isinstance(facts, Mapping):
        return 0
    return _count(facts.get(f"{facts.get('general.architecture')}.context_length"))


def set_context(shown: Mapping[str, Any]) -> int:
    """The context length that a Modelfile sets, from an answer of /api/show; 0 if it sets none."""
    text = shown.get("parameters")
    found = _SET_CONTEXT.search(text) if isinstance(text, str) else None
    return int(found[1]) if found else 0


def _full(name: str) -> str:
    last = name.rpartition("/")[2]
    return name.casefold() if ":" in last else f"{name}:latest".casefold()


def _model(entry: Mapping[str, Any]) -> OllamaModel:
    found = entry.get("details")
    details = found if isinstance(found, Mapping) else {}
    capabilities = entry.get("capabilities")
    return OllamaModel(
        name=_word(entry.get("name")) or _word(entry.get("model")),
        size_bytes=_count(entry.get("size")),
        digest=_word(entry.get("digest")).removeprefix("sha256:"),
        family=_word(details.get("family")),
        parameter_size=_word(details.get("parameter_size")),
        quantization=_word(details.get("quantization_level")),
        capabilities=tuple(_word(each) for each in capabilities[:20]) if isinstance(capabilities, list) else (),
        remote_host=_word(entry.get("remote_host")) or _word(entry.get("remote_model")),
        context_tokens=_count(entry.get("context_length")) or _count(details.get("context_length")),
    )


def _word(value: object) -> str:
    return printable(value) if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
