"""The test kit for documents: a reader, an embedder, a reranker and a store that live as long as the test.

They keep the promises of their ports, filters included, so that a feature tested over them is tested for real.
"""

import math
import re
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from operator import mul
from pathlib import Path
from typing import Final, Literal

from sutazai.errors.knowledge import CollectionMismatch, CollectionMissing, CollectionNameBad, DocumentError
from sutazai.errors.models import PromptTooLong
from sutazai.sdk.document import (
    Chunk,
    CollectionInfo,
    DocumentEntry,
    DocumentRecord,
    DocumentSource,
    EmbedderInfo,
    Filter,
    Heading,
    Hit,
    ParsedDocument,
    Vectors,
)
from sutazai.sdk.knowledge import DocumentSources
from sutazai.sdk.matching import matches
from sutazai.sdk.source import Skipped

_TOKEN: Final = re.compile(r"\w+|[^\w\s]")
_WORD: Final = re.compile(r"\w+")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
_HEADING: Final = re.compile(r"^(#{1,6}) +(.+)$", re.MULTILINE)
_K1, _B = 1.2, 0.75


def _words(text: str) -> list[str]:
    return [each.casefold() for each in _WORD.findall(text)]


class WordEmbedder:
    """Vectors that count words by their hash: texts that share words lie near one another.

    Attributes:
        embedded: every text that was embedded, in order.
        failure: raised by `embed`, if set.
    """

    def __init__(self, *, name: str = "words", dimensions: int = 256, max_tokens: int = 256) -> None:
        digest = sha256(f"{name} {dimensions}".encode()).hexdigest()
        self.info = EmbedderInfo(name, "memory", digest, dimensions, max_tokens)
        self.embedded: list[str] = []
        self.failure: BaseException | None = None
        self.opened = self.closed = 0

    async def open(self) -> None:
        """Counts the call."""
        self.opened += 1

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Words and single marks."""
        return [each.span() for each in _TOKEN.finditer(text)]

    async def embed(self, texts: Sequence[str], *, kind: Literal["document", "query"] = "document") -> Vectors:  # noqa: ARG002
        """One vector for each text; one that is too long is refused."""
        if self.failure is not None:
            raise self.failure
        for text in texts:
            if (count := len(self.token_spans(text))) > self.info.max_tokens:
                raise PromptTooLong(self.info.name, count, self.info.max_tokens)
        self.embedded += texts
        return Vectors(self.info.dimensions, b"".join(self._vector(text) for text in texts))

    def _vector(self, text: str) -> bytes:
        numbers = [0.0] * self.info.dimensions
        for word in _words(text) or [""]:
            numbers[zlib.crc32(f"{self.info.name} {word}".encode()) % self.info.dimensions] += 1
        length = math.hypot(*numbers)
        return _packed(number / length for number in numbers)

    async def close(self) -> None:
        """Counts the call."""
        self.closed += 1


def _packed(numbers: Iterable[float]) -> bytes:
    packed = array("f", numbers)
    if sys.byteorder == "big":  # pragma: no cover (vectors are little-endian everywhere)
        packed.byteswap()
    return packed.tobytes()


def _unpacked(data: bytes) -> "array[float]":
    numbers = array("f", data)
    if sys.byteorder == "big":  # pragma: no cover (vectors are little-endian everywhere)
        numbers.byteswap()
    return numbers


class MemoryReranker:
    """Scores a text by how many words it shares with the query."""

    async def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score for each text."""
        wanted = set(_words(query))
        return [float(len(wanted & set(_words(text)))) for text in texts]


Readable = str | ParsedDocument | BaseException


class MemoryReader:
    """Documents that exist only in the test: text by name, a whole `ParsedDocument`, or the error of reading it.

    Text of a name that ends in `.md` has its headings found. What is not among the documents (stdin) is taken as text.
    """

    def __init__(self, documents: Mapping[str, Readable] | None = None) -> None:
        self.documents: dict[str, Readable] = dict(documents or {})
        self.read_names: list[str] = []

    async def collect(self, paths: Sequence[str], *, exclude: Sequence[str] = ()) -> DocumentSources:
        """The documents of these names and those under them as folders; `exclude` holds whole names."""
        names = [name for name in self.documents if any(_under(name, path) for path in paths)]
        gone = [path for path in paths if not any(_under(name, path) for name in self.documents)]
        kept = [self._source(name) for name in names if name not in exclude]
        skipped = tuple(Skipped(path, "not there", named=True) for path in gone)
        return DocumentSources(tuple(kept), skipped, len(names) - len(kept))

    def _source(self, name: str) -> DocumentSource:
        return DocumentSource(name, Path("/memory") / name, size_bytes=len(self._bytes(name)))

    def _bytes(self, name: str) -> bytes:
        found = self.documents[name]
        return (found if isinstance(found, str) else found.text if isinstance(found, ParsedDocument) else name).encode()

    async def original(self, source: DocumentSource) -> bytes:
        """The bytes of a source."""
        if source.data is not None:
            return source.data
        if source.name not in self.documents:
            raise DocumentError(source.name, "not there")
        return self._bytes(source.name)

    async def read(self, source: DocumentSource, data: bytes) -> ParsedDocument:
        """The document of that name, else the bytes as text."""
        self.read_names.append(source.name)
        found = self.documents.get(source.name) if source.data is None else None
        if isinstance(found, BaseException):
            raise found
        return found if isinstance(found, ParsedDocument) else _as_text(source.name, data.decode())


