"""Which failure a server's answer means, by status and text: Ollama has no error codes.

Pure. The text comes from outside: it is shortened and made printable here, before anybody sees it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from socket import gaierror
from typing import Final

from sutazai.errors import ollama as errors
from sutazai.errors.models import ModelError, PromptTooLong

SHOWN: Final = 300  # characters of a server's text that reach a person


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of whom, so that an error can say it. `tokens` is our estimate of the prompt's length."""

    host: str
    model: str
    tokens: int = 0
    context_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the server said. `status` is 0 for an error line inside a stream; `spoken` tells that it was JSON."""

    status: int
    text: str
    spoken: bool = True


_Build = Callable[[Asked, Refusal], ModelError]


@dataclass(frozen=True, slots=True)
class _Row:
    build: _Build
    statuses: frozenset[int] = frozenset()
    pattern: re.Pattern[str] | None = None

    def fits(self, refusal: Refusal) -> bool:
        if self.statuses and refusal.status not in self.statuses:
            return False
        return self.pattern is None or self.pattern.search(refusal.text) is not None


def _row(build: _Build, *statuses: int, text: str = "") -> _Row:
    return _Row(build, frozenset(statuses), re.compile(text, re.IGNORECASE) if text else None)


def _too_long(asked: Asked, _: Refusal) -> ModelError:
    # The server knows the exact count and does not tell it: more than the context is certain.
    return PromptTooLong(asked.model, max(asked.tokens, asked.context_tokens + 1), asked.context_tokens)


# The order counts: the first row that fits decides.
_ROWS: Final = (
    _row(lambda a, _: errors.OllamaHostRefused(a.host), 403, text=r"\A\Z"),
    _row(
        _too_long,
        text=r"longer than the context length|exceeds? the (available )?context|exceed_context_size|too large to proc",
    ),
    _row(lambda a, _: errors.OllamaModelMissing(a.model), 0, 404, text=r"\Amodel ['\"].*['\"] not found"),
    _row(lambda a, r: errors.OllamaModelUnsuitable(a.model, r.text), text=r"does not support|invalid model name"),
    _row(lambda a, _: errors.OllamaBusy(a.host), 503),
    _row(lambda a, _: errors.OllamaBusy(a.host), 0, text=r"\Aserver busy"),
    _row(lambda a, _: errors.OllamaSignInNeeded(a.host, a.model), 401),
    _row(lambda a, r: errors.OllamaRemoteFailed(a.model, r.status, r.text), 403, 429, 502, 504),
    _row(
        lambda a, r: errors.OllamaOutOfMemory(a.model, r.text),
        text=r"out of memory|more system memory|insufficient memory|(unable|failed) to allocate|malloc|bad_alloc",
    ),
    _row(
        lambda a, r: errors.OllamaRunnerStopped(a.model, r.text),
        text=r"runner has unexpectedly stopped|runner process (has terminated|no longer running)",
    ),
    _row(
        lambda a, r: errors.OllamaLoadFailed(a.model, r.text),
        text=r"timed out waiting for|(error|failed|unable to|failure) (to )?load|loading model",
    ),
    _row(lambda a, r: errors.OllamaRequestRefused(a.model, r.text), 500, text=r"\Aoption \"|\Ainvalid format"),
)
_UNSPOKEN: Final = frozenset({404, 405})


def refusal_of(status: int, body: bytes) -> Refusal:
    """What an error answer says; never fails, whatever the bytes are."""
    try:
        item = json.loads(body)
    except (ValueError, RecursionError):
        return Refusal(status, printable(body.decode("utf-8", "replace")), spoken=False)
    if isinstance(item, dict) and "error" in item:
        return Refusal(status, text_of(item["error"]))
    return Refusal(status, printable(body.decode("utf-8", "replace")), spoken=False)


def text_of(error: object) -> str:
    """The text of an `error` field: a string by the protocol, an object with `message` on the OpenAI side."""
    if isinstance(error, dict):
        error = error.get("message", error)
    return printable(error) if isinstance(error, str) else "an error without text"


def error_of(refusal: Refusal, asked: Asked) -> ModelError:
    """The failure that an answer means, with its next step."""
    if not refusal.spoken and (refusal.status in _UNSPOKEN or refusal.status < 400):  # noqa: PLR2004 (HTTP)
        return errors.NotOllama(asked.host, f"status {refusal.status}")
    for row in _ROWS:
        if row.fits(refusal):
            return row.build(asked, refusal)
    if 400 <= refusal.status < 500:  # noqa: PLR2004 (HTTP)
        return errors.OllamaRequestRefused(asked.model, refusal.text or f"status {refusal.status}")
    return errors.OllamaServerFailed(asked.model, refusal.status, refusal.text)


def printable(text: str) -> str:
    """Text from outside, on one line, without control characters, not longer than `SHOWN`."""
    short = " ".join("".join(each if each.isprintable() else " " for each in text[: 4 * SHOWN]).split())
    return short if len(short) <= SHOWN else short[: SHOWN - 1] + "…"


def connection_reason(error: BaseException) -> str:
    """Why there is no connection, in the system's words: libraries wrap them in "all connection attempts failed"."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
        if isinstance(cause, ConnectionRefusedError):
            return "the connection was refused"
        if isinstance(cause, TimeoutError):
            return "no connection in time"
        if isinstance(cause, gaierror):
            return "the name is not known"
        cause = cause.__cause__ or cause.__context__
    return printable(str(error)) or "the connection was cut"
