"""The rows of Ollama's error table that depend on the request alone: what is refused, with which status and text."""

import json
from collections.abc import Sequence
from typing import Any, Final


class Refused(Exception):
    """A request that the protocol server refuses."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


_THINK: Final = (True, False, None, "low", "medium", "high", "max")
_OPTION_TYPES: Final[dict[str, tuple[type | tuple[type, ...], str]]] = {
    "num_ctx": (int, "integer"),
    "num_predict": (int, "integer"),
    "num_keep": (int, "integer"),
    "seed": (int, "integer"),
    "top_k": (int, "integer"),
    "temperature": ((int, float), "float32"),
    "top_p": ((int, float), "float32"),
    "repeat_penalty": ((int, float), "float32"),
    "stop": (list, "array"),
}


def go_json(body: bytes) -> Any:
    """The body as an object, refused as Go's decoder would."""
    if not body:
        raise Refused(400, "missing request body")
    try:
        item = json.loads(body)
    except ValueError:
        raise Refused(400, "invalid character 'x' looking for beginning of value") from None
    if not isinstance(item, dict):
        raise Refused(400, "json: cannot unmarshal array into Go value of type api.ChatRequest")
    return item


def check_name(name: object, status: int, text: str) -> None:
    """Refuses a model name that is none."""
    if not isinstance(name, str) or not name or any(each in name for each in " \n<>"):
        raise Refused(status, text)


def check_generation(kind: str, body: Any, capabilities: Sequence[str]) -> None:
    """Refuses what chat and generate refuse before they load a model."""
    name = body["model"]
    if "completion" not in capabilities:
        raise Refused(400, f'"{name}" does not support {kind}')
    if body.get("tools") and "tools" not in capabilities:
        raise Refused(400, f"{name} does not support tools")
    _check_think(name, body.get("think"), capabilities)
    if not 0 <= body.get("top_logprobs", 0) <= 20:
        raise Refused(400, "top_logprobs must be between 0 and 20")
    _check_options(body.get("options") or {})
    found = body.get("format")
    if found not in (None, "", "json") and not isinstance(found, dict):
        raise Refused(500, f'invalid format: {json.dumps(found)}; expected "json" or a valid JSON Schema object')


def _check_think(name: str, think: object, capabilities: Sequence[str]) -> None:
    if think not in _THINK:
        raise Refused(400, f'invalid think value: "{think}" (must be "high", "medium", "low", "max", true, or false)')
    if think and "thinking" not in capabilities:
        raise Refused(400, f'"{name}" does not support thinking')


def _check_options(options: dict[str, Any]) -> None:
    for key, value in options.items():
        if key in _OPTION_TYPES:
            wanted, called = _OPTION_TYPES[key]
            if not isinstance(value, wanted) or isinstance(value, bool):
                raise Refused(500, f'option "{key}" must be of type {called}')
