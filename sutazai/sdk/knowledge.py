"""What the documents' feature needs of the outside, as protocols: reading, embedding, ranking and storing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from sutazai.sdk.document import (
    Chunk,
    CollectionInfo,
    DocumentEntry,
    DocumentRecord,
    DocumentSource,
    EmbedderInfo,
    Filter,
    Hit,
    ParsedDocument,
    Vectors,
)
from sutazai.sdk.source import Skipped


@dataclass(frozen=True, slots=True)
class Ignored:
    """What rules leave out of folders, by what leaves it out. `names`: the first of them; a folder ends with `/`."""

    reason: str
    count: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentSources:
    """The files that paths stand for, and what was left out of them, with reasons."""

    sources: tuple[DocumentSource, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    ignored_count: int = 0
    ignored: tuple[Ignored, ...] = ()


class DocumentReader(Protocol):
    """Finds documents and turns them into text, each in a process of its own that can be killed."""

    async def collect(self, paths: Sequence[str], *, exclude: Sequence[str] = ()) -> DocumentSources:
        """The files of paths, folders (git's ignore rules hold) and globs; what is missing is skipped and named."""

    async def original(self, source: DocumentSource) -> bytes:
        """The bytes of a source.

        Raises:
            DocumentError: it cannot be read or is too large.
        """

    async def read(self, source: DocumentSource, data: bytes) -> ParsedDocument:
        """The text of a document, by its content and not by its name's ending.

        Raises:
            DocumentError: it cannot be read; the subclass says why (encrypted, no text, broken, too large, unknown).
        """


class Embedder(Protocol):
    """Turns texts into vectors of unit length. One contract suite runs over every implementation."""

    @property
    def info(self) -> EmbedderInfo:
        """Which weights these are; complete only after `open`."""

    async def open(self) -> None:
        """Makes it ready; harmless when done already.

        Raises:
            ModelError: the weights or the runtime cannot be had.
        """

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of `text` begins and ends, in code points, nothing cut off. Only after `open`."""

    async def embed(self, texts: Sequence[str], *, kind: Literal["document", "query"] = "document") -> Vectors:
        """One vector for each text, in order. Equal texts give equal vectors, however they are batched.

        Raises:
            ModelError: a text is too long, or the runtime fails.
        """

    async def close(self) -> None:
        """Frees everything; safe to call twice."""


class Reranker(Protocol):
    """Weighs passages against a query one by one: slower and better than vectors."""

    async def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score for each text: higher is better.

        Raises:
            ModelError: it cannot be had.
        """


class DocumentLibrary(Protocol):
    """One tenant's collections, for reading: documents, chunks with vectors and full text, originals.

    A document is searchable as a whole or not at all; a search sees everything that was acknowledged before it, also
    by another process.

    Every method that takes a collection raises `CollectionMissing` where there is none of that name (`collection`
    gives None).
    """

    async def collections(self) -> list[CollectionInfo]:
        """Every collection, by name."""

    async def collection(self, name: str) -> CollectionInfo | None:
        """One collection, None if there is none of that name."""

    async def documents(self, name: str, *, limit: int | None = None, offset: int = 0) -> list[DocumentRecord]:
        """The documents of a collection by name."""

    async def document(self, name: str, document: str) -> DocumentRecord | None:
        """A document by its id, a unique prefix of it, or its name."""

    async def chunks(self, name: str, document: str, first: int = 0, last: int | None = None) -> list[Chunk]:
        """The chunks `first` to `last` (included) of a document, in order."""

    async def search_text(self, name: str, query: str, *, limit: int, where: Filter | None = None) -> list[Hit]:
        """The chunks that match words of the query best (BM25), best first. Any text is a valid query."""

    async def search_vector(self, name: str, vector: bytes, *, limit: int, where: Filter | None = None) -> list[Hit]:
        """The chunks nearest to a vector, best first; the score is the cosine."""

    async def read_original(self, sha256: str) -> bytes | None:
        """The bytes kept under a hash."""


class DocumentStore(DocumentLibrary, Protocol):
    """The same, for changing.

    What was acknowledged survives the death of any process; two processes may write at once.
    """

    async def create(self, name: str, embedder: EmbedderInfo) -> None:
        """Makes a collection; harmless where it is there with the same embedder.

        Raises:
            CollectionMismatch: it is there, and other weights made its vectors.
            CollectionNameBad: the name is none for a collection.
        """

    async def drop(self, name: str) -> None:
        """Removes a collection and everything that only it held.

        Raises:
            CollectionMissing: there is none of that name.
        """

    async def put(self, name: str, entries: Sequence[DocumentEntry]) -> None:
        """Stores documents in one commit: new ones, and in place of older versions, of which nothing stays."""

    async def remove(self, name: str, documents: Sequence[str]) -> int:
        """Removes documents by id, in one commit; gives how many there were."""

    async def optimize(self, name: str, *, done: bool = True) -> None:
        """Folds what was added into the indexes and frees old versions, if enough has gathered.

        `done` is false where more is to be added at once: then much more must have gathered.
        """

    async def keep_original(self, data: bytes) -> str:
        """Keeps the bytes of a document under their sha256, which is given back."""

    async def reindex_pending(self, name: str, embedder: EmbedderInfo, *, limit: int) -> list[Chunk]:
        """Chunks that have no vector of `embedder` yet, where a change of weights is under way; begins one if not."""

    async def reindex_put(self, name: str, embedder: EmbedderInfo, chunks: Sequence[str], vectors: Vectors) -> None:
        """Keeps new vectors of chunks, beside the old ones, which go on being searched."""

    async def reindex_finish(self, name: str, embedder: EmbedderInfo) -> None:
        """Puts the new vectors in the place of the old ones, in one step."""
