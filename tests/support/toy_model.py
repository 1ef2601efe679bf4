"""A toy that behaves as a model must, without one: deterministic text, limits, stops, schemas, log-probabilities.

Give `toy_reply` to a `ScriptedChat`. It proves nothing of a real runtime; it lets the same suite run in milliseconds.
"""

import json
import random
from collections.abc import Mapping
from typing import Any

from sutazai.errors.models import PromptTooLong
from sutazai.sdk.chat import ChatReply, ChatRequest, Finish, ModelInfo, TokenLogprob, Usage

CONTEXT_TOKENS = 2048
_WORDS = (" one", " two", " three", " four", ",", ".", " and", " the")


def toy_reply(request: ChatRequest) -> ChatReply | PromptTooLong:
    """The reply to a request; the same for the same request."""
    prompt = request.prompt if request.prompt is not None else " ".join(each.content for each in request.messages)
    count = toy_count(prompt)
    if count >= CONTEXT_TOKENS:
        return PromptTooLong("toy", count, CONTEXT_TOKENS)
    tokens = _tokens(request, prompt)
    text, stopped = _until_stop("".join(tokens), request.stop)
    kept = tokens[: request.max_tokens]
    if len(tokens) > request.max_tokens:
        text, stopped = _until_stop("".join(kept), request.stop)
    finish: Finish = "stop" if stopped or len(tokens) <= request.max_tokens else "length"
    logprobs = tuple(_logprob(each, request.top_logprobs) for each in kept) if request.top_logprobs else ()
    return ChatReply(text, finish, logprobs, Usage(count, len(kept)))


def toy_info() -> ModelInfo:
    """What the toy says of itself."""
    return ModelInfo("toy", "scripted", "0" * 64, CONTEXT_TOKENS, why="a test")


def toy_count(text: str) -> int:
    """The toy's tokens of a text: its words."""
    return len(text.split())


def _tokens(request: ChatRequest, prompt: str) -> list[str]:
    if request.json_schema is not None:
        text = json.dumps(_instance(request.json_schema))
        return [text[start : start + 4] for start in range(0, len(text), 4)]
    draw = random.Random(f"{prompt}{request.seed if request.temperature else 0}")
    return [draw.choice(_WORDS) for _ in range(10_000 if request.max_tokens > 10_000 else 600)]


def _until_stop(text: str, stops: tuple[str, ...]) -> tuple[str, bool]:
    places = [place for each in stops if (place := text.find(each)) >= 0]
    return (text[: min(places)], True) if places else (text, False)


def _logprob(token: str, count: int) -> TokenLogprob:
    others = [each for each in _WORDS * 3 if each != token]
    top = [TokenLogprob(token, -0.1), *(TokenLogprob(each, -3.0 - place) for place, each in enumerate(others))]
    return TokenLogprob(token, -0.1, tuple(top[:count]))


def _instance(schema: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    kinds = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "null": None}
    if schema.get("type") == "object":
        return {name: _instance(each) for name, each in schema.get("properties", {}).items()}
    return [_instance(schema["items"])] if schema.get("type") == "array" else kinds[schema["type"]]
