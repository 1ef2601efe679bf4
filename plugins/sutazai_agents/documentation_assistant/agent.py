"""The documentation assistant's capabilities. Each is a thin call into a feature, loaded when it is called."""

from sutazai.rag.report import (
    AddReport,
    AnswerReport,
    CollectionsReport,
    ExportReport,
    ListReport,
    ReindexReport,
    RemoveReport,
    SearchReport,
    ShowReport,
    SummaryReport,
)
from sutazai.rag.request import (
    AddRequest,
    AnswerRequest,
    CollectionsRequest,
    ExportRequest,
    ListRequest,
    ReindexRequest,
    RemoveRequest,
    SearchRequest,
    ShowRequest,
    SummariseRequest,
)
from sutazai.sdk.agent import Agent, AgentContext

assistant = Agent(
    "documentation-assistant", summary="Keeps documents, searches them, and answers from them with citations"
)

_READ = {"documents:read"}
_WRITE = {"documents:read", "documents:write"}
_ASK = {"documents:read", "model:chat"}


@assistant.capability("docs.add", permissions={"files:read", *_WRITE}, settings="docs")
async def add_documents(request: AddRequest, context: AgentContext) -> AddReport:
    """Reads files and folders into a collection; what did not change is left as it is."""
    from sutazai.rag.ingest import add  # noqa: PLC0415 (loaded only when used)

    return await add(request, context)


@assistant.capability("docs.list", permissions=_READ, settings="docs")
async def list_documents(request: ListRequest, context: AgentContext) -> ListReport:
    """Lists the documents of a collection."""
    from sutazai.rag import library  # noqa: PLC0415 (loaded only when used)

    return await library.list_documents(request, context)


@assistant.capability("docs.show", permissions=_READ, settings="docs")
async def show_document(request: ShowRequest, context: AgentContext) -> ShowReport:
    """Shows a document with its headings and passages."""
    from sutazai.rag import library  # noqa: PLC0415 (loaded only when used)

    return await library.show(request, context)


@assistant.capability("docs.remove", permissions=_WRITE, settings="docs")
async def remove_documents(request: RemoveRequest, context: AgentContext) -> RemoveReport:
    """Removes documents, or a whole collection."""
    from sutazai.rag import library  # noqa: PLC0415 (loaded only when used)

    return await library.remove(request, context)


@assistant.capability("docs.search", permissions=_READ, settings="docs")
async def search_documents(request: SearchRequest, context: AgentContext) -> SearchReport:
    """Finds passages by words and by meaning, best first."""
    from sutazai.rag.retrieve import search  # noqa: PLC0415 (loaded only when used)

    return await search(request, context)


@assistant.capability("docs.answer", permissions=_ASK, settings="docs")
async def answer_question(request: AnswerRequest, context: AgentContext) -> AnswerReport:
    """Answers a question from the documents, every sentence with its source, or says that they do not tell."""
    from sutazai.rag.answer import answer  # noqa: PLC0415 (loaded only when used)

    return await answer(request, context)


@assistant.capability("docs.summarise", permissions=_ASK, settings="docs")
async def summarise_documents(request: SummariseRequest, context: AgentContext) -> SummaryReport:
    """Summarises a document or a collection, every sentence with its source."""
    from sutazai.rag.summarise import summarise  # noqa: PLC0415 (loaded only when used)

    return await summarise(request, context)


@assistant.capability("docs.reindex", permissions=_WRITE, settings="docs")
async def reindex_collection(request: ReindexRequest, context: AgentContext) -> ReindexReport:
    """Makes the vectors of a collection anew with the configured embedder, without downtime."""
    from sutazai.rag.reindex import reindex  # noqa: PLC0415 (loaded only when used)

    return await reindex(request, context)


@assistant.capability("docs.collections", permissions=_READ)
async def list_collections(request: CollectionsRequest, context: AgentContext) -> CollectionsReport:
    """Lists the collections with their size and embedder."""
    from sutazai.rag import library  # noqa: PLC0415 (loaded only when used)

    return await library.collections(request, context)


@assistant.capability("docs.export", permissions=_READ, settings="docs")
async def export_documents(request: ExportRequest, context: AgentContext) -> ExportReport:
    """Gives documents with their text, to be taken elsewhere."""
    from sutazai.rag import library  # noqa: PLC0415 (loaded only when used)

    return await library.export(request, context)
