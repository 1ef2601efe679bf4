"""Changes the weights of a collection: new vectors beside the old ones, which are searched until all are there.

A run that was stopped goes on where it ended: the store remembers which chunks have their new vector.
"""

from collections.abc import Sequence
from typing import Final

from sutazai.errors.knowledge import CollectionMissing
from sutazai.rag.embedded_text import embedded_text
from sutazai.rag.report import ReindexReport
from sutazai.rag.request import ReindexRequest
from sutazai.rag.vectors import embedded
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.document import Chunk
from sutazai.sdk.events import Progress
from sutazai.sdk.knowledge import DocumentStore, Embedder

_BATCH: Final = 1_000


async def reindex(request: ReindexRequest, context: AgentContext) -> ReindexReport:
    """Gives every chunk of a collection a vector of the configured embedder.

    Raises:
        CollectionMissing: there is no such collection.
        ModelError: the embedder cannot be had, or a chunk is too long for it; the old vectors stay in use.
    """
    store, name, started = await context.document_store(), request.collection_name, context.clock.monotonic()
    info = await store.collection(name)
    if info is None:
        raise CollectionMissing(name)
    embedder = await context.embedder()
    await embedder.open()
    if embedder.info.digest != info.embedder.digest:
        await _Renewal(name, context, store, embedder).run(info.chunks)
    return ReindexReport(
        collection=name,
        embedder=embedder.info.name,
        before=info.embedder.name,
        chunks=info.chunks,
        seconds=context.clock.monotonic() - started,
    )


class _Renewal:
    def __init__(self, name: str, context: AgentContext, store: DocumentStore, embedder: Embedder) -> None:
        self._name, self._context, self._store, self._embedder = name, context, store, embedder
        self._titles: dict[str, str] = {}
        self._done = 0

    async def run(self, total: int) -> None:
        while pending := await self._store.reindex_pending(self._name, self._embedder.info, limit=_BATCH):
            texts = [await self._text(each) for each in pending]
            await self._renew(pending, texts, total)
        await self._store.reindex_finish(self._name, self._embedder.info)
        await self._store.optimize(self._name)

    async def _renew(self, pending: Sequence[Chunk], texts: Sequence[str], total: int) -> None:
        before = self._done

        def told(done: int, _known: int) -> None:
            self._done = before + done
            label = self._titles[pending[done - 1].document]
            self._context.emit(Progress(phase="embed", done=self._done, total=total, unit="chunks", label=label))

        vectors = await embedded(self._embedder, texts, on_slice=told)
        await self._store.reindex_put(self._name, self._embedder.info, [each.id for each in pending], vectors)

    async def _text(self, chunk: Chunk) -> str:
        """What `docs.add` embeds of a chunk."""
        if chunk.document not in self._titles:
            record = await self._store.document(self._name, chunk.document)
            self._titles[chunk.document] = (record.title or record.name) if record else ""
        title = self._titles[chunk.document]
        return embedded_text(chunk, title, self._embedder.token_spans, self._embedder.info.max_tokens)