def _under(name: str, path: str) -> bool:
    return path in {name, "."} or name.startswith(path.rstrip("/") + "/")


def _as_text(name: str, text: str) -> ParsedDocument:
    if not name.endswith(".md"):
        return ParsedDocument(text, "text")
    headings = tuple(Heading(len(each[1]), each[2].strip(), each.start()) for each in _HEADING.finditer(text))
    return ParsedDocument(text, "markdown", headings[0].title if headings else "", headings=headings)


@dataclass
class _Held:
    embedder: EmbedderInfo
    entries: dict[str, DocumentEntry] = field(default_factory=dict)
    renewed: dict[str, bytes] = field(default_factory=dict)

    def rows(self, where: Filter | None) -> Iterable[tuple[Chunk, bytes]]:
        for entry in self.entries.values():
            for index, chunk in enumerate(entry.chunks):
                if matches(where, entry.record, chunk):
                    yield chunk, entry.vectors.row(index)


class MemoryDocuments:
    """One tenant's collections, for as long as the test lives.

    Attributes:
        puts: how many documents each `put` stored.
        optimized: the collections that `optimize` was called for.
    """

    def __init__(self) -> None:
        self.originals: dict[str, bytes] = {}
        self.puts: list[int] = []
        self.optimized: list[str] = []
        self._held: dict[str, _Held] = {}

    def _of(self, name: str) -> _Held:
        if name not in self._held:
            raise CollectionMissing(name)
        return self._held[name]

    async def collections(self) -> list[CollectionInfo]:
        """Every collection, by name."""
        return [self._info(name) for name in sorted(self._held)]

    async def collection(self, name: str) -> CollectionInfo | None:
        """One collection, or None."""
        return self._info(name) if name in self._held else None

    def _info(self, name: str) -> CollectionInfo:
        held = self._held[name]
        chunks = [chunk for entry in held.entries.values() for chunk in entry.chunks]
        size = sum(len(chunk.text) + 4 * held.embedder.dimensions for chunk in chunks)
        return CollectionInfo(name, held.embedder, len(held.entries), len(chunks), size)

    async def documents(self, name: str, *, limit: int | None = None, offset: int = 0) -> list[DocumentRecord]:
        """The documents by name."""
        records = sorted((each.record for each in self._of(name).entries.values()), key=lambda each: each.name)
        return records[offset : None if limit is None else offset + limit]

    async def document(self, name: str, document: str) -> DocumentRecord | None:
        """A document by its id, its name, or a unique prefix of its id."""
        records = [each.record for each in self._of(name).entries.values()]
        for same in (
            [each for each in records if each.id == document],
            [each for each in records if each.name == document],
            [each for each in records if document and each.id.startswith(document)],
        ):
            if same:
                return same[0] if len(same) == 1 else None
        return None

    async def chunks(self, name: str, document: str, first: int = 0, last: int | None = None) -> list[Chunk]:
        """The chunks `first` to `last` of a document, in order."""
        entry = self._of(name).entries.get(document)
        chunks = entry.chunks if entry else ()
        return [each for each in chunks if first <= each.ordinal and (last is None or each.ordinal <= last)]

    async def search_text(self, name: str, query: str, *, limit: int, where: Filter | None = None) -> list[Hit]:
        """The chunks that match words of the query best (BM25, Robertson and Zaragoza 2009)."""
        bags = {chunk.id: Counter(_words(chunk.text)) for chunk, _ in self._of(name).rows(None)}
        mean = sum(bag.total() for bag in bags.values()) / max(len(bags), 1) or 1
        weights = {word: _idf(word, bags.values()) for word in dict.fromkeys(_words(query))}
        hits = [Hit(chunk, _bm25(bags[chunk.id], weights, mean)) for chunk, _ in self._of(name).rows(where)]
        return _best([each for each in hits if each.score > 0], limit)

    async def search_vector(self, name: str, vector: bytes, *, limit: int, where: Filter | None = None) -> list[Hit]:
        """The chunks nearest to a vector, by cosine."""
        wanted = _unpacked(vector)
        rows = self._of(name).rows(where)
        return _best([Hit(chunk, sum(map(mul, wanted, _unpacked(row)))) for chunk, row in rows], limit)

    async def read_original(self, sha256: str) -> bytes | None:
        """The bytes kept under a hash."""
        return self.originals.get(sha256)

    async def create(self, name: str, embedder: EmbedderInfo) -> None:
        """Makes a collection, or compares the embedder of the one that is there."""
        if not _NAME.fullmatch(name):
            raise CollectionNameBad(name)
        held = self._held.setdefault(name, _Held(embedder))
        if held.embedder.digest != embedder.digest:
            raise CollectionMismatch(name, held.embedder.name, embedder.name)

    async def drop(self, name: str) -> None:
        """Removes a collection and the originals that only it held."""
        self._of(name)
        del self._held[name]
        self._forget_originals()

    def _forget_originals(self) -> None:
        used = {entry.record.sha256 for held in self._held.values() for entry in held.entries.values()}
        self.originals = {key: data for key, data in self.originals.items() if key in used}

    async def put(self, name: str, entries: Sequence[DocumentEntry]) -> None:
        """Stores documents in the place of older versions."""
        held = self._of(name)
        for entry in entries:
            if entry.vectors.count != len(entry.chunks):
                raise AssertionError(f"{entry.record.name}: {entry.vectors.count} vectors, {len(entry.chunks)} chunks")
        held.entries.update({entry.record.id: entry for entry in entries})
        self.puts.append(len(entries))

    async def remove(self, name: str, documents: Sequence[str]) -> int:
        """Removes documents by id."""
        held = self._of(name)
        gone = [held.entries.pop(each) for each in dict.fromkeys(documents) if each in held.entries]
        self._forget_originals()
        return len(gone)

    async def optimize(self, name: str, *, done: bool = True) -> None:  # noqa: ARG002
        """Remembers the call."""
        self.optimized.append(name)

    async def keep_original(self, data: bytes) -> str:
        """Keeps bytes under their sha256."""
        key = sha256(data).hexdigest()
        self.originals[key] = data
        return key

    async def reindex_pending(self, name: str, embedder: EmbedderInfo, *, limit: int) -> list[Chunk]:  # noqa: ARG002
        """Chunks that have no new vector yet."""
        held = self._of(name)
        return [chunk for chunk, _ in held.rows(None) if chunk.id not in held.renewed][:limit]

    async def reindex_put(self, name: str, embedder: EmbedderInfo, chunks: Sequence[str], vectors: Vectors) -> None:  # noqa: ARG002
        """Keeps new vectors beside the old ones."""
        renewed = self._of(name).renewed
        renewed.update({chunk: vectors.row(index) for index, chunk in enumerate(chunks)})

    async def reindex_finish(self, name: str, embedder: EmbedderInfo) -> None:
        """Puts the new vectors in the place of the old ones."""
        held = self._of(name)
        for key, entry in held.entries.items():
            data = b"".join(held.renewed[chunk.id] for chunk in entry.chunks)
            held.entries[key] = replace(entry, vectors=Vectors(embedder.dimensions, data))
        held.embedder, held.renewed = embedder, {}


