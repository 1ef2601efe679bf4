"""Answers of an Ollama server without a socket: a queue of answers for generations, fixed ones for the rest."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import httpx

from sutazai.llm.ollama import OllamaChat
from sutazai.llm.ollama_retry import Backoff
from sutazai.sdk.chat import ChatChunk, ChatReply, ChatRequest, TokenLogprob

HOST = "http://127.0.0.1:11434"
NAME = "coder:7b"
DIGEST = "cd" * 32

Answer = httpx.Response | Exception


def lines(*items: Any, pieces: int = 0) -> httpx.Response:
    """A stream of these objects (bytes are sent as they are), in pieces of that many bytes."""
    data = b"".join(each if isinstance(each, bytes) else json.dumps(each).encode() + b"\n" for each in items)
    step = pieces or max(1, len(data))
    return streamed([data[start : start + step] for start in range(0, len(data), step)])


def streamed(parts: Iterable[bytes | Exception]) -> httpx.Response:
    """A stream of these pieces; an exception breaks the connection there."""
    return httpx.Response(200, stream=_Parts(parts))


class _Parts(httpx.AsyncByteStream):
    def __init__(self, parts: Iterable[bytes | Exception]) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for each in self._parts:
            if isinstance(each, Exception):
                raise each
            yield each


def unread(response: httpx.Response) -> httpx.Response:
    """The same response as it comes from a network: nothing of it read yet."""
    return httpx.Response(response.status_code, headers=response.headers, stream=response.stream)


def refusal(status: int, error: str) -> httpx.Response:
    """An answer that refuses, before any stream."""
    return httpx.Response(status, json={"error": error})


def piece(text: str, *tokens: TokenLogprob, done: bool = False, **more: Any) -> dict[str, Any]:
    """One object of a stream, good for both endpoints."""
    item: dict[str, Any] = {"response": text, "message": {"role": "assistant", "content": text}, "done": done}
    if tokens:
        item["logprobs"] = [_logprob(each) for each in tokens]
    return item | more


def _logprob(token: TokenLogprob) -> dict[str, Any]:
    item: dict[str, Any] = {"token": token.token, "logprob": token.logprob}
    return item | {"top_logprobs": [_logprob(each) for each in token.top]}


def end(reason: str = "stop", **more: Any) -> dict[str, Any]:
    """The last object of a stream."""
    return piece("", done=True, done_reason=reason, prompt_eval_count=3, eval_count=1, **more)


def first_token() -> httpx.Response:
    """A good answer to the request that `open` makes."""
    return lines(piece(" 3", TokenLogprob(" 3", -0.1)), end("length"))


class OllamaMock:
    """Answers by path; generations after the one of `open` take from `answers`.

    Args:
        answers: for the generations asked for, in order.
        first: for the generation that `open` makes, in order; afterwards a good one.
        replace: other answers for a path.
    """

    def __init__(
        self,
        *answers: Answer,
        first: Sequence[Answer] = (),
        replace: dict[str, Any] | None = None,
    ) -> None:
        self.answers = list(answers)
        self.first = list(first)
        self.replace = replace or {}
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def chat(self, **settings: Any) -> OllamaChat:
        """A chat model that speaks to this."""
        backoff = Backoff(sleep=self._sleep, draw=lambda: 1.0)
        transport = httpx.MockTransport(self._answer)
        return OllamaChat(NAME, **({"host": HOST, "backoff": backoff, "transport": transport} | settings))

    def bodies(self, path: str) -> list[Any]:
        """What was asked of a path."""
        return [json.loads(each.content) for each in self.requests if each.url.path == path]

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._pick(request)
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return unread(answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer))

    def _pick(self, request: httpx.Request) -> Any:
        path = request.url.path
        if path in self.replace:
            return self.replace[path]
        if path in {"/api/generate", "/api/chat"}:
            opening = b'"num_predict":1,' in request.content.replace(b" ", b"") and b"1, 2," in request.content
            if opening:
                return self.first.pop(0) if self.first else first_token()
            return self.answers.pop(0)
        return {
            "/api/tags": {"models": [{"name": NAME, "digest": DIGEST}, {"name": "other:latest"}]},
            "/api/show": {"capabilities": ["completion"], "model_info": {}},
            "/api/ps": {"models": [{"name": NAME, "context_length": 4096}]},
            "/api/version": {"version": "0.15.2"},
        }[path]


async def reply_of(chat: Any, request: ChatRequest | None = None) -> ChatReply:
    """The whole reply of a chat model, put together."""
    chunks: list[ChatChunk] = [each async for each in chat.stream(request or ChatRequest(prompt="say"))]
    last = chunks[-1]
    assert last.finish is not None
    assert all(each.finish is None for each in chunks[:-1])
    logprobs = tuple(token for each in chunks for token in each.logprobs)
    return ChatReply("".join(each.text for each in chunks), last.finish, logprobs, last.usage)
