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

_QUANTIZED: Final = 8
"""The vector index needs dimensions of which this is a divisor; others are searched one by one."""


@dataclass(frozen=True, slots=True)
class Budget:
    """When a collection is tended.

    Attributes:
        fragments: so many small files have gathered.
        unindexed: so many rows are in no full-text index.
        flat: up to so many chunks, vectors are compared one by one.
        growth: the vector index is made anew when there are so many times as many chunks as it was made for,
        deltas: or when it was added to so often.
        keep_s: what a search that began so long ago may still read stays.
    """

    fragments: int = 20
    unindexed: int = 5_000
    flat: int = 50_000
    growth: float = 2.0
    deltas: int = 8
    keep_s: float = 60.0


async def index_words(table: "AsyncTable") -> None:
    """Full text: stemmed, without stop words and accents. Positions would break `optimize`."""
    from lancedb.index import FTS  # noqa: PLC0415 (loaded only when used)

    await table.create_index("content", config=FTS(with_position=False))


async def is_due(opened: OpenCollection, budget: Budget) -> bool:
    """Whether enough has gathered."""
    if await fragments(opened.table) >= budget.fragments:
        return True
    words, _ = await unindexed(opened.table)
    return words >= budget.unindexed or await _wants_vectors(opened, budget)


async def tend(opened: OpenCollection, budget: Budget) -> Manifest:
    """Tends a collection; gives what is to be noted."""
    await sweep(opened.table)
    manifest = opened.manifest
    if await _wants_vectors(opened, budget):
        await index_vectors(opened.table)
        manifest = replace(manifest, trained=await opened.table.count_rows(IS_CHUNK))
    # Whoever writes has the turn, and we have it: files that belong to no version were left behind by the dead.
    await opened.table.optimize(cleanup_older_than=timedelta(seconds=budget.keep_s), delete_unverified=True)
    return manifest


def wants_index(chunks: int, dimensions: int, budget: Budget) -> bool:
    """Whether so many vectors are found by an index."""
    return chunks > budget.flat and dimensions % _QUANTIZED == 0


async def index_vectors(table: "AsyncTable") -> None:
    """An index of vectors (RaBitQ, Gao and Long 2024), in place of the one there is."""
    from lancedb.index import IvfRq  # noqa: PLC0415 (loaded only when used)

    await table.create_index("vector", replace=True, config=IvfRq(distance_type="cosine"))


async def _wants_vectors(opened: OpenCollection, budget: Budget) -> bool:
    manifest = opened.manifest
    chunks = await opened.table.count_rows(IS_CHUNK)
    if not wants_index(chunks, manifest.embedder.dimensions, budget):
        return False
    _, deltas = await unindexed(opened.table)
    return not manifest.trained or chunks >= manifest.trained * budget.growth or deltas > budget.deltas


async def fragments(table: "AsyncTable") -> int:
    """Of how many files that should be joined a table consists."""
    stats: Any = await table.stats()  # a dict, whatever its type says
    return int(stats["fragment_stats"]["num_small_fragments"])


async def unindexed(table: "AsyncTable") -> tuple[int, int]:
    """How many rows the full-text index lacks, and of how many parts the vector index consists."""
    rows = parts = 0
    for index in await table.list_indices():
        stats = await table.index_stats(index.name)
        if stats and index.columns == ["content"]:
            rows = stats.num_unindexed_rows
        if stats and index.columns == ["vector"]:
            parts = stats.num_indices or 0
    return rows, parts
