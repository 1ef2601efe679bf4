"""One reply of an Ollama server, from request to last chunk: waiting, asking again, noticing a broken end.

Knows nothing of how the model was opened. What was handed out is never taken back: from the first piece on, a failure
is final.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sutazai.errors.models import ModelError
from sutazai.errors.ollama import NotOllama, OllamaSilent
from sutazai.llm import ollama_wire as wire
from sutazai.llm.ollama_errors import Asked, Refusal, error_of, text_of
from sutazai.llm.ollama_retry import Backoff, Retries
from sutazai.sdk.chat import ChatChunk, ChatRequest

if TYPE_CHECKING:
    from sutazai.llm.ollama_client import OllamaClient

_Item = dict[str, Any]
_UNENDED: Final[Mapping[str, Any]] = {"done_reason": "closed"}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait.

    Attributes:
        first_s: for the first token: the queue, loading the model, reading the prompt.
        gap_s: from one token to the next.
        backoff: before a busy server is asked again.
    """

    first_s: float
    gap_s: float
    backoff: Backoff


@dataclass(frozen=True, slots=True)
class Talk:
    """Whom to ask, and how. `context_tokens` is what the server really gives, at most what `serving` asks for."""

    client: "OllamaClient"
    serving: wire.Serving
    context_tokens: int
    patience: Patience

    def asked(self, tokens: int = 0) -> Asked:
        """What an error is told of the question."""
        return Asked(self.client.url, self.serving.model, tokens, self.context_tokens)

    async def reply(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """The chunks of a reply; the last one has `finish`.

        Raises:
            ModelError: also after asking again, where that makes sense.
        """
        retries = Retries(self.patience.backoff)
        started = False
        while True:
            try:
                async with aclosing(self._once(request)) as chunks:
                    async for chunk in chunks:
                        started = True
                        yield chunk
            except ModelError as error:
                if started or not await retries.again(error):
                    raise
            else:
                return

    async def _once(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        end = _UNENDED
        async with aclosing(self._items(request)) as items:
            async for item in items:
                chunk = self._chunk(item, request)
                if chunk.text or chunk.logprobs:
                    yield chunk
                if item.get("done") is True:
                    end = item
                    break
        yield self._last(end, request)

    async def _items(self, request: ChatRequest) -> AsyncGenerator[_Item, None]:
        asked = self.asked(wire.estimate(request))
        objects = self.client.objects(wire.path_of(request), wire.body_of(request, self.serving), asked=asked)
        left = 2 * request.max_tokens + 16
        async with aclosing(objects):
            item = await self._within(self.patience.first_s, "first token", objects)
            while item is not None:
                self._checked(item, asked, left)
                yield item
                left -= 1
                item = await self._within(self.patience.gap_s, "next token", objects)

    async def _within(self, limit_s: float, waited_for: str, objects: AsyncGenerator[_Item, None]) -> _Item | None:
        try:
            async with asyncio.timeout(limit_s):
                return await anext(objects, None)
        except TimeoutError:
            raise OllamaSilent(self.serving.model, limit_s, waited_for) from None

    def _checked(self, item: _Item, asked: Asked, left: int) -> None:
        if "error" in item:
            raise error_of(Refusal(0, text_of(item["error"])), asked)
        if left <= 0:
            raise NotOllama(asked.host, "the reply goes on after the limit that was set")

    def _chunk(self, item: _Item, request: ChatRequest) -> ChatChunk:
        try:
            return wire.chunk_of(item, request)
        except ValueError as error:
            raise NotOllama(self.client.url, str(error)) from None

    def _last(self, end: Mapping[str, Any], request: ChatRequest) -> ChatChunk:
        try:
            return wire.last_chunk_of(end, request, self.context_tokens)
        except ValueError as error:
            raise NotOllama(self.client.url, str(error)) from None
