"""Counts what the recipes ask of a model, in the form of a model itself. Changes no request and no reply."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from sutazai.sdk.chat import ChatChunk, ChatRequest, ModelInfo, Usage
from sutazai.sdk.ports import ChatModel


class Meter:
    """A model that keeps count.

    Attributes:
        calls: requests made.
        usage: of all of them.
        truncated: whether any reply lost a part of its prompt or ended without saying so.
    """

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat
        self.calls = 0
        self.usage = Usage()
        self.truncated = False

    @property
    def info(self) -> ModelInfo:
        """The counted model's."""
        return self._chat.info

    async def open(self) -> None:
        """Opens the counted model."""
        await self._chat.open()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """The counted model's reply."""
        self.calls += 1
        ended = False
        async with aclosing(self._chat.stream(request)) as stream:
            async for chunk in stream:
                self.usage += chunk.usage
                ended = ended or chunk.finish is not None
                self.truncated = self.truncated or chunk.finish == "truncated"
                yield chunk
        self.truncated = self.truncated or not ended

    async def close(self) -> None:
        """Closes the counted model."""
        await self._chat.close()
