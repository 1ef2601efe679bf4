"""A change of weights: new vectors gather in a table of their own while the old ones are searched, then take over.

Resumable by any process at any time: what has no new vector yet is what the one table has and the other lacks.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sutazai.errors.knowledge import CollectionMismatch, ReindexUnfinished
from sutazai.sdk.document import Chunk, EmbedderInfo, Vectors
from sutazai.store.lance.collection import IS_CHUNK, OpenCollection
from sutazai.store.lance.engine import persistently
from sutazai.store.lance.manifest import Manifest, Reindex
from sutazai.store.lance.rows import schema, vectors_array
from sutazai.store.lance.upkeep import Budget, index_vectors, index_words, wants_index
from sutazai.store.lance.where import one_of
from sutazai.store.lance.writing import merge

if TYPE_CHECKING:
    import pyarrow as pa
    from lancedb.table import AsyncTable

    from sutazai.store.lance.shelf import Shelf

_AT_ONCE: Final = 2_000
_INDEXED_FROM: Final = 20_000


@dataclass
class _Queue:
    """Chunks that had no new vector when it was made, those put since left out."""

    digest: str
    ids: list[str] = field(default_factory=list)


class Reindexing:
    """Changes of weights of one tenant's collections.

    Args:
        shelf: opens collections.
        budget: from how many chunks on vectors are indexed.
    """

    def __init__(self, shelf: "Shelf", budget: Budget) -> None:
        self._shelf = shelf
        self._budget = budget
        self._queues: dict[str, _Queue] = {}

    async def pending(self, name: str, embedder: EmbedderInfo, *, limit: int) -> list[Chunk]:
        """Chunks without a vector of `embedder`; begins a change of weights if none to these is under way."""
        manifest = await self._shelf.there(name)
        if _under_way(manifest, embedder) is None:
            if manifest.embedder.digest == embedder.digest:
                return []
            await self._begin(name, embedder)
        queue = self._queues.get(name)
        if queue is None or queue.digest != embedder.digest:
            queue = self._queues[name] = _Queue(embedder.digest)
        return await self._next(name, queue, embedder, limit)

    async def _next(self, name: str, queue: _Queue, embedder: EmbedderInfo, limit: int) -> list[Chunk]:
        while True:
            fresh = not queue.ids
            if fresh:
                queue.ids = await self._lacking(name, embedder)
            if not queue.ids or limit < 1:
                return []
            chunks = await self._shelf.reading(name, lambda opened: opened.chunks_by_id(queue.ids[:limit]))
            if chunks:
                return chunks
            queue.ids = queue.ids[limit:]  # all of them were removed meanwhile

    async def _lacking(self, name: str, embedder: EmbedderInfo) -> list[str]:
        async def look(opened: OpenCollection) -> list[str]:
            reindex = _under_way(opened.manifest, embedder)
            if reindex is None:
                return []
            shadow = await self._shelf.engine.table(reindex.table)
            done = {row["id"] for row in await shadow.query().select(["id"]).to_list()}
            rows = await opened.rows(IS_CHUNK, ["id"], order=("document", "ordinal"))
            return [row["id"] for row in rows if row["id"] not in done]

        return await self._shelf.reading(name, look)

    async def _begin(self, name: str, embedder: EmbedderInfo) -> None:
        async with self._shelf.writing(name) as opened:
            if _under_way(opened.manifest, embedder) is None:
                table = await self._shelf.bare_table(name, await asyncio.to_thread(_columns, embedder.dimensions))
                await self._shelf.note(replace(opened.manifest, reindex=Reindex(embedder, table)))
                await self._shelf.clear(name)

    async def put(self, name: str, embedder: EmbedderInfo, chunks: Sequence[str], vectors: Vectors) -> None:
        """Keeps new vectors of chunks.

        Raises:
            CollectionMismatch: no change to these weights is under way.
        """
        data = await asyncio.to_thread(_table, chunks, vectors, embedder.dimensions)
        async with self._shelf.writing(name) as opened:
            reindex = _needed(opened.manifest, embedder)
            await merge(await self._shelf.engine.table(reindex.table), data)
        queue = self._queues.get(name)
        if queue is not None:
            done = set(chunks)
            queue.ids = [each for each in queue.ids if each not in done]

    async def finish(self, name: str, embedder: EmbedderInfo) -> None:
        """Makes a table of the rows and their new vectors, and puts it in the place of the old one in one step.

        Raises:
            ReindexUnfinished: chunks have no new vector yet.
            CollectionMismatch: no change to these weights is under way.
        """
        manifest = await self._shelf.there(name)
        if manifest.embedder.digest == embedder.digest and manifest.reindex is None:
            return
        async with self._shelf.writing(name) as opened:
            reindex = _needed(opened.manifest, embedder)
            lacking = await self._lacking(name, embedder)
            if lacking:
                raise ReindexUnfinished(name, len(lacking))
            shadow = await self._shelf.engine.table(reindex.table)
            table, trained = await self._joined(opened, shadow, embedder)
            done = replace(opened.manifest, embedder=embedder, table=table, trained=trained, reindex=None)
            await self._shelf.note(done)
            await self._shelf.clear(name)
        self._queues.pop(name, None)

    async def _joined(self, opened: OpenCollection, shadow: "AsyncTable", embedder: EmbedderInfo) -> tuple[str, int]:
        columns = await asyncio.to_thread(schema, embedder.dimensions)
        name = await self._shelf.bare_table(opened.manifest.name, columns)
        made = await self._shelf.engine.table(name)
        await _index_ids(shadow)
        async for batch in _renewed(opened, shadow, columns):
            await made.add(batch, on_bad_vectors="null")
        await index_words(made)
        chunks = await made.count_rows(IS_CHUNK)
        if not wants_index(chunks, embedder.dimensions, self._budget):
            return name, 0
        await index_vectors(made)
        return name, chunks


async def outdated(shelf: "Shelf", opened: OpenCollection, chunks: Sequence[str]) -> None:
    """Takes back the new vectors of chunks that were changed while a change of weights is under way."""
    from lancedb.expr import col  # noqa: PLC0415 (loaded only when used)

    if opened.manifest.reindex and chunks:
        shadow = await shelf.engine.table(opened.manifest.reindex.table)
        await persistently(lambda: shadow.delete(col("id").isin(list(chunks))))


def _under_way(manifest: Manifest, embedder: EmbedderInfo) -> Reindex | None:
    reindex = manifest.reindex
    return reindex if reindex and reindex.embedder.digest == embedder.digest else None


def _needed(manifest: Manifest, embedder: EmbedderInfo) -> Reindex:
    reindex = _under_way(manifest, embedder)
    if reindex is None:
        has = manifest.reindex.embedder if manifest.reindex else manifest.embedder
        raise CollectionMismatch(manifest.name, has.name, embedder.name)
    return reindex


def _columns(dimensions: int) -> "pa.Schema":
    import pyarrow as pa  # noqa: PLC0415 (loaded only when used)

    return pa.schema([("id", pa.string()), ("vector", pa.list_(pa.float32(), dimensions))])


def _table(chunks: Sequence[str], vectors: Vectors, dimensions: int) -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415 (loaded only when used)

    if vectors.count != len(chunks) or vectors.dimensions != dimensions:
        raise AssertionError("one vector of the embedder's dimensions for each chunk")
    rows = {chunk: vectors.row(index) for index, chunk in enumerate(chunks)}
    columns = [pa.array(list(rows), pa.string()), vectors_array(list(rows.values()), dimensions)]
    return pa.Table.from_arrays(columns, schema=_columns(dimensions))


async def _index_ids(shadow: "AsyncTable") -> None:
    """So that finding two thousand ids does not mean reading them all, each time."""
    from lancedb.index import BTree  # noqa: PLC0415 (loaded only when used)

    if await shadow.count_rows() >= _INDEXED_FROM:
        await shadow.create_index("id", config=BTree())


async def _renewed(opened: OpenCollection, shadow: "AsyncTable", columns: "pa.Schema") -> AsyncIterator["pa.Table"]:
    """The rows of a collection with their new vectors, some at a time."""
    kept = [column.name for column in columns if column.name != "vector"]
    async for batch in await opened.table.query().select(kept).to_batches(max_batch_length=_AT_ONCE):
        ids = batch.column("id").to_pylist()
        found = await shadow.query().where(one_of("id", ids)).select(["id", "vector"]).to_arrow()
        yield await asyncio.to_thread(_with_vectors, batch, found, columns)


def _with_vectors(batch: "pa.RecordBatch", found: "pa.Table", columns: "pa.Schema") -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415 (loaded only when used)

    place = {each: index for index, each in enumerate(found.column("id").to_pylist())}
    order = pa.array([place.get(each) for each in batch.column("id").to_pylist()], pa.int64())
    vectors = found.column("vector").combine_chunks().take(order)
    return pa.Table.from_arrays([*batch.columns, vectors], schema=columns)
