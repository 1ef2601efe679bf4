"""Keeps a table quick and small: folds what was added into its indexes, joins small files, frees old versions.

Nothing here decides what is found: rows that no index has yet are searched one by one. The caller has the turn.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sutazai.store.lance.collection import IS_CHUNK, OpenCollection
from sutazai.store.lance.manifest import Manifest
from sutazai.store.lance.writing import sweep

if TYPE_CHECKING:
    from lancedb.table import AsyncTable

_ROWS_A_FRAGMENT: Final = 2_000
_SPARE_BYTES: Final = 16_000_000
_QUANTIZED: Final = 8
"""The vector index needs dimensions of which this is a divisor; others are searched one by one."""


@dataclass(frozen=True, slots=True)
class Budget:
    """When a collection is tended. What that costs grows with the table: the larger it is, the more must have gathered.

    Attributes:
        fragments: so many small files, and one more for each two thousand rows.
        unindexed: so many rows in no full-text index, or a thousandth of all of them if that is more. Reading their
            words anew is what makes a search slow: a thousand of them cost more than a hundred thousand in the index.
        while_adding: so many, or a twentieth of all of them, where more is to be added at once.
        bloat: so many times the bytes that are in use, because of old versions.
        looked_up: from so many rows on, the documents of a collection are found by an index.
        flat: up to so many chunks, vectors are compared one by one.
        growth: the vector index is made anew when there are so many times as many chunks as it was made for,
        deltas: or when it was added to so often, twice as often where more is to be added at once.
        keep_s: what a search that began so long ago may still read stays; one that took longer begins anew.
    """

    fragments: int = 20
    unindexed: int = 250
    while_adding: int = 2_500
    bloat: float = 2.0
    looked_up: int = 20_000
    flat: int = 50_000
    growth: float = 2.0
    deltas: int = 8
    keep_s: float = 5.0


async def index_words(table: "AsyncTable") -> None:
    """Full text: stemmed, without stop words and accents. Positions would break `optimize`."""
    from lancedb.index import FTS  # noqa: PLC0415 (loaded only when used)

    await table.create_index("content", config=FTS(with_position=False))


async def index_documents(table: "AsyncTable") -> None:
    """So that finding the rows of a few documents does not mean reading those of all, each time some are put."""
    from lancedb.index import BTree  # noqa: PLC0415 (loaded only when used)

    await table.create_index("document", config=BTree())


async def is_due(opened: OpenCollection, budget: Budget, *, disk_bytes: int, left_bytes: int, done: bool) -> bool:
    """Whether enough has gathered.

    Args:
        opened: the collection.
        budget: how much is enough.
        disk_bytes: the size of its files, old versions included.
        left_bytes: what that was after it was last tended, 0 where that is not known: old versions that were too young
            to go then are no reason to begin again.
        done: whether nothing more is to be added at once.
    """
    stats = await measured(opened.table)
    if stats.fragments >= budget.fragments + stats.rows // _ROWS_A_FRAGMENT:
        return True
    least = max(budget.unindexed, stats.rows // 1000) if done else max(budget.while_adding, stats.rows // 20)
    if stats.unindexed >= least:
        return True
    if disk_bytes - max(left_bytes, stats.used_bytes) > stats.used_bytes * (budget.bloat - 1) + _SPARE_BYTES:
        return True
    return await _wants_vectors(opened, budget, done=done)


async def tend(opened: OpenCollection, budget: Budget, *, done: bool) -> Manifest:
    """Tends a collection; gives what is to be noted."""
    await sweep(opened.table)
    manifest = opened.manifest
    if await _wants_documents(opened.table, budget):
        await index_documents(opened.table)
    if await _wants_vectors(opened, budget, done=done):
        await index_vectors(opened.table)
        manifest = replace(manifest, trained=await opened.table.count_rows(IS_CHUNK))
    # Whoever writes has the turn, and we have it: files that belong to no version were left behind by the dead.
    await opened.table.optimize(cleanup_older_than=timedelta(seconds=budget.keep_s), delete_unverified=True)
    return manifest


async def _wants_documents(table: "AsyncTable", budget: Budget) -> bool:
    return await table.count_rows() >= budget.looked_up and await _index(table, "document") is None


def wants_index(chunks: int, dimensions: int, budget: Budget) -> bool:
    """Whether so many vectors are found by an index."""
    return chunks > budget.flat and dimensions % _QUANTIZED == 0


async def index_vectors(table: "AsyncTable") -> None:
    """An index of vectors (RaBitQ, Gao and Long 2024), in place of the one there is."""
    from lancedb.index import IvfRq  # noqa: PLC0415 (loaded only when used)

    await table.create_index("vector", replace=True, config=IvfRq(distance_type="cosine"))


async def _wants_vectors(opened: OpenCollection, budget: Budget, *, done: bool) -> bool:
    manifest = opened.manifest
    chunks = await opened.table.count_rows(IS_CHUNK)
    if not wants_index(chunks, manifest.embedder.dimensions, budget):
        return False
    if not manifest.trained or chunks >= manifest.trained * budget.growth:
        return True
    vectors = await _index(opened.table, "vector")
    return vectors is None or (vectors.num_indices or 0) > budget.deltas * (1 if done else 2)


@dataclass(frozen=True, slots=True)
class Measured:
    """A table: of how many files that should be joined it consists, how many rows full text lacks, and so on."""

    rows: int
    fragments: int
    unindexed: int
    used_bytes: int


async def measured(table: "AsyncTable") -> Measured:
    """What LanceDB knows of a table."""
    stats: Any = await table.stats()  # a dict, whatever its type says
    words = await _index(table, "content")
    return Measured(
        rows=int(stats["num_rows"]),
        fragments=int(stats["fragment_stats"]["num_small_fragments"]),
        unindexed=words.num_unindexed_rows if words else 0,
        used_bytes=int(stats["total_bytes"]),
    )


async def _index(table: "AsyncTable", column: str) -> Any:
    """What LanceDB knows of the index of a column, None where it has none."""
    for index in await table.list_indices():
        if index.columns == [column]:
            return await table.index_stats(index.name)
    return None
