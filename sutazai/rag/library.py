"""What collections hold: lists, shows, exports and removes documents. Each function is one capability."""

from contextlib import suppress

from sutazai.errors.knowledge import CollectionBroken, CollectionMissing
from sutazai.rag.passages import document_info, found_document, passage
from sutazai.rag.report import (
    CollectionsReport,
    CollectionState,
    ExportedDocument,
    ExportReport,
    ListReport,
    Passage,
    RemoveReport,
    ShowReport,
)
from sutazai.rag.request import CollectionsRequest, ExportRequest, ListRequest, RemoveRequest, ShowRequest
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.document import CollectionInfo, DocumentRecord
from sutazai.sdk.events import Progress
from sutazai.sdk.knowledge import DocumentLibrary


async def list_documents(request: ListRequest, context: AgentContext) -> ListReport:
    """The documents of a collection, by name."""
    library, name = await context.documents(), request.collection_name
    records = await library.documents(name, limit=request.limit or None, offset=request.offset)
    return ListReport(collection=name, documents=tuple(map(document_info, records)))


async def show(request: ShowRequest, context: AgentContext) -> ShowReport:
    """A document with its headings and its passages in order.

    Raises:
        DocumentMissing: no single document is called so.
    """
    library, name = await context.documents(), request.collection_name
    record = await found_document(library, name, request.document)
    found = await _passages(library, name, record)
    headings = dict.fromkeys(title for each in found for title in each.headings)
    return ShowReport(collection=name, document=document_info(record), headings=tuple(headings), passages=found)


async def remove(request: RemoveRequest, context: AgentContext) -> RemoveReport:
    """Removes documents or the whole collection. Every name is looked up before anything is removed.

    Raises:
        DocumentMissing: a name is none of a single document; nothing was removed.
        CollectionMissing: there is no such collection.
    """
    store, name = await context.document_store(), request.collection_name
    if request.everything:
        gone: list[DocumentRecord] = []
        with suppress(CollectionBroken):  # one that is damaged can be removed all the same
            gone = await store.documents(name)
        await store.drop(name)
        return RemoveReport(collection=name, removed=tuple(each.name for each in gone), collection_removed=True)
    records = {each.id: each for each in [await found_document(store, name, each) for each in request.documents]}
    if records:
        await store.remove(name, list(records))
        await store.optimize(name)
    return RemoveReport(collection=name, removed=tuple(each.name for each in records.values()))


async def collections(request: CollectionsRequest, context: AgentContext) -> CollectionsReport:  # noqa: ARG001
    """Every collection of the caller's tenant."""
    found = await (await context.documents()).collections()
    return CollectionsReport(collections=tuple(map(_state, found)))


async def export(request: ExportRequest, context: AgentContext) -> ExportReport:
    """Documents with all their passages.

    Raises:
        DocumentMissing: no single document is called so.
        CollectionMissing: there is no such collection.
    """
    library, name = await context.documents(), request.collection_name
    if await library.collection(name) is None:
        raise CollectionMissing(name)
    wanted = [await found_document(library, name, each) for each in request.documents]
    records = list({each.id: each for each in wanted}.values()) or await library.documents(name)
    exported = []
    for done, record in enumerate(records):
        context.emit(Progress(phase="export", done=done, total=len(records), unit="documents", label=record.name))
        passages = await _passages(library, name, record)
        exported.append(ExportedDocument(document=document_info(record), passages=passages))
    return ExportReport(collection=name, documents=tuple(exported))


async def _passages(library: DocumentLibrary, name: str, record: DocumentRecord) -> tuple[Passage, ...]:
    return tuple(passage(record, chunk) for chunk in await library.chunks(name, record.id))


def _state(info: CollectionInfo) -> CollectionState:
    return CollectionState(
        name=info.name,
        embedder=info.embedder.name,
        runtime=info.embedder.runtime,
        dimensions=info.embedder.dimensions,
        documents=info.documents,
        chunks=info.chunks,
        size_bytes=info.size_bytes,
        indexed=info.indexed,
    )
