"""A server of vectors that count words, in a thread of its own: cheap, the same each time, and reached by any process.

It speaks as Ollama does, so whatever embeds by it is the real command with a real embedder; only the model is none.
"""

import asyncio
import threading
from array import array
from types import TracebackType
from typing import Final, Self

from sutazai.sdk.testing import ScriptedChat
from sutazai.sdk.testing_documents import WordEmbedder
from tests.support.ollama_server import OllamaServer, Served

_DIMENSIONS: Final = 32


class WordServer:
    """Serves while the block is open.

    Attributes:
        model: its name on the server.
        url: where it listens.
        pause_s: how long it takes for each text.
    """

    model: Final = "words"

    def __init__(self) -> None:
        self.url = ""
        self.pause_s = 0.0
        self._words = WordEmbedder(dimensions=_DIMENSIONS, max_tokens=10_000)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._listening = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop and self._over:
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        served = Served(ScriptedChat([]), capabilities=("embedding",), vectors=self._vectors)
        async with OllamaServer({f"{self.model}:latest": served}) as server:
            self.url = server.url
            self._listening.set()
            await self._over.wait()

    async def _vectors(self, texts: list[str]) -> list[list[float]]:
        await asyncio.sleep(self.pause_s * len(texts))
        made = await self._words.embed(texts)
        return [list(array("f", made.row(at))) for at in range(len(texts))]
