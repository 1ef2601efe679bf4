"""Opens what documents need: stores, embedder, reranker, reader. Imports none of them before its first use."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sutazai.errors.knowledge import CollectionBroken
from sutazai.sdk.events import Event, Progress
from sutazai.sdk.ports import Clock
from sutazai.sdk.principal import local_principal
from sutazai.settings.load import Loaded

if TYPE_CHECKING:
    from sutazai.sdk.knowledge import DocumentReader, DocumentStore, Embedder, Reranker

Emit = Callable[[Event], None]


class KnowledgeResources:
    """The adapters of documents, opened on first use and closed with `stack`. Two runs at once get the same ones."""

    def __init__(self, loaded: Loaded, folder: Path, stack: AsyncExitStack, clock: Clock) -> None:
        self._loaded = loaded
        self._folder = folder
        self._stack = stack
        self._clock = clock
        self._stores: dict[str, DocumentStore] = {}
        self._embedder: Embedder | None = None
        self._reranker: Reranker | None = None
        self._choosing = asyncio.Lock()

    async def documents(self, tenant: str) -> "DocumentStore":
        """The collections of a tenant."""
        from sutazai.store.lance.store import LanceStore  # noqa: PLC0415 (loaded only when used)

        if tenant not in self._stores:
            store = LanceStore(self._loaded.folders.documents, tenant=tenant, clock=self._clock)
            self._stack.push_async_callback(store.close)
            self._stores[tenant] = store
        return self._stores[tenant]

    async def embedder(self, emit: Emit) -> "Embedder":
        """The chosen embedding model, its weights fetched; not opened."""
        from sutazai.runtime.embedders import choose_embedder  # noqa: PLC0415 (loaded only when used)

        async with self._choosing:
            if self._embedder is None:
                self._embedder = await choose_embedder(self._loaded, emit)
                self._stack.push_async_callback(self._embedder.close)
        return self._embedder

    async def reader(self, emit: Emit) -> "DocumentReader":
        """Turns the caller's files into text; how far it is in a long one goes to `emit`, so each run has its own."""
        from sutazai.reading.reader import FileReader  # noqa: PLC0415 (loaded only when used)

        def on_page(name: str, number: int) -> None:
            emit(Progress(phase="pages", done=number, unit="pages", label=name))

        docs, own = self._loaded.settings.docs, self._loaded.folders
        reader = FileReader(
            self._folder,
            max_file_bytes=docs.max_file_bytes,
            timeout_s=docs.parse_timeout_s,
            memory_bytes=docs.parse_memory_bytes,
            without=(own.config, own.data, own.cache),
            on_page=on_page,
        )
        self._stack.push_async_callback(reader.close)
        return reader

    async def reranker(self, emit: Emit) -> "Reranker | None":
        """The chosen cross-encoder, None where none is configured."""
        if not self._loaded.settings.docs.reranker:
            return None
        from sutazai.runtime.embedders import choose_reranker  # noqa: PLC0415 (loaded only when used)

        async with self._choosing:
            if self._reranker is None:
                self._reranker = await choose_reranker(self._loaded, emit)
        return self._reranker


def collection_names(loaded: Loaded) -> list[str]:
    """The collections of the person at this machine, without opening any: for completing what is being typed."""
    from sutazai.store.lance import manifest  # noqa: PLC0415 (loaded only when used)
    from sutazai.store.lance.places import Places, stem  # noqa: PLC0415

    names = []
    for path in Places(loaded.folders.documents / stem(local_principal().tenant)).manifests():
        with suppress(CollectionBroken):
            found = manifest.read(path, "")
            names += [found.name] if found else []
    return sorted(names)
