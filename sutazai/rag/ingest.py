"""Adds documents to a collection: read, cut, embedded, stored. `add` is the one public function.

Reading runs ahead of embedding by a bounded queue; what is finished is stored in batches, so that a run that ends
early keeps what it acknowledged. One document's failure is a line in the report and stops nothing.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from sutazai.errors.base import SutazAIError
from sutazai.errors.files import next_steps
from sutazai.errors.knowledge import DocumentError
from sutazai.rag.chunk import CHUNK_TOKENS, OVERLAP_TOKENS, Sizes
from sutazai.rag.prepare import Prepared, Preparer, document_id
from sutazai.rag.prune import gone
from sutazai.rag.report import AddReport, LeftOut, Skip
from sutazai.rag.request import AddRequest
from sutazai.rag.vectors import embedded, stretch
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.document import DocumentEntry, DocumentRecord, DocumentSource
from sutazai.sdk.events import Note, Progress
from sutazai.sdk.knowledge import DocumentReader, DocumentSources, DocumentStore, Embedder
from sutazai.sdk.source import Skipped

_READERS: Final = 2
_AHEAD: Final = 16
_BATCH_TEXTS: Final = 256
_COMMIT_ROWS: Final = 1_000
_COMMIT_SECONDS: Final = 3.0
"""What an interruption costs at most, beside the batch being embedded; a commit takes some hundredths of that."""
_COMMITS_TO_OPTIMIZE: Final = 20

Outcome = Literal["added", "changed", "unchanged"]


async def add(request: AddRequest, context: AgentContext) -> AddReport:
    """What became of each document that the request names.

    Raises:
        CollectionMismatch: the collection's vectors were made by another embedder.
        ModelError: no embedder can be had, or it failed; what was stored before stays.
    """
    embedder = await context.embedder()
    await embedder.open()
    work = _Adding(request, context, embedder, await context.document_store(), await context.reader())
    return await work.run()


@dataclass(slots=True)
class _Tally:
    """What became of which document, by name."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    skipped: list[Skip] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    chunks: int = 0

    def names(self, outcome: Outcome) -> tuple[str, ...]:
        return tuple(sorted(name for name, each in self.outcomes.items() if each == outcome))