def _idf(word: str, bags: Iterable[Counter[str]]) -> float:
    known = list(bags)
    having = sum(word in bag for bag in known)
    return math.log(1 + (len(known) - having + 0.5) / (having + 0.5))


def _bm25(bag: Counter[str], weights: Mapping[str, float], mean: float) -> float:
    norm = _K1 * (1 - _B + _B * bag.total() / mean)
    return sum(weight * bag[word] * (_K1 + 1) / (bag[word] + norm) for word, weight in weights.items() if bag[word])


def _best(hits: list[Hit], limit: int) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk.id))[:limit]


@dataclass
class DocumentPorts:
    """The ports of documents in memory. `vectors` may be an exception: then no embedder can be had."""

    tenants: dict[str, MemoryDocuments] = field(default_factory=dict)
    vectors: WordEmbedder | BaseException = field(default_factory=WordEmbedder)
    ranker: MemoryReranker | None = field(default_factory=MemoryReranker)
    library: MemoryReader = field(default_factory=MemoryReader)

    async def documents(self, tenant: str) -> MemoryDocuments:
        """The collections of a tenant."""
        return self.tenants.setdefault(tenant, MemoryDocuments())

    async def embedder(self) -> WordEmbedder:
        """The given embedder."""
        if isinstance(self.vectors, BaseException):
            raise self.vectors
        return self.vectors

    async def reranker(self) -> MemoryReranker | None:
        """The given reranker."""
        return self.ranker

    async def reader(self) -> MemoryReader:
        """The given documents."""
        return self.library
