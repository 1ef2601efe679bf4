"""Our requests as Ollama's JSON, and Ollama's JSON as our chunks. Pure; what comes in is not trusted.

Every request carries `shift: false` and `truncate: false` (else Ollama throws half of a long prompt away and says
nothing), the same `num_ctx` (another value reloads the model) and a limit on the reply.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sutazai.sdk.chat import ChatChunk, ChatRequest, Finish, TokenLogprob, Usage

_CONTEXT_STEP: Final = 2048
_FEWEST: Final = 0.6  # less than this share of the estimate: something was cut
_FINISHES: Final[Mapping[str, Finish]] = {"stop": "stop", "length": "length"}


@dataclass(frozen=True, slots=True)
class Serving:
    """How one model is asked: the same in every request, since a change makes the server load it anew."""

    model: str
    context_tokens: int
    keep_alive: str = "5m"
    thinks: bool = False


def context_step(context_tokens: int) -> int:
    """The next multiple of 2048: near values share one loaded model."""
    return max(1, math.ceil(context_tokens / _CONTEXT_STEP)) * _CONTEXT_STEP


def path_of(request: ChatRequest) -> str:
    """The endpoint for a request: raw text or messages."""
    return "/api/generate" if request.prompt is not None else "/api/chat"


def body_of(request: ChatRequest, serving: Serving) -> dict[str, Any]:
    """The whole JSON body of a request."""
    body: dict[str, Any] = {
        "model": serving.model,
        "stream": True,
        "shift": False,
        "truncate": False,
        "keep_alive": keep_alive_of(serving.keep_alive),
        "options": _options(request, serving),
    }
    if request.prompt is not None:
        body |= {"prompt": request.prompt, "raw": True}
    else:
        body["messages"] = [{"role": each.role, "content": each.content} for each in request.messages]
    if request.top_logprobs:
        body |= {"logprobs": True, "top_logprobs": request.top_logprobs}
    if request.json_schema is not None:
        body["format"] = dict(request.json_schema)
    if serving.thinks:
        body["think"] = False
    return body


def _options(request: ChatRequest, serving: Serving) -> dict[str, Any]:
    return {
        "num_ctx": serving.context_tokens,
        "num_predict": request.max_tokens,
        "temperature": request.temperature,
        "seed": request.seed,
        "stop": list(request.stop),
        # Old servers punish repetition by default, which bends probabilities and code alike.
        "repeat_penalty": 1.0,
    }


def keep_alive_of(text: str) -> str | float:
    """How long a model stays loaded, as JSON says it."""
    # Go reads "5m" as a duration; a bare number counts as seconds only if it is a JSON number.
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number.is_integer() else number


def estimate(request: ChatRequest) -> int:
    """About how many tokens the prompt has: three bytes each, which is many for code and few for digits."""
    return math.ceil(_bytes_of(request) / 3)


def _bytes_of(request: ChatRequest) -> int:
    texts = [request.prompt] if request.prompt is not None else [each.content for each in request.messages]
    return sum(len(each.encode("utf-8", "replace")) for each in texts)


def was_cut(request: ChatRequest, prompt_tokens: int, context_tokens: int) -> bool:
    """Whether the server threw a part of the prompt away without saying so, as one that ignores `shift` does.

    A cut prompt has about half the context left (num_ctx - (num_ctx - num_keep) / 2, with four or five tokens kept), or
    far fewer tokens than its text needs. Where each byte could be a token and still all would fit, nothing was cut;
    where only the estimate fits, a small count is no sign: old servers leave tokens from their cache out of it.
    """
    if not prompt_tokens or _bytes_of(request) < context_tokens:
        return False
    if -2 <= prompt_tokens - context_tokens // 2 <= 3:  # noqa: PLR2004 (see above)
        return True
    expected = estimate(request)
    return expected >= context_tokens and prompt_tokens < _FEWEST * expected


def chunk_of(item: Mapping[str, Any], request: ChatRequest) -> ChatChunk:
    """The text and log-probabilities of one object of a stream; no `finish` yet.

    Raises:
        ValueError: the object is not of the protocol; the text says what is wrong with it.
    """
    if request.prompt is not None:
        text = item.get("response", "")
    else:
        message = item.get("message", {})
        if not isinstance(message, Mapping):
            raise ValueError("`message` is no object")
        text = message.get("content", "")
    return ChatChunk(_text(text), _logprobs(item.get("logprobs"), request.top_logprobs))


def last_chunk_of(item: Mapping[str, Any], request: ChatRequest, context_tokens: int) -> ChatChunk:
    """The end of a reply, from the object with `done`.

    Raises:
        ValueError: the object is not of the protocol.
    """
    usage = Usage(_count(item.get("prompt_eval_count")), _count(item.get("eval_count")))
    # Servers older than `done_reason` only ever said `done`.
    finish = _FINISHES.get(_text(item.get("done_reason", "stop")), "truncated")
    if was_cut(request, usage.prompt_tokens, context_tokens):
        finish = "truncated"
    return ChatChunk(finish=finish, usage=usage)


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError("a text is no string")  # noqa: TRY004 (the caller knows one failure: not the protocol)
    # JSON can carry half a surrogate pair, which no file and no terminal can take.
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _logprobs(value: object, wanted: int) -> tuple[TokenLogprob, ...]:
    if value is None or not wanted:
        return ()
    if not isinstance(value, list):
        raise ValueError("`logprobs` is no list")  # noqa: TRY004 (the caller knows one failure: not the protocol)
    return tuple(_token(each, wanted) for each in value)


def _token(value: object, wanted: int) -> TokenLogprob:
    if not isinstance(value, Mapping):
        raise ValueError("a log-probability is no object")  # noqa: TRY004 (the caller knows one failure)
    top = value.get("top_logprobs") if wanted else None
    if not isinstance(top, list | None):
        raise ValueError("`top_logprobs` is no list")  # noqa: TRY004 (the caller knows one failure)
    alternatives = sorted((_token(each, 0) for each in top or ()), key=lambda each: -each.logprob)
    return TokenLogprob(_text(value.get("token")), _logprob(value.get("logprob")), tuple(alternatives[:wanted]))


def _logprob(value: object) -> float:
    # Rounding in the server may give a hair over 0, the logarithm of certainty.
    if isinstance(value, int | float) and -math.inf < value < math.inf:
        return float(max(min(value, 0), -1e9))
    raise ValueError("a log-probability is no number")
