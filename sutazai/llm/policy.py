"""Decides which runtime and which model serve, and says why. Pure: everything it must know is passed in."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sutazai.errors.models import ModelUnavailable
from sutazai.llm.catalog import CATALOG, DEFAULT, Entry, find
from sutazai.llm.ollama_listing import OllamaModel
from sutazai.llm.weights.local import looks_like_path

Asked = Literal["auto", "ollama", "embedded"]
Runtime = Literal["ollama", "embedded"]
_EMBEDS: Final = re.compile(r"embed|minilm|\bbge\b|\be5\b|\bgte\b|\bbert\b|rerank", re.IGNORECASE)
_CODES: Final = re.compile(r"code|codestral|devstral", re.IGNORECASE)
_NO_CHAT: Final = re.compile(r"[:-]base\b|-base-|\bstarcoder", re.IGNORECASE)
# Smaller general models write sentences, not reviews.
_GENERAL_MIN_BYTES: Final = 1_000_000_000
_GIGA: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the choice depends on.

    Attributes:
        runtime: what was asked for.
        model: the model asked for, a path of a GGUF file included; empty: any.
        ollama: the models of the server, or why it does not answer.
        embedded: whether the embedded runtime is installed.
        installed: names of the catalogue whose weights are here.
        offline: nothing may be fetched because the machine is set so.
        may_download: weights may be fetched (never in a commit hook).
        memory_bytes: what a model of Ollama's may take; None: unknown, or not this machine's.
    """

    runtime: Asked = "auto"
    model: str = ""
    ollama: Sequence[OllamaModel] | str = "it was not asked"
    embedded: bool = True
    installed: frozenset[str] = frozenset()
    offline: bool = False
    may_download: bool = True
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What serves: `needs_download` is what has to be fetched first. `why` is one sentence for people."""

    runtime: Runtime
    model: str
    why: str
    needs_download: Entry | None = None


def choose(situation: Situation) -> Choice:
    """The runtime and the model for a situation.

    Raises:
        ModelUnavailable: nothing can serve; it says everything that was tried.
    """
    tried: list[str] = []
    for option in _options(situation):
        outcome = option(situation)
        if isinstance(outcome, Choice):
            return outcome
        tried.append(outcome)
    raise ModelUnavailable(situation.model or DEFAULT.name, tried, _others(situation))


def _others(situation: Situation) -> list[str]:
    """What could have been named, where the name that was given is of no model that we know."""
    if not situation.model or looks_like_path(situation.model) or find(situation.model) is not None:
        return []
    served = [] if isinstance(situation.ollama, str) else [each.name for each in situation.ollama if _chats(each)]
    fetched = [] if situation.runtime == "ollama" else [each.name for each in CATALOG if each.purpose == "code"]
    return sorted({*served, *fetched})


def _options(situation: Situation) -> list[Callable[[Situation], Choice | str]]:
    """What to try, first choice first. A file can only be served by the embedded runtime."""
    if situation.runtime == "ollama":
        return [_by_ollama]
    if situation.runtime == "embedded" or looks_like_path(situation.model):
        return [_by_embedded]
    return [_by_ollama, _by_embedded]


def _by_ollama(situation: Situation) -> Choice | str:
    if isinstance(situation.ollama, str):
        return f"Ollama: {situation.ollama}"
    if looks_like_path(situation.model):
        return "Ollama: it does not serve files"
    if situation.model:
        return _asked_of_ollama(situation.model, situation.ollama)
    best = max((m for m in situation.ollama if _suits(m, situation.memory_bytes)), key=_rank, default=None)
    if best is None:
        return "Ollama: it has no chat model that is fit for code"
    kind = "a code model" if _CODES.search(best.name) else "a chat model"
    return Choice("ollama", best.name, f"Ollama answers and has {best.name}, {kind} ({best.size_bytes / _GIGA:.1f} GB)")


def _asked_of_ollama(model: str, served: Sequence[OllamaModel]) -> Choice | str:
    wanted = {model.lower(), f"{model.lower()}:latest"}
    found = next((each for each in served if each.name.lower() in wanted), None)
    if found is None and (entry := find(model)):
        found = next((each for each in served if each.name.lower() == entry.name), None)
    if found is None:
        return f"Ollama: it does not have {model}"
    if not _chats(found):
        return f"Ollama: {found.name} cannot chat"
    return Choice("ollama", found.name, f"Ollama answers and has {found.name}, which was asked for")


def _by_embedded(situation: Situation) -> Choice | str:
    if not situation.embedded:
        return "embedded: the llama.cpp wheel is not installed on this platform"
    if looks_like_path(situation.model):
        return Choice("embedded", situation.model, "the embedded runtime serves the file that was named")
    entry = find(situation.model)
    if entry is None:
        return f"embedded: no weights are known for {situation.model}"
    if entry.purpose == "embedding":
        return f"embedded: {entry.name} makes vectors of documents and cannot chat"
    return _with_weights(situation, entry)


def _with_weights(situation: Situation, entry: Entry) -> Choice | str:
    if entry.name in situation.installed:
        return Choice("embedded", entry.name, f"{_reason(situation)}, and the weights of {entry.name} are here")
    if situation.offline:
        return _instead(situation) or f"embedded: the weights of {entry.name} are missing and this machine is offline"
    if not situation.may_download:
        missing = f"embedded: the weights of {entry.name} are missing and nothing may be fetched now"
        return _instead(situation) or missing
    why = f"{_reason(situation)}; the weights of {entry.name} have to be fetched first"
    return Choice("embedded", entry.name, why, needs_download=entry)


def _instead(situation: Situation) -> Choice | None:
    """Other weights fit for code that are here, where none were asked for by name."""
    if situation.model:
        return None
    here = next((e for e in CATALOG if e.purpose == "code" and e.name in situation.installed), None)
    if here is None:
        return None
    return Choice("embedded", here.name, f"{DEFAULT.name} is not here and cannot be fetched now, {here.name} is here")


def _reason(situation: Situation) -> str:
    """Why the embedded runtime is used."""
    if situation.runtime == "embedded":
        return "the embedded runtime was asked for"
    if isinstance(situation.ollama, str):
        return f"Ollama cannot be used ({situation.ollama})"
    return "Ollama answers but has no suitable model"


def _suits(model: OllamaModel, memory_bytes: int | None) -> bool:
    """Whether a model can be chosen unasked: it runs on that server, chats, is fit for code and fits the memory."""
    fits = memory_bytes is None or model.size_bytes <= memory_bytes
    able = bool(_CODES.search(model.name)) or model.size_bytes >= _GENERAL_MIN_BYTES
    return fits and able and not model.remote_host and _chats(model)


def _chats(model: OllamaModel) -> bool:
    if model.capabilities:
        return "completion" in model.capabilities and not _NO_CHAT.search(model.name)
    return not _EMBEDS.search(model.name) and not _NO_CHAT.search(model.name)


def _rank(model: OllamaModel) -> tuple[bool, int, str]:
    """Code models first, then the larger one; the name makes the order total."""
    return (bool(_CODES.search(model.name)), model.size_bytes, model.name)
