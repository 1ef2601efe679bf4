"""Puts documents into a table and takes them out: one commit each, so that no half document is ever seen.

Only what changed is written. Chunks that a document lost are replaced in that same commit by rows that no reader
sees, and dropped in the next: asking LanceDB to delete what is not among the new rows reads the whole table.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sutazai.sdk.document import FLOAT32_BYTES, DocumentEntry
from sutazai.store.lance.collection import IS_DOCUMENT, OpenCollection, fits
from sutazai.store.lance.engine import persistently
from sutazai.store.lance.manifest import Manifest
from sutazai.store.lance.rows import GONE, gone_row, rows_of, table
from sutazai.store.lance.where import one_of

if TYPE_CHECKING:
    from lancedb.table import AsyncTable

_AT_ONCE: Final = 500


async def prepared(entries: Sequence[DocumentEntry], manifest: Manifest) -> dict[str, dict[str, Any]]:
    """The rows of documents by id; the last version of a document counts.

    Raises:
        CollectionMismatch: the vectors have another length than those of the collection.
    """
    last = {entry.record.id: entry for entry in entries}
    for entry in last.values():
        if entry.chunks:
            fits(manifest, entry.vectors.dimensions)
        if len(entry.vectors.data) != len(entry.chunks) * manifest.embedder.dimensions * FLOAT32_BYTES:
            raise AssertionError(f"{entry.record.name}: there must be one vector for each chunk")
    return await asyncio.to_thread(_by_id, list(last.values()))


def _by_id(entries: Sequence[DocumentEntry]) -> dict[str, dict[str, Any]]:
    rows = [row for entry in entries for row in rows_of(entry)]
    by_id = {row["id"]: row for row in rows}
    if len(by_id) != len(rows):
        raise AssertionError("two chunks have the same id")
    return by_id


async def put(opened: OpenCollection, rows: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Stores documents in place of their older versions; gives the ids of the rows that changed or went."""
    there = await _there(opened, sorted({row["document"] for row in rows.values()}))
    fresh = [row for row in rows.values() if there.get(row["id"]) != row["revision"]]
    gone = [each for each in there if each not in rows]
    if fresh or gone:
        changes = [*fresh, *map(gone_row, gone)]
        data = await asyncio.to_thread(table, changes, opened.manifest.embedder.dimensions)
        await (merge if there or await _unswept(opened) else append)(opened.table, data)
    if gone:
        await sweep(opened.table)
    return {*gone, *(row["id"] for row in fresh)}


async def _there(opened: OpenCollection, documents: Sequence[str]) -> dict[str, str]:
    """The revision of each row that the documents have now, by id."""
    found: dict[str, str] = {}
    for start in range(0, len(documents), _AT_ONCE):
        where = one_of("document", documents[start : start + _AT_ONCE])
        found.update({row["id"]: row["revision"] for row in await opened.rows(where, ["id", "revision"])})
    return found


async def _unswept(opened: OpenCollection) -> bool:
    """Whether rows that no reader sees are still there: one of them may have an id that is now put again."""
    return await opened.table.count_rows(f"ordinal = {GONE}") > 0


async def merge(into: "AsyncTable", data: Any) -> None:
    """Replaces the rows of the same ids and adds the others, in one commit."""

    async def commit() -> None:
        merging = into.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
        # A document's own row has no vector, which LanceDB would take for a mistake.
        await merging.execute(data, on_bad_vectors="null")

    await persistently(commit)


async def append(to: "AsyncTable", data: Any) -> None:
    """Adds rows whose ids nothing has yet, in one commit. Looking for those ids would read every id of the table."""
    await persistently(lambda: to.add(data, on_bad_vectors="null"))


async def sweep(of: "AsyncTable") -> None:
    """Drops the rows that no reader sees."""
    await persistently(lambda: of.delete(f"ordinal = {GONE}"))


async def remove(opened: OpenCollection, documents: Sequence[str]) -> dict[str, str]:
    """Takes documents out in one commit; gives those that were there, with the hashes of their originals."""
    from lancedb.expr import col  # noqa: PLC0415 (loaded only when used)

    there = await hashes(opened, documents)
    if there:
        await persistently(lambda: opened.table.delete(col("document").isin(sorted(there))))
    return there


async def hashes(opened: OpenCollection, documents: Sequence[str]) -> dict[str, str]:
    """The hash of the original of each of these documents that is there."""
    found: dict[str, str] = {}
    wanted = list(dict.fromkeys(documents))
    for start in range(0, len(wanted), _AT_ONCE):
        where = f"{IS_DOCUMENT} AND {one_of('document', wanted[start : start + _AT_ONCE])}"
        found.update({row["document"]: row["sha256"] for row in await opened.rows(where, ["document", "sha256"])})
    return found


async def hashes_in_use(opened: OpenCollection, wanted: Sequence[str]) -> set[str]:
    """Which of these originals a collection still holds."""
    rows = await opened.rows(f"{IS_DOCUMENT} AND {one_of('sha256', wanted)}", ["sha256"]) if wanted else []
    return {row["sha256"] for row in rows}