class _Adding:
    """One call of `add` at work."""

    def __init__(
        self,
        request: AddRequest,
        context: AgentContext,
        embedder: Embedder,
        store: DocumentStore,
        reader: DocumentReader,
    ) -> None:
        self._request, self._context, self._embedder = request, context, embedder
        self._store, self._reader = store, reader
        self._name = request.collection_name
        self._known: dict[str, DocumentRecord] = {}
        sizes = _sizes(request, embedder)
        self._preparer = Preparer(reader, embedder, context.clock, sizes, self._known, request.tags, self._cutting)
        self._tally = _Tally()
        self._queue: asyncio.Queue[Prepared | None] = asyncio.Queue(_AHEAD)
        self._ready: list[DocumentEntry] = []
        self._started = self._committed = context.clock.monotonic()
        self._read = self._commits = self._embedded = self._to_embed = 0

    async def run(self) -> AddReport:
        found = await self._sources()
        if await self._store.collection(self._name) is not None:
            await self._store.create(self._name, self._embedder.info)  # refuses vectors of other weights
            self._known.update({each.id: each for each in await self._store.documents(self._name)})
        await self._work(found)
        if self._request.prune:
            await self._prune(found)
        if self._commits:
            await self._store.optimize(self._name)
        return self._report(found)

    async def _sources(self) -> DocumentSources:
        if self._request.stdin is None:
            return await self._reader.collect(self._request.paths, exclude=self._request.exclude or ())
        data = self._request.stdin.encode("utf-8", "surrogatepass")
        return DocumentSources((DocumentSource(self._request.stdin_name, data=data, size_bytes=len(data)),))

    async def _work(self, found: DocumentSources) -> None:
        sources = iter({document_id(each): each for each in found.sources}.values())
        total = len(found.sources)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._store_all())
                async with asyncio.TaskGroup() as readers:
                    for _ in range(_READERS):
                        readers.create_task(self._read_all(sources, total))
                await self._queue.put(None)
        except BaseExceptionGroup as failed:
            raise _first(failed) from None

    async def _read_all(self, sources: Iterator[DocumentSource], total: int) -> None:
        for source in sources:
            prepared = await self._prepared(source)
            self._read += 1
            self._progress("read", self._read, total, "documents", source.name)
            if prepared is not None:
                self._to_embed += len(prepared.texts)
                await self._queue.put(prepared)

    async def _prepared(self, source: DocumentSource) -> Prepared | None:
        """The document, None if there is nothing to do or it cannot be read, which the tally then says."""
        try:
            prepared = await self._preparer.prepared(source)
        except SutazAIError as error:
            self._skip(source, error.reason if isinstance(error, DocumentError) else error.message, error.hint)
        except Exception as error:
            self._context.log.exception("reading %s", source.name)
            self._skip(source, f"internal error: {type(error).__name__}")
        else:
            if prepared is None:
                self._tally.outcomes[source.name] = "unchanged"
            return prepared
        return None

    def _cutting(self, name: str) -> None:
        self._progress("cut", 0, 0, "", name)

    def _skip(self, source: DocumentSource, reason: str, hint: str = "") -> None:
        if document_id(source) in self._known:
            reason += " (its earlier version stays)"
        named = source.name in self._request.paths or source.data is not None
        self._tally.skipped.append(Skip(name=source.name, reason=reason, named=named, hint=hint))

    async def _store_all(self) -> None:
        """Embeds what was read and stores it, until there is no more."""
        more = True
        while more:
            batch, more = await self._batch()
            if batch:
                await self._embed(batch)
            if self._ready and (not more or self._due()):
                await self._commit()

    async def _batch(self) -> tuple[list[Prepared], bool]:
        """What waits in the queue, up to a number of texts that embeds well; whether more can come."""
        batch, texts = list[Prepared](), 0
        prepared = await self._next()
        while prepared is not None:
            batch.append(prepared)
            texts += len(prepared.texts)
            if texts >= _BATCH_TEXTS or self._queue.empty():
                return batch, True
            prepared = self._queue.get_nowait()
        return batch, False

    async def _next(self) -> Prepared | None:
        """What is read next; what is ready is stored first where reading takes its time."""
        if self._ready:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, self._commit_in())):
                    return await self._queue.get()
            await self._commit()
        return await self._queue.get()

    async def _embed(self, batch: list[Prepared]) -> None:
        texts = [text for each in batch for text in each.texts]
        label, before = batch[-1].record.name, self._embedded

        def told(done: int, known: int) -> None:
            self._embedded = before + done - known
            if done > known:
                self._progress("embed", self._embedded, self._to_embed - known, "chunks", label)

        vectors, at = await embedded(self._embedder, texts, on_slice=told), 0
        self._to_embed -= vectors.known
        for each in batch:
            await self._store.keep_original(each.data)
            self._ready.append(DocumentEntry(each.record, each.chunks, stretch(vectors, at, len(each.texts))))
            at += len(each.texts)

    def _due(self) -> bool:
        rows = sum(len(each.chunks) for each in self._ready)
        return rows >= _COMMIT_ROWS or self._commit_in() <= 0

    def _commit_in(self) -> float:
        return self._committed + _COMMIT_SECONDS - self._context.clock.monotonic()

    async def _commit(self) -> None:
        entries, self._ready = self._ready, []
        if not self._commits:  # only now: a collection is not made for files that cannot be read
            await self._store.create(self._name, self._embedder.info)
        await self._store.put(self._name, entries)
        for entry in entries:
            self._tally.outcomes[entry.record.name] = "changed" if entry.record.id in self._known else "added"
            self._tally.chunks += len(entry.chunks)
            self._context.emit(Note(level="debug", text=f"stored {entry.record.name}"))
        self._commits, self._committed = self._commits + 1, self._context.clock.monotonic()
        self._progress("store", len(self._tally.outcomes), 0, "documents", entries[-1].record.name)
        if self._commits % _COMMITS_TO_OPTIMIZE == 0:
            await self._store.optimize(self._name, done=False)

    async def _prune(self, found: DocumentSources) -> None:
        seen = [*(each.name for each in found.sources), *(each.path for each in found.skipped if not each.named)]
        records = await gone(self._known.values(), self._request.paths, seen, self._reader)
        if records:
            await self._store.remove(self._name, [each.id for each in records])
            self._tally.removed = [each.name for each in records]
            self._commits += 1

    def _progress(self, phase: str, done: int, total: int, unit: str, label: str) -> None:
        self._context.emit(Progress(phase=phase, done=done, total=total, unit=unit, label=label))

    def _report(self, found: DocumentSources) -> AddReport:
        left_out = [_left_out(each) for each in found.skipped]
        return AddReport(
            collection=self._name,
            added=self._tally.names("added"),
            changed=self._tally.names("changed"),
            unchanged=self._tally.names("unchanged"),
            removed=tuple(self._tally.removed),
            skipped=tuple(sorted([*left_out, *self._tally.skipped], key=lambda each: each.name)),
            ignored_count=found.ignored_count,
            ignored=tuple(LeftOut(reason=e.reason, count=e.count, names=e.names) for e in found.ignored),
            chunks=self._tally.chunks,
            embedded=self._embedded,
            seconds=self._context.clock.monotonic() - self._started,
        )


def _left_out(each: Skipped) -> Skip:
    hint = next_steps([each.reason]).replace("review.", "docs.") if each.named else ""
    return Skip(name=each.path, reason=each.reason, named=each.named, hint=hint)


def _sizes(request: AddRequest, embedder: Embedder) -> Sizes:
    overlap = OVERLAP_TOKENS if request.overlap_tokens is None else request.overlap_tokens
    return Sizes(request.chunk_tokens or CHUNK_TOKENS, overlap, embedder.info.max_tokens)


def _first(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    error = failed.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
