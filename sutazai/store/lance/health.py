"""How collections are, for `doctor`: sizes, what waits to be indexed, and what is damaged. Changes nothing."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sutazai.errors.base import SutazAIError
from sutazai.store.lance import manifest as manifests
from sutazai.store.lance.collection import IS_CHUNK, IS_DOCUMENT, OpenCollection
from sutazai.store.lance.places import folder_bytes
from sutazai.store.lance.shelf import Shelf
from sutazai.store.lance.upkeep import measured


@dataclass(frozen=True, slots=True)
class CollectionHealth:
    """One collection.

    Attributes:
        fragments: of how many small files its table consists; many of them make searches slow.
        unindexed: rows that full-text search looks at one by one.
        trained: for how many chunks its vector index was made; 0: vectors are compared one by one.
        reindexing: the embedder that a change of weights under way leads to, else empty.
        error: why it cannot be used, else empty.
    """

    name: str
    embedder: str = ""
    documents: int = 0
    chunks: int = 0
    fragments: int = 0
    unindexed: int = 0
    trained: int = 0
    size_bytes: int = 0
    reindexing: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """Everything a tenant has."""

    folder: Path
    collections: tuple[CollectionHealth, ...]
    originals: int
    originals_bytes: int


async def health(shelf: Shelf) -> StoreHealth:
    """Looks at every collection; one that is damaged is told of and does not keep the others from being looked at."""
    places = shelf.places
    found = [await _one(shelf, path) for path in await asyncio.to_thread(places.manifests)]
    kept = await asyncio.to_thread(lambda: sum(1 for _ in places.originals.glob("??/*")))
    size = await asyncio.to_thread(folder_bytes, places.originals)
    return StoreHealth(places.root, tuple(sorted(found, key=lambda each: each.name)), kept, size)


async def _one(shelf: Shelf, path: Path) -> CollectionHealth:
    name = path.stem
    try:
        manifest = await asyncio.to_thread(manifests.read, path, "")
        name = manifest.name if manifest else name
        return await shelf.reading(name, lambda opened: _look(shelf, opened))
    except SutazAIError as error:
        return CollectionHealth(name, error=error.message)


async def _look(shelf: Shelf, opened: OpenCollection) -> CollectionHealth:
    manifest, table = opened.manifest, opened.table
    stats = await measured(table)
    return CollectionHealth(
        name=manifest.name,
        embedder=manifest.embedder.name,
        documents=await table.count_rows(IS_DOCUMENT),
        chunks=await table.count_rows(IS_CHUNK),
        fragments=stats.fragments,
        unindexed=stats.unindexed,
        trained=manifest.trained,
        size_bytes=await asyncio.to_thread(folder_bytes, shelf.places.table(manifest.table)),
        reindexing=manifest.reindex.embedder.name if manifest.reindex else "",
    )
