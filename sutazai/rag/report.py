"""What the documents' feature gives back. JSON output carries `schema`; within a version fields are only added."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sutazai.errors.base import ExitCode


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)


class Skip(_Model):
    """A file that was not added, and why. `named` tells that the caller asked for it by name."""

    name: str
    reason: str
    named: bool = False
    hint: str = ""


class LeftOut(_Model):
    """What rules left out of folders, by what left it out."""

    reason: str
    count: int
    names: tuple[str, ...] = Field(default=(), description="the first of them; a folder ends with `/`")


class AddReport(_Model):
    """Result of `docs.add`: names of documents by what became of them."""

    schema_: Literal["sutazai.docs.add/1"] = Field(default="sutazai.docs.add/1", alias="schema")
    collection: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[Skip, ...] = ()
    ignored_count: int = 0
    ignored: tuple[LeftOut, ...] = ()
    chunks: int = 0
    embedded: int = Field(default=0, description="chunks whose vector was computed; one known before costs nothing")
    seconds: float = 0

    def outcome(self) -> ExitCode:
        """What a process that ends with this result returns: something named that could not be read is told."""
        return ExitCode.TARGET if any(each.named for each in self.skipped) else ExitCode.CLEAN


class DocumentInfo(_Model):
    """A document of a collection."""

    id: str
    name: str
    source: str
    format: str
    title: str = ""
    language: str = ""
    size_bytes: int
    characters: int
    pages: int = 0
    chunks: int
    added_at: datetime
    modified_at: datetime | None = None
    tags: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()


class ListReport(_Model):
    """Result of `docs.list`."""

    schema_: Literal["sutazai.docs.list/1"] = Field(default="sutazai.docs.list/1", alias="schema")
    collection: str
    documents: tuple[DocumentInfo, ...] = ()


class ScoreParts(_Model):
    """How a score came about: ranks from 1 (0: not found that way), raw scores, and what they were made into."""

    text_rank: int = 0
    text_score: float = 0
    vector_rank: int = 0
    vector_score: float = 0
    covered: float = Field(default=0, description="share of the query's words that the passage holds, by their rarity")
    fused: float = 0
    reranked: float | None = None


class Passage(_Model):
    """A stretch of a document."""

    id: str
    document: str
    name: str
    ordinal: int = Field(default=0, description="its place among the passages of the document, from 0")
    format: str = Field(default="", description="what the document was read as, e.g. `pdf`, `markdown`, `code`")
    title: str = ""
    headings: tuple[str, ...] = ()
    page: int = 0
    end_page: int = 0
    start: int
    end: int
    start_line: int = 0
    end_line: int = 0
    symbol: str = ""
    text: str
    score: float
    parts: ScoreParts | None = None
    also_in: tuple[str, ...] = Field(default=(), description="names of documents that hold nearly the same passage")


class ShowReport(_Model):
    """Result of `docs.show`: the document and its passages in order."""

    schema_: Literal["sutazai.docs.show/1"] = Field(default="sutazai.docs.show/1", alias="schema")
    collection: str
    document: DocumentInfo
    headings: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()


class RemoveReport(_Model):
    """Result of `docs.remove`."""

    schema_: Literal["sutazai.docs.remove/1"] = Field(default="sutazai.docs.remove/1", alias="schema")
    collection: str
    removed: tuple[str, ...] = ()
    collection_removed: bool = False


class SearchReport(_Model):
    """Result of `docs.search`: passages, best first."""

    schema_: Literal["sutazai.docs.search/1"] = Field(default="sutazai.docs.search/1", alias="schema")
    collection: str
    query: str
    passages: tuple[Passage, ...] = ()
    notes: tuple[str, ...] = ()


class Source(_Model):
    """A numbered source of an answer: what `[number]` in the text stands for, with the words it rests on."""

    number: int
    passage: Passage
    quotes: tuple[str, ...] = ()


class Struck(_Model):
    """A sentence of the model that was left out, because it does not hold."""

    text: str
    reason: str


class ModelUse(_Model):
    """Which model wrote, and what it cost."""

    name: str
    runtime: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


class AnswerReport(_Model):
    """Result of `docs.answer`. `found` false: the documents do not tell; `text` then says so."""

    schema_: Literal["sutazai.docs.answer/1"] = Field(default="sutazai.docs.answer/1", alias="schema")
    collection: str
    question: str
    found: bool
    text: str = ""
    sources: tuple[Source, ...] = ()
    struck: tuple[Struck, ...] = ()
    passages: tuple[Passage, ...] = Field(default=(), description="what was looked at, best first")
    model: ModelUse | None = None
    notes: tuple[str, ...] = ()


class SummaryReport(_Model):
    """Result of `docs.summarise`."""

    schema_: Literal["sutazai.docs.summary/1"] = Field(default="sutazai.docs.summary/1", alias="schema")
    collection: str
    document: str = ""
    text: str = ""
    sources: tuple[Source, ...] = ()
    struck: tuple[Struck, ...] = ()
    left_out: tuple[Skip, ...] = ()
    model: ModelUse | None = None


class CollectionState(_Model):
    """A collection."""

    name: str
    embedder: str
    runtime: str
    dimensions: int
    documents: int
    chunks: int
    size_bytes: int
    indexed: bool = False


class CollectionsReport(_Model):
    """Result of `docs.collections`."""

    schema_: Literal["sutazai.docs.collections/1"] = Field(default="sutazai.docs.collections/1", alias="schema")
    collections: tuple[CollectionState, ...] = ()


class ReindexReport(_Model):
    """Result of `docs.reindex`."""

    schema_: Literal["sutazai.docs.reindex/1"] = Field(default="sutazai.docs.reindex/1", alias="schema")
    collection: str
    embedder: str
    before: str
    chunks: int
    seconds: float = 0


class ExportedDocument(_Model):
    """A document with its text, as `docs.export` gives it."""

    document: DocumentInfo
    passages: tuple[Passage, ...] = ()


class ExportReport(_Model):
    """Result of `docs.export`."""

    schema_: Literal["sutazai.docs.export/1"] = Field(default="sutazai.docs.export/1", alias="schema")
    collection: str
    documents: tuple[ExportedDocument, ...] = ()
