"""What a caller asks of the documents' feature. A field that is None means "as configured" (section `docs`)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    collection: str | None = Field(default=None, description="the collection; the configured one if left out")

    @property
    def collection_name(self) -> str:
        """The collection, also where no runtime filled it in."""
        return self.collection or "documents"


class AddRequest(_Request):
    """Input of `docs.add`."""

    paths: tuple[str, ...] = Field(default=(), description="files, folders and globs")
    stdin: str | None = Field(default=None, description="text of a document, instead of paths")
    stdin_name: str = Field(default="stdin", description="the name under which text from stdin is kept")
    tags: dict[str, str] = Field(default_factory=dict, description="what to remember of each document, by key")
    exclude: tuple[str, ...] | None = Field(default=None, description="gitignore patterns of files to leave out")
    prune: bool = Field(default=False, description="remove documents under the given folders whose file is gone")
    chunk_tokens: int | None = Field(default=None, ge=20, le=8000, description="longest chunk, in tokens")
    overlap_tokens: int | None = Field(default=None, ge=0, description="tokens that neighbouring chunks share")


class ListRequest(_Request):
    """Input of `docs.list`."""

    # Not None where left out: the runtime would fill in `docs.limit`, which is meant for passages.
    limit: int = Field(default=0, ge=0, description="at most so many; 0: all")
    offset: int = Field(default=0, ge=0, description="leave out so many first")


class ShowRequest(_Request):
    """Input of `docs.show`."""

    document: str = Field(description="id, its beginning, or name of a document")


class RemoveRequest(_Request):
    """Input of `docs.remove`."""

    documents: tuple[str, ...] = Field(default=(), description="ids or names of documents")
    everything: bool = Field(default=False, description="remove the whole collection")


class SearchRequest(_Request):
    """Input of `docs.search`."""

    query: str = Field(description="what to look for", min_length=1, max_length=10_000)
    limit: int | None = Field(default=None, ge=1, le=100, description="how many passages")
    where: str = Field(default="", description="filter, e.g. `format=pdf and page>=3`")
    mode: Literal["hybrid", "text", "vector"] = Field(default="hybrid", description="how to search")
    rerank: bool | None = Field(default=None, description="weigh the passages anew with a cross-encoder")
    explain: bool = Field(default=False, description="say how each score came about")


class Turn(BaseModel):
    """One earlier turn of a conversation."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    question: str
    answer: str


class AnswerRequest(_Request):
    """Input of `docs.answer`."""

    question: str = Field(description="what to answer from the documents", min_length=1, max_length=10_000)
    history: tuple[Turn, ...] = Field(default=(), description="the conversation so far, oldest first")
    limit: int | None = Field(default=None, ge=1, le=50, description="how many passages to answer from")
    where: str = Field(default="", description="filter, e.g. `format=pdf and page>=3`")
    model: bool = Field(default=True, description="whether to ask a model; without one the passages are the answer")
    rerank: bool | None = Field(default=None, description="weigh the passages anew with a cross-encoder")


class SummariseRequest(_Request):
    """Input of `docs.summarise`."""

    document: str = Field(default="", description="id or name of a document; empty: the whole collection")
    words: int = Field(default=200, ge=30, le=2000, description="about how long")


class ReindexRequest(_Request):
    """Input of `docs.reindex`."""


class CollectionsRequest(BaseModel):
    """Input of `docs.collections`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class ExportRequest(_Request):
    """Input of `docs.export`."""

    documents: tuple[str, ...] = Field(default=(), description="ids or names; all if left out")
