"""The real ingest and search over texts that lie in a bench's files, for the benches of this folder.

Documents come as they are, without files and children; embedder and store are the real ones unless a test gives others.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sutazai.hardware.cores import usable_cores
from sutazai.llm.catalog import find
from sutazai.llm.embedding.embedded import EmbeddedEmbedder
from sutazai.llm.embedding.recipes import RECIPES
from sutazai.llm.fetch import fetch
from sutazai.rag.ingest import add
from sutazai.rag.request import AddRequest
from sutazai.runtime.clock import SystemClock
from sutazai.sdk.agent import PERMISSIONS, AgentContext
from sutazai.sdk.document import DocumentSource, ParsedDocument
from sutazai.sdk.knowledge import DocumentSources, DocumentStore, Embedder
from sutazai.sdk.principal import local_principal
from sutazai.sdk.testing import FixedClock, MemoryPorts
from sutazai.settings.folders import folders
from sutazai.store.lance.store import LanceStore


class Texts:
    """Implements the port `DocumentReader` over documents by name."""

    def __init__(self, documents: Mapping[str, ParsedDocument]) -> None:
        self._documents = documents

    async def collect(self, paths: Sequence[str], *, exclude: Sequence[str] = ()) -> DocumentSources:
        """All of them."""
        found = [DocumentSource(name, data=each.text.encode()) for name, each in self._documents.items()]
        return DocumentSources(tuple(found))

    async def original(self, source: DocumentSource) -> bytes:
        """The text's bytes."""
        return source.data or b""

    async def read(self, source: DocumentSource, data: bytes) -> ParsedDocument:
        """The document."""
        return self._documents[source.name]


class Ports(MemoryPorts):
    """The ports of a bench."""

    def __init__(self, reader: Texts, store: DocumentStore, embedder: Embedder) -> None:
        super().__init__()
        self._reader, self._store, self._embedder = reader, store, embedder

    async def documents(self, tenant: str) -> Any:
        """The store."""
        return self._store

    async def embedder(self) -> Any:
        """The embedder."""
        return self._embedder

    async def reader(self) -> Any:
        """The texts."""
        return self._reader


def context_of(reader: Texts, store: DocumentStore, embedder: Embedder) -> AgentContext:
    """What the functions of the feature are called with."""

    async def call(capability: str, request: BaseModel) -> BaseModel:
        raise AssertionError(capability)

    return AgentContext(
        capability="bench",
        permissions=frozenset(PERMISSIONS),
        ports=Ports(reader, store, embedder),
        emit=lambda event: None,
        principal=local_principal(),
        clock=FixedClock(),
        call=call,
    )


async def filled(
    documents: Mapping[str, ParsedDocument], collection: str, store: DocumentStore, embedder: Embedder
) -> AgentContext:
    """A context whose store holds these documents under their names."""
    context = context_of(Texts(documents), store, embedder)
    report = await add(AddRequest(paths=(".",), collection=collection), context)
    if report.skipped:
        raise RuntimeError(f"not added: {report.skipped[:3]}")
    return context


def lance(folder: Path) -> AbstractAsyncContextManager[DocumentStore]:
    """A store in a folder, closed at the end."""

    @asynccontextmanager
    async def opened() -> Any:
        store = LanceStore(folder, tenant="bench", clock=SystemClock())
        try:
            yield store
        finally:
            await store.close()

    return opened()


async def real_embedder() -> Embedder:
    """The embedder that is the default, opened; its weights are fetched once."""
    entry = find(RECIPES[0].name)
    assert entry is not None
    named = os.environ.get("SUTAZAI_TEST_CACHE")
    folder = Path(named) if named else folders(os.environ).models
    embedder = EmbeddedEmbedder(RECIPES[0], await fetch(entry, folder), folder, threads=usable_cores())
    await embedder.open()
    return embedder
