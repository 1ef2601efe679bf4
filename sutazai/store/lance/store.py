"""The port `DocumentStore` over LanceDB: one tenant's collections, a table each, and the originals beside them.

Owns the order of steps; how rows look, filters are built and indexes are kept is said in the modules next to it. The
event loop is never blocked, and nothing is loaded or opened before the first call that needs it.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Final

from sutazai.errors.knowledge import (
    CollectionBroken,
    CollectionBusy,
    CollectionMismatch,
    CollectionMissing,
    CollectionUnwritable,
    OriginalsUnwritable,
)
from sutazai.sdk.document import (
    Chunk,
    CollectionInfo,
    DocumentEntry,
    DocumentRecord,
    EmbedderInfo,
    Filter,
    Hit,
    Vectors,
)
from sutazai.sdk.ports import Clock
from sutazai.store.blobs import Blobs
from sutazai.store.lance import upkeep, writing
from sutazai.store.lance.collection import IS_CHUNK, IS_DOCUMENT, OpenCollection
from sutazai.store.lance.engine import told
from sutazai.store.lance.health import StoreHealth
from sutazai.store.lance.health import health as look
from sutazai.store.lance.manifest import Manifest
from sutazai.store.lance.migrations import MIGRATIONS, Migration
from sutazai.store.lance.places import Places, checked, folder_bytes, stem
from sutazai.store.lance.reindexing import Reindexing, outdated
from sutazai.store.lance.shelf import Shelf
from sutazai.store.lance.turns import turn
from sutazai.store.lance.upkeep import Budget

WAIT_S: Final = 120.0


class LanceStore:
    """One tenant's collections.

    Args:
        folder: holds the collections of every tenant; made when the first collection is.
        tenant: whose collections these are.
        clock: the time.
        wait_s: how long to wait for another writer.
        budget: when a collection is tended and its vectors are indexed.
        migrations: the steps of the schema; another list only in tests.
    """

    def __init__(
        self,
        folder: Path,
        *,
        tenant: str,
        clock: Clock,
        wait_s: float = WAIT_S,
        budget: Budget | None = None,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> None:
        self._places = Places(folder / stem(tenant))
        self._clock = clock
        self._wait_s = wait_s
        self._shelf = Shelf(self._places, wait_s=wait_s, migrations=migrations)
        self._budget = budget or Budget()
        self._left_bytes: dict[str, int] = {}
        self._reindexing = Reindexing(self._shelf, self._budget)
        self._blobs = Blobs(self._places.originals)

    async def close(self) -> None:
        """Closes every table; safe to call twice."""
        await self._shelf.engine.close()

    async def collections(self) -> list[CollectionInfo]:
        """Every collection, by name; one whose files are damaged is listed without documents."""
        found = [await self._info_or_bare(name) for name in await self._shelf.names()]
        return [each for each in found if each]

    async def collection(self, name: str) -> CollectionInfo | None:
        """One collection, or None."""
        try:
            return await self._shelf.reading(name, self._info)
        except CollectionMissing:
            return None

    async def _info_or_bare(self, name: str) -> CollectionInfo | None:
        try:
            return await self.collection(name)
        except CollectionBroken:
            manifest = await self._shelf.manifest(name)
            return CollectionInfo(name, manifest.embedder, 0, 0, await self._size(manifest)) if manifest else None

    async def _info(self, opened: OpenCollection) -> CollectionInfo:
        manifest = opened.manifest
        documents = await opened.table.count_rows(IS_DOCUMENT)
        chunks = await opened.table.count_rows(IS_CHUNK)
        size = await self._size(manifest)
        return CollectionInfo(manifest.name, manifest.embedder, documents, chunks, size, manifest.trained > 0)

    async def _size(self, manifest: Manifest) -> int:
        tables = [manifest.table, *([manifest.reindex.table] if manifest.reindex else [])]
        return sum([await self._table_bytes(table) for table in tables])

    async def documents(self, name: str, *, limit: int | None = None, offset: int = 0) -> list[DocumentRecord]:
        """The documents by name."""
        return await self._shelf.reading(name, lambda opened: opened.documents(limit, offset))

    async def document(self, name: str, document: str) -> DocumentRecord | None:
        """A document by its id, its name, or a unique prefix of its id."""
        return await self._shelf.reading(name, lambda opened: opened.document(document))

    async def chunks(self, name: str, document: str, first: int = 0, last: int | None = None) -> list[Chunk]:
        """The chunks `first` to `last` of a document, in order."""
        return await self._shelf.reading(name, lambda opened: opened.chunks(document, first, last))

    async def search_text(self, name: str, query: str, *, limit: int, where: Filter | None = None) -> list[Hit]:
        """The chunks that match words of the query best, titles and headings included (BM25)."""
        return await self._shelf.reading(name, lambda opened: opened.search_text(query, limit, where))

    async def search_vector(self, name: str, vector: bytes, *, limit: int, where: Filter | None = None) -> list[Hit]:
        """The chunks nearest to a vector, by cosine."""
        return await self._shelf.reading(name, lambda opened: opened.search_vector(vector, limit, where))

    async def read_original(self, sha256: str) -> bytes | None:
        """The bytes kept under a hash."""
        return await asyncio.to_thread(self._blobs.read, sha256)

    async def create(self, name: str, embedder: EmbedderInfo) -> None:
        """Makes a collection, or compares the embedder of the one that is there.

        Raises:
            CollectionMismatch: it is there, and other weights made its vectors.
            CollectionNameBad: the name is none for a collection.
        """
        manifest = await self._shelf.manifest(checked(name))
        if manifest is None:
            async with self._shelf.turn(name):
                manifest = await self._shelf.manifest(name)
                if manifest is None:
                    await self._shelf.clear(name)
                    manifest = await self._shelf.make(name, embedder)
        if manifest.embedder.digest != embedder.digest:
            raise CollectionMismatch(name, manifest.embedder.name, embedder.name)

    async def drop(self, name: str) -> None:
        """Removes a collection and everything that only it held.

        Raises:
            CollectionMissing: there is none of that name.
        """
        if not self._places.manifest(name).exists():
            raise CollectionMissing(name)
        async with self._shelf.turn(name):
            with told(name):
                self._places.manifest(name).unlink(missing_ok=True)
            await self._shelf.clear(name)
        await self._release(await asyncio.to_thread(self._blobs.names))

    async def put(self, name: str, entries: Sequence[DocumentEntry]) -> None:
        """Stores documents in one commit: new ones, and in place of older versions, of which nothing stays."""
        rows = await writing.prepared(entries, await self._shelf.there(name))
        documents = [entry.record.id for entry in entries]
        async with self._shelf.writing(name) as opened:
            before = await writing.hashes(opened, documents)
            changed = await writing.put(opened, rows)
            await outdated(self._shelf, opened, sorted(changed))
        await asyncio.to_thread(self._blobs.settle, [entry.record.sha256 for entry in entries])
        await self._release(set(before.values()) - {entry.record.sha256 for entry in entries})

    async def remove(self, name: str, documents: Sequence[str]) -> int:
        """Removes documents by id, in one commit; gives how many there were."""
        async with self._shelf.writing(name) as opened:
            before = await writing.remove(opened, documents)
        await self._release(before.values())
        return len(before)

    async def optimize(self, name: str, *, done: bool = True) -> None:
        """Folds what was added into the indexes and frees old versions, if enough has gathered.

        `done` is false where more is to be added at once: then much more must have gathered.
        Does nothing while another process writes. Searches go on meanwhile.
        """
        if not await self._shelf.reading(name, lambda opened: self._is_due(opened, done=done)):
            return
        with suppress(CollectionBusy):
            async with self._shelf.writing(name, wait=False) as opened:
                manifest = await upkeep.tend(opened, self._budget, done=done)
                if manifest != opened.manifest:
                    await self._shelf.note(manifest)
                await self._shelf.clear(name)
                self._left_bytes[manifest.table] = await self._table_bytes(manifest.table)
            await self._release(await asyncio.to_thread(self._blobs.names))

    async def _is_due(self, opened: OpenCollection, *, done: bool) -> bool:
        table = opened.manifest.table
        size, left = await self._table_bytes(table), self._left_bytes.get(table, 0)
        return await upkeep.is_due(opened, self._budget, disk_bytes=size, left_bytes=left, done=done)

    async def _table_bytes(self, table: str) -> int:
        return await asyncio.to_thread(folder_bytes, self._places.table(table))

    async def reindex_pending(self, name: str, embedder: EmbedderInfo, *, limit: int) -> list[Chunk]:
        """Chunks that have no vector of `embedder` yet; begins a change of weights if none to these is under way."""
        return await self._reindexing.pending(name, embedder, limit=limit)

    async def reindex_put(self, name: str, embedder: EmbedderInfo, chunks: Sequence[str], vectors: Vectors) -> None:
        """Keeps new vectors of chunks, beside the old ones, which go on being searched."""
        await self._reindexing.put(name, embedder, chunks, vectors)

    async def reindex_finish(self, name: str, embedder: EmbedderInfo) -> None:
        """Puts the new vectors in the place of the old ones, in one step.

        Raises:
            ReindexUnfinished: chunks have no new vector yet, e.g. because documents were added meanwhile.
        """
        await self._reindexing.finish(name, embedder)

    async def health(self) -> StoreHealth:
        """How the collections are, damaged ones included."""
        return await look(self._shelf)

    async def keep_original(self, data: bytes) -> str:
        """Keeps the bytes of a document under their sha256.

        Raises:
            OriginalsUnwritable: the disk is full, or the folder may not be written.
        """
        try:
            await asyncio.to_thread(self._places.prepare)
            async with self._originals():
                return await asyncio.to_thread(self._blobs.keep, data)
        except CollectionUnwritable as error:
            raise OriginalsUnwritable(error.reason) from error
        except OSError as error:
            raise OriginalsUnwritable(error.strerror or str(error)) from error

    def _originals(self) -> AbstractAsyncContextManager[None]:
        return turn(self._places.root / "originals.lock", "originals", wait_s=self._wait_s)

    async def _release(self, hashes: Iterable[str]) -> None:
        """Removes originals that no document of any collection holds. Where that cannot be told they stay."""
        names = sorted(set(hashes))
        if not names:
            return
        async with self._originals():
            unclaimed = await asyncio.to_thread(self._blobs.unclaimed, names)
            used = await self._in_use(unclaimed)
            if used is not None:
                await asyncio.to_thread(self._blobs.drop, [each for each in unclaimed if each not in used])

    async def _in_use(self, names: Sequence[str]) -> set[str] | None:
        used: set[str] = set()
        try:
            for collection in await self._shelf.names():
                used |= await self._shelf.reading(collection, lambda opened: writing.hashes_in_use(opened, names))
        except (CollectionBroken, CollectionMissing):
            return None
        return used
