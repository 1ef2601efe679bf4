"""From a file to chunks: reads a document, cuts it, and makes the texts that are to become its vectors."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Final

from sutazai.errors.knowledge import DocumentError
from sutazai.rag.chunk import Sizes, chunked
from sutazai.rag.embedded_text import embedded_text
from sutazai.sdk.document import Chunk, DocumentRecord, DocumentSource, ParsedDocument
from sutazai.sdk.knowledge import DocumentReader, Embedder
from sutazai.sdk.ports import Clock

_ID_BYTES: Final = 12
_LONG: Final = 200_000
"""Characters that take a good part of a second to cut."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that is read and cut, and the texts that are to become its vectors."""

    record: DocumentRecord
    chunks: tuple[Chunk, ...]
    texts: tuple[str, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Preparer:
    """Reads and cuts documents.

    Attributes:
        known: the documents of the collection by id: what is the same as before is not read again.
        tags: to be remembered of each document.
        on_cut: is told the name of a long document before it is cut.
    """

    reader: DocumentReader
    embedder: Embedder
    clock: Clock
    sizes: Sizes
    known: Mapping[str, DocumentRecord]
    tags: Mapping[str, str]
    on_cut: Callable[[str], None]

    async def prepared(self, source: DocumentSource) -> Prepared | None:
        """The document; None if it is in the collection as it is.

        Raises:
            DocumentError: it cannot be read, or holds no text.
        """
        data = await self.reader.original(source)
        digest = sha256(data).hexdigest()
        before = self.known.get(document_id(source))
        if before is not None and before.sha256 == digest and before.tags == self._tags(before):
            return None
        document = await self.reader.read(source, data)
        if len(document.text) >= _LONG:
            self.on_cut(source.name)
        return await asyncio.to_thread(self._cut, source, data, digest, document)

    def _cut(self, source: DocumentSource, data: bytes, digest: str, document: ParsedDocument) -> Prepared:
        spans, most = self.embedder.token_spans, self.sizes.max_tokens
        chunks = chunked(document, document_id(source), source.name, spans, self.sizes)
        if not chunks:
            raise DocumentError(source.name, "holds no text")
        title = document.title or source.name
        texts = tuple(embedded_text(each, title, spans, most) for each in chunks)
        return Prepared(self._record(source, data, digest, document, len(chunks)), chunks, texts, data)

    def _record(
        self, source: DocumentSource, data: bytes, digest: str, document: ParsedDocument, chunks: int
    ) -> DocumentRecord:
        key = document_id(source)
        return DocumentRecord(
            id=key,
            name=source.name,
            source=_origin(source),
            format=document.format,
            title=document.title,
            sha256=digest,
            size_bytes=len(data),
            characters=len(document.text),
            pages=len(document.pages),
            chunks=chunks,
            added_at=self.clock.now(),
            modified_at=source.modified_at,
            language=document.language,
            tags=self._tags(self.known.get(key)),
            notes=document.notes,
        )

    def _tags(self, before: DocumentRecord | None) -> dict[str, str]:
        return {**(before.tags if before else {}), **self.tags}


def document_id(source: DocumentSource) -> str:
    """The id of the document that a source is: the same file is the same document, whatever it holds."""
    return blake2b(_origin(source).encode("utf-8", "surrogatepass"), digest_size=_ID_BYTES).hexdigest()


def _origin(source: DocumentSource) -> str:
    return f"stdin:{source.name}" if source.path is None else str(source.path.absolute())
