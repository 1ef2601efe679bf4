"""Documents as text with positions, their chunks, and the vectors of texts. Pure data, no I/O.

Offsets are code points of a document's whole text, `end` excluded; pages and lines count from 1, 0: there are none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

FLOAT32_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """Something to read: a file, or bytes that came by another way.

    Attributes:
        name: as people see it: the path as given, or the name that goes with stdin.
        path: where the file lies; None for bytes.
        data: the bytes, where there is no file.
    """

    name: str
    path: Path | None = None
    data: bytes | None = None
    size_bytes: int = 0
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page, slide or sheet of a document: its number from 1 and its stretch of the text."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: where its line begins in the text, and its level from 1 (the outermost)."""

    level: int
    title: str
    start: int


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document as text. The text holds everything, headings included, with line feeds as line ends.

    Attributes:
        format: what it was read as, e.g. `pdf`, `docx`, `markdown`, `code`.
        title: its own title, else empty.
        language: our name of the programming language, for `code`.
        tables: stretches of the text that are tables, one row a line.
        notes: what a person should know, e.g. pages without a text layer.
    """

    text: str
    format: str
    title: str = ""
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    language: str = ""
    tables: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()

    def page_at(self, offset: int) -> int:
        """The number of the page that holds the character at `offset`; 0 where there are no pages."""
        return next((page.number for page in reversed(self.pages) if page.start <= offset), 0)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage that is searched as one.

    Attributes:
        id: a hash of its document and its content (and its number among equals): what did not change keeps its id.
        document: the id of its document.
        ordinal: its place among the chunks of the document, from 0.
        start: where it begins in the document's text.
        end: where it ends.
        text: the verbatim stretch of the text.
        headings: the titles above it, outermost first.
        symbol: dotted name of the function or class, for code.
        lead: what a reader needs before the text though it stands elsewhere: the header row of a table. Embedded with
            the text, never shown as part of it.
    """

    id: str
    document: str
    ordinal: int
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()
    page: int = 0
    end_page: int = 0
    start_line: int = 0
    end_line: int = 0
    symbol: str = ""
    lead: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document of a collection.

    Attributes:
        id: a hash of its source: the same file added again is the same document.
        name: as people see it.
        source: what it was read from: an absolute path, or `stdin:NAME`.
        sha256: of the original bytes; the original is kept under it.
        characters: length of its text.
        tags: what the user said of it, by key.
    """

    id: str
    name: str
    source: str
    format: str
    title: str
    sha256: str
    size_bytes: int
    characters: int
    pages: int
    chunks: int
    added_at: datetime
    modified_at: datetime | None = None
    language: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors of unit length: `data` holds `count` rows of `dimensions` little-endian float32, one after the other.

    Attributes:
        known: how many of them were not computed for this call.
    """

    dimensions: int
    data: bytes = b""
    known: int = field(default=0, compare=False)

    @property
    def count(self) -> int:
        """How many vectors there are."""
        return len(self.data) // (self.dimensions * FLOAT32_BYTES)

    def row(self, index: int) -> bytes:
        """One vector's bytes."""
        size = self.dimensions * FLOAT32_BYTES
        return self.data[index * size : (index + 1) * size]


@dataclass(frozen=True, slots=True)
class EmbedderInfo:
    """Which weights make the vectors. Vectors of different weights must never be compared.

    Attributes:
        name: as the user names it.
        runtime: `embedded`, `ollama` or `sentence-transformers`.
        digest: identifies the weights and how they are run.
        dimensions: of each vector; 0 where it is known only after `open`.
        max_tokens: of the longest text, as `token_spans` counts them; a longer one is refused, never cut in silence.
    """

    name: str
    runtime: str
    digest: str
    dimensions: int
    max_tokens: int


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document with everything that is stored of it: `vectors` has one row for each chunk, in order."""

    record: DocumentRecord
    chunks: tuple[Chunk, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """A collection as it is now. `indexed` tells that vectors are found by an index and not by looking at each."""

    name: str
    embedder: EmbedderInfo
    documents: int
    chunks: int
    size_bytes: int
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a search found. `score`: higher is better; what it means depends on the search."""

    chunk: Chunk
    score: float


Field = Literal["document", "name", "format", "language", "title", "page", "symbol", "tag", "added_at", "modified_at"]
Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a filter: `field operator value`. `~` matches a glob pattern; a tag's value is `key=value`."""

    field: Field
    operator: Operator
    value: str | int | datetime


@dataclass(frozen=True, slots=True)
class Combined:
    """Filters joined: `and`, `or`, or `not` (of the one part)."""

    operator: Literal["and", "or", "not"]
    parts: tuple["Filter", ...]


Filter = Condition | Combined
"""Which chunks to search: typed, so that a store builds its query from it and never from text of a user."""
