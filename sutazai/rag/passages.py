"""Turns what a store keeps of documents and chunks into what reports say of them."""

from collections.abc import Sequence

from sutazai.errors.knowledge import DocumentMissing
from sutazai.rag.report import DocumentInfo, Passage, ScoreParts
from sutazai.sdk.document import Chunk, DocumentRecord
from sutazai.sdk.knowledge import DocumentLibrary


def passage(
    record: DocumentRecord,
    chunk: Chunk,
    *,
    score: float = 0.0,
    parts: ScoreParts | None = None,
    also_in: Sequence[str] = (),
) -> Passage:
    """A chunk as a passage of its document."""
    return Passage(
        id=chunk.id,
        document=chunk.document,
        name=record.name,
        format=record.format,
        ordinal=chunk.ordinal,
        title=record.title,
        headings=chunk.headings,
        page=chunk.page,
        end_page=chunk.end_page,
        start=chunk.start,
        end=chunk.end,
        start_line=chunk.start_line,
        end_line=chunk.end_line,
        symbol=chunk.symbol,
        text=chunk.text,
        score=score,
        parts=parts,
        also_in=tuple(also_in),
    )


def document_info(record: DocumentRecord) -> DocumentInfo:
    """What reports say of a document."""
    return DocumentInfo(
        id=record.id,
        name=record.name,
        source=record.source,
        format=record.format,
        title=record.title,
        language=record.language,
        size_bytes=record.size_bytes,
        characters=record.characters,
        pages=record.pages,
        chunks=record.chunks,
        added_at=record.added_at,
        modified_at=record.modified_at,
        tags=dict(record.tags),
        notes=record.notes,
    )


async def found_document(library: DocumentLibrary, collection: str, document: str) -> DocumentRecord:
    """The one document of an id, the beginning of one, or a name.

    Raises:
        DocumentMissing: there is none, or more than one.
    """
    record = await library.document(collection, document)
    if record is None:
        raise DocumentMissing(document, collection)
    return record
