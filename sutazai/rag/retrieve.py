"""Finds the passages that belong to a query: by words and by vectors, joined, without repetitions, best first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from sutazai.errors.knowledge import CollectionMismatch, CollectionMissing
from sutazai.errors.models import ModelError
from sutazai.rag.duplicates import folded
from sutazai.rag.filters import parsed_filter
from sutazai.rag.fusion import Ranked, fused
from sutazai.rag.fusion_coverage import covered
from sutazai.rag.passages import passage
from sutazai.rag.report import Passage, SearchReport
from sutazai.rag.request import SearchRequest
from sutazai.rag.together import together
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.document import DocumentRecord, Filter, Hit
from sutazai.sdk.events import Note
from sutazai.sdk.knowledge import DocumentLibrary, Embedder

Mode = Literal["hybrid", "text", "vector"]
DEPTH: Final = 200
"""How many chunks each way of searching gives to the fusion: what one side missed by little counts there as its worst,
so deeper lists are fairer."""
_RERANKED: Final = 50
_LIMIT: Final = 8


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for, and how. `where` is the text of a filter."""

    text: str
    collection: str
    limit: int = _LIMIT
    where: str = ""
    mode: Mode = "hybrid"
    rerank: bool = False


async def search(request: SearchRequest, context: AgentContext) -> SearchReport:
    """The passages that fit a query, best first.

    Raises:
        CollectionMissing: there is no such collection.
        CollectionMismatch: its vectors were made by another embedder than the one at hand.
        FilterBad: the filter cannot be understood.
    """
    query = Query(
        request.query,
        request.collection_name,
        request.limit or _LIMIT,
        request.where,
        request.mode,
        bool(request.rerank),
    )
    notes: list[str] = []
    found = await _found(query, context, notes)
    if not request.explain:
        found = [each.model_copy(update={"parts": None}) for each in found]
    return SearchReport(collection=query.collection, query=request.query, passages=tuple(found), notes=tuple(notes))


async def passages(
    query: str,
    context: AgentContext,
    *,
    collection: str,
    limit: int = _LIMIT,
    where: str = "",
    rerank: bool = False,
    mode: Mode = "hybrid",
) -> list[Passage]:
    """As `search`, for other features: the passages with their score parts. What is amiss is told by a note.

    Raises:
        SutazAIError: as `search`.
    """
    notes: list[str] = []
    found = await _found(Query(query, collection, limit, where, mode, rerank), context, notes)
    for text in notes:
        context.emit(Note(level="warning", text=text))
    return found


async def _found(query: Query, context: AgentContext, notes: list[str]) -> list[Passage]:
    library = await context.documents()
    found = await ranked(query, context, notes)
    records = await _records(library, query.collection, found)
    return [
        passage(
            records[each.chunk.document],
            each.chunk,
            score=each.score,
            parts=each.parts,
            also_in=[records[twin].name for twin in each.twins if twin in records],
        )
        for each in found
        if each.chunk.document in records
    ]


async def ranked(query: Query, context: AgentContext, notes: list[str]) -> list[Ranked]:
    """The chunks that fit a query, best first, at most `limit`. `notes` gets what could not be done.

    Raises:
        SutazAIError: as `search`.
    """
    where, library = parsed_filter(query.where), await context.documents()
    text, vector = await _hits(query, where, library, context, notes)
    found = fused(text, vector)
    if text and vector:
        found = covered(found, query.text)
    if not query.rerank:
        return folded(found, query.limit)
    best = folded(found, max(query.limit, _RERANKED))
    return (await _reranked(query.text, best, context, notes))[: query.limit]


async def _hits(
    query: Query, where: Filter | None, library: DocumentLibrary, context: AgentContext, notes: list[str]
) -> tuple[list[Hit], list[Hit]]:
    vector = None if query.mode == "text" else await _query_vector(query, library, context, notes)

    async def by_text() -> list[Hit]:
        if query.mode == "vector":
            return []
        return await library.search_text(query.collection, query.text, limit=DEPTH, where=where)

    async def by_vector() -> list[Hit]:
        if vector is None:
            return []
        return await library.search_vector(query.collection, vector, limit=DEPTH, where=where)

    text, vectors = await together([by_text(), by_vector()])
    return text, vectors


async def _query_vector(
    query: Query, library: DocumentLibrary, context: AgentContext, notes: list[str]
) -> bytes | None:
    """The query as a vector. Where no embedder can be had, a hybrid search goes on with words and says so."""
    info = await library.collection(query.collection)
    if info is None:
        raise CollectionMissing(query.collection)
    try:
        embedder = await context.embedder()
        await embedder.open()
    except ModelError as error:
        if query.mode == "vector":
            raise
        notes.append(f"only words were searched, not meaning: {error.message}")
        return None
    if embedder.info.digest != info.embedder.digest:
        raise CollectionMismatch(query.collection, info.embedder.name, embedder.info.name)
    text = _fitting(query.text, embedder, notes)
    return (await embedder.embed([text], kind="query")).row(0)


def _fitting(text: str, embedder: Embedder, notes: list[str]) -> str:
    spans, most = embedder.token_spans(text), embedder.info.max_tokens
    if len(spans) <= most:
        return text
    notes.append(f"only the first {most} tokens of the query were searched by meaning")
    return text[: spans[most - 1][1]]


async def _reranked(query: str, found: list[Ranked], context: AgentContext, notes: list[str]) -> list[Ranked]:
    """The passages in the order of a cross-encoder."""
    reranker = await context.reranker()
    if reranker is None:
        notes.append("not weighed anew: no reranker is configured (`docs.reranker`)")
        return found
    try:
        scores = await reranker.scores(query, [each.chunk.text for each in found])
    except ModelError as error:
        notes.append(f"not weighed anew: {error.message}")
        return found
    scored = zip(found, scores, strict=True)
    weighed = [
        replace(each, score=score, parts=each.parts.model_copy(update={"reranked": score})) for each, score in scored
    ]
    return sorted(weighed, key=lambda each: -each.score)


async def _records(library: DocumentLibrary, collection: str, found: Sequence[Ranked]) -> dict[str, DocumentRecord]:
    wanted = dict.fromkeys(key for each in found for key in (each.chunk.document, *each.twins))
    records = await together([library.document(collection, key) for key in wanted])
    # A document can be removed between the search and here: then nothing is said of it.
    return {each.id: each for each in records if each is not None}
