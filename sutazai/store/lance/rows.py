"""The rows of a collection's table: one for each document (ordinal -1) and one for each chunk.

Every filter's fields stand in each row, so that a search asks one table once. A document's row has neither text nor
vector: no search finds it. Never opens a table.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sutazai.sdk.document import Chunk, DocumentEntry, DocumentRecord
from sutazai.store.lance.words import searched

if TYPE_CHECKING:
    import pyarrow as pa

HEADER: Final = -1
GONE: Final = -2
"""The ordinal of a row that replaces a chunk which its document lost: no reader sees it, the next commit drops it."""

CHUNK_COLUMNS: Final = (
    "id",
    "document",
    "ordinal",
    "content",
    "skipped",
    "length",
    "start",
    "end",
    "headings",
    "page",
    "end_page",
    "start_line",
    "end_line",
    "symbol",
    "lead",
)
TAG_START: Final = "\x1e"
TAG_END: Final = "\x1f"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def schema(dimensions: int) -> "pa.Schema":
    """The columns of version 1. A version that was released is never changed: a migration leads to the next."""
    import pyarrow as pa  # noqa: PLC0415 (loaded only when used)

    whole, text = pa.int64(), pa.string()
    columns: dict[str, pa.DataType] = {
        "id": text,
        "document": text,
        "ordinal": pa.int32(),
        "revision": text,
        "content": text,
        "skipped": pa.int32(),
        "length": whole,
        "start": whole,
        "end": whole,
        "headings": pa.list_(text),
        "page": pa.int32(),
        "end_page": pa.int32(),
        "start_line": pa.int32(),
        "end_line": pa.int32(),
        "symbol": text,
        "lead": text,
        "name": text,
        "format": text,
        "language": text,
        "title": text,
        "tags": text,
        "added_at": whole,
        "modified_at": whole,
        "sha256": text,
        "record": text,
        "vector": pa.list_(pa.float32(), dimensions),
    }
    return pa.schema(list(columns.items()))


def rows_of(entry: DocumentEntry) -> list[dict[str, Any]]:
    """The rows of a document, its own first. Each has a `revision`: what did not change has the same one."""
    record = entry.record
    shared = _shared(record)
    rows = [_header(record, shared)]
    for index, chunk in enumerate(entry.chunks):
        rows.append({**shared, **_chunk_row(record, chunk), "vector": entry.vectors.row(index)})
    for row in rows:
        row["revision"] = _revision(row)
    return rows


def gone_row(row_id: str) -> dict[str, Any]:
    """What takes the place of a chunk that its document lost."""
    return {"id": row_id, "document": "", "ordinal": GONE}


def table(rows: Sequence[Mapping[str, Any]], dimensions: int) -> "pa.Table":
    """Rows as a table; what a row does not have is null."""
    import pyarrow as pa  # noqa: PLC0415 (loaded only when used)

    wanted = schema(dimensions)
    columns = [
        vectors_array([row.get("vector") for row in rows], dimensions)
        if column.name == "vector"
        else pa.array([row.get(column.name) for row in rows], column.type)
        for column in wanted
    ]
    return pa.Table.from_arrays(columns, schema=wanted)


def vectors_array(vectors: Sequence[bytes | None], dimensions: int) -> "pa.FixedSizeListArray":
    """Vectors as a column; where there is none, null."""
    import pyarrow as pa  # noqa: PLC0415 (loaded only when used)

    none = bytes(dimensions * 4)
    numbers = pa.Array.from_buffers(
        pa.float32(),
        len(vectors) * dimensions,
        [None, pa.py_buffer(b"".join(each or none for each in vectors))],
    )
    return pa.FixedSizeListArray.from_arrays(numbers, dimensions, mask=pa.array([each is None for each in vectors]))


def chunk_of(row: Mapping[str, Any]) -> Chunk:
    """A chunk as it was put."""
    return Chunk(
        id=row["id"],
        document=row["document"],
        ordinal=row["ordinal"],
        start=row["start"],
        end=row["end"],
        text=row["content"][row["skipped"] : row["skipped"] + row["length"]],
        headings=tuple(row["headings"]),
        page=row["page"],
        end_page=row["end_page"],
        start_line=row["start_line"],
        end_line=row["end_line"],
        symbol=row["symbol"],
        lead=row["lead"],
    )


def record_of(text: str) -> DocumentRecord:
    """A document's record as it was put."""
    data = json.loads(text)
    for key in ("added_at", "modified_at"):
        data[key] = datetime.fromisoformat(data[key]) if data[key] else None
    return DocumentRecord(**{**data, "notes": tuple(data["notes"])})


def microseconds(at: datetime) -> int:
    """A time as a number that sorts as the time does."""
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def storable(text: str) -> str:
    """Text that a table can hold: a lone surrogate (of an undecodable file name) becomes a question mark."""
    return text.encode(errors="replace").decode()


def header_id(document: str) -> str:
    """The id of a document's own row, which no chunk has."""
    return f"document:{document}"


def _shared(record: DocumentRecord) -> dict[str, Any]:
    return {
        "document": record.id,
        "name": storable(record.name),
        "format": record.format,
        "language": record.language,
        "title": storable(record.title),
        "tags": _tags(record.tags),
        "added_at": microseconds(record.added_at),
        "modified_at": microseconds(record.modified_at) if record.modified_at else None,
    }


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(sorted(bounded(f"{key}={value}") for key, value in tags.items()))


def bounded(tag: str) -> str:
    """A tag with marks before and after it, which it cannot itself contain."""
    return TAG_START + storable(tag).replace(TAG_START, " ").replace(TAG_END, " ") + TAG_END


def _header(record: DocumentRecord, shared: Mapping[str, Any]) -> dict[str, Any]:
    data = {**asdict(replace(record, tags={})), "tags": dict(record.tags)}
    for key in ("added_at", "modified_at"):
        data[key] = data[key].isoformat() if data[key] else None
    own = {"id": header_id(record.id), "ordinal": HEADER, "sha256": record.sha256, "record": json.dumps(data)}
    return {**shared, **own}


def _chunk_row(record: DocumentRecord, chunk: Chunk) -> dict[str, Any]:
    above, text, added = (storable(part) for part in searched(record, chunk))
    return {
        "id": chunk.id,
        "document": record.id,
        "ordinal": chunk.ordinal,
        "content": above + text + added,
        "skipped": len(above),
        "length": len(text),
        "start": chunk.start,
        "end": chunk.end,
        "headings": [storable(each) for each in chunk.headings],
        "page": chunk.page,
        "end_page": chunk.end_page,
        "start_line": chunk.start_line,
        "end_line": chunk.end_line,
        "symbol": storable(chunk.symbol),
        "lead": storable(chunk.lead),
    }


def _revision(row: Mapping[str, Any]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    digest.update(row.get("vector") or b"")
    digest.update(json.dumps({key: value for key, value in row.items() if key != "vector"}, sort_keys=True).encode())
    return digest.hexdigest()
