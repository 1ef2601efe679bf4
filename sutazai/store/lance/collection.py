"""One collection at one moment: its manifest and its open table, and what is read of it. Never writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sutazai.errors.knowledge import CollectionMismatch
from sutazai.sdk.document import FLOAT32_BYTES, Chunk, DocumentRecord, Filter, Hit
from sutazai.store.lance.manifest import Manifest
from sutazai.store.lance.rows import CHUNK_COLUMNS, HEADER, chunk_of, record_of
from sutazai.store.lance.where import expression, literal, one_of
from sutazai.store.lance.words import asked

if TYPE_CHECKING:
    from lancedb.table import AsyncTable

IS_DOCUMENT: Final = f"ordinal = {HEADER}"
IS_CHUNK: Final = f"ordinal > {HEADER}"
REFINE: Final = 10
PROBED: Final = 20
"""How many partitions of an index are looked at, and from how many times as many candidates the best are taken."""
EVERY: Final = 10_000
"""More partitions than there are: what a filter leaves may lie in any of them, and is little to look at."""


@dataclass(frozen=True, slots=True)
class OpenCollection:
    """A collection and its table."""

    manifest: Manifest
    table: "AsyncTable"

    async def rows(
        self,
        where: str,
        columns: Sequence[str],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[dict[str, Any]]:
        """The columns of the rows for which an expression of ours holds."""
        if limit is not None and limit < 1:
            return []
        query = self.table.query().where(where).select(list(columns))
        if order:
            from lancedb.query import ColumnOrdering  # noqa: PLC0415 (loaded only when used)

            query = query.order_by([ColumnOrdering(column_name=name) for name in order])
        if limit is not None:
            query = query.limit(limit)
        if offset:
            query = query.offset(offset)
        return await query.to_list()

    async def documents(self, limit: int | None, offset: int) -> list[DocumentRecord]:
        """Documents by name."""
        rows = await self.rows(IS_DOCUMENT, ["record"], order=("name", "document"), limit=limit, offset=offset)
        return [record_of(row["record"]) for row in rows]

    async def document(self, wanted: str) -> DocumentRecord | None:
        """A document by its id, its name, or a unique prefix of its id."""
        text = literal(wanted)
        for same in (f"document = {text}", f"name = {text}", f"starts_with(document, {text})") if wanted else ():
            rows = await self.rows(f"{IS_DOCUMENT} AND {same}", ["record"], limit=2)
            if rows:
                return record_of(rows[0]["record"]) if len(rows) == 1 else None
        return None

    async def chunks(self, document: str, first: int, last: int | None) -> list[Chunk]:
        """A stretch of a document's chunks, in order."""
        until = "" if last is None else f" AND ordinal <= {int(last)}"
        where = f"document = {literal(document)} AND ordinal >= {max(0, int(first))}{until}"
        return [chunk_of(row) for row in await self.rows(where, CHUNK_COLUMNS, order=("ordinal",))]

    async def chunks_by_id(self, ids: Sequence[str]) -> list[Chunk]:
        """The chunks of these ids that are there, in the order of the ids."""
        if not ids:
            return []
        rows = await self.rows(f"{IS_CHUNK} AND {one_of('id', ids)}", CHUNK_COLUMNS)
        found = {row["id"]: chunk_of(row) for row in rows}
        return [found[each] for each in ids if each in found]

    async def search_text(self, query: str, limit: int, where: Filter | None) -> list[Hit]:
        """The best by BM25. Rows that no index has yet are looked at one by one."""
        words, condition = asked(query), expression(where)
        if not words or limit < 1:
            return []
        search = self.table.query().nearest_to_text(words, columns=["content"])
        if condition:
            search = search.where(condition)
        found = await search.select([*CHUNK_COLUMNS, "_score"]).limit(limit).to_list()
        return _best(Hit(chunk_of(row), row["_score"]) for row in found)

    async def search_vector(self, vector: bytes, limit: int, where: Filter | None) -> list[Hit]:
        """The nearest by cosine: exactly where there is no index, else by the index and then by the real vectors."""
        import pyarrow as pa  # noqa: PLC0415 (loaded only when used)

        condition = expression(where)
        if limit < 1:
            return []
        fits(self.manifest, len(vector) // FLOAT32_BYTES)
        numbers = pa.Array.from_buffers(pa.float32(), len(vector) // FLOAT32_BYTES, [None, pa.py_buffer(vector)])
        search = self.table.query().nearest_to(numbers).column("vector").distance_type("cosine")
        if condition:
            search = search.where(condition)
        if self.manifest.trained:
            search = search.nprobes(EVERY if condition else PROBED).refine_factor(REFINE)
        else:
            search = search.bypass_vector_index()
        found = await search.select([*CHUNK_COLUMNS, "_distance"]).limit(limit).to_list()
        return _best(Hit(chunk_of(row), 1 - row["_distance"]) for row in found)


def fits(manifest: Manifest, dimensions: int) -> None:
    """Refuses vectors of another length.

    Raises:
        CollectionMismatch: they cannot be of the weights that made the others.
    """
    embedder = manifest.embedder
    if dimensions != embedder.dimensions:
        has = f"{embedder.name} ({embedder.dimensions} dimensions)"
        raise CollectionMismatch(manifest.name, has, f"weights of {dimensions} dimensions")


def _best(hits: Any) -> list[Hit]:
    """In an order that is the same each time."""
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk.id))
