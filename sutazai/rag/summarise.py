"""Summarises a document or a collection part by part; every sentence is borne by a passage of its part.

Owns the order of the steps and the budget. Sentences are checked as those of answers are, before they are emitted.
"""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from sutazai.errors.knowledge import CollectionMissing
from sutazai.errors.models import PromptTooLong
from sutazai.rag.answer import emit, model_use, order_notes
from sutazai.rag.answer_prompt import Shown, room_tokens, shown
from sutazai.rag.answer_sentences import said
from sutazai.rag.answer_written import Written
from sutazai.rag.citations import Evidence
from sutazai.rag.passages import found_document, passage
from sutazai.rag.report import Passage, Skip, Struck, SummaryReport
from sutazai.rag.request import SummariseRequest
from sutazai.rag.summarise_parts import Part, Plan, plan, skipped
from sutazai.rag.summarise_prompt import part_messages
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.chat import ChatRequest, Usage
from sutazai.sdk.events import Note, Progress
from sutazai.sdk.ports import ChatModel

_MOST_PARTS: Final = 12
"""On a small machine a part takes a quarter of a minute: a summary stays within three."""
_MOST_DOCUMENTS: Final = 50
_MOST_SENTENCES: Final = 200
_TOKENS_A_SENTENCE: Final = 60


async def summarise(request: SummariseRequest, context: AgentContext) -> SummaryReport:
    """What a document or a collection says, in about so many words, each sentence with its source.

    Raises:
        CollectionMissing: there is no such collection.
        DocumentMissing: no single document is called so.
        ModelError: no model can be had: a summary needs one.
    """
    documents, left_out = await _documents(request, context)
    context.emit(Progress(phase="load", done=0))
    chat = await context.chat()
    await chat.open()
    planned = plan(documents, words=request.words, room_tokens=room_tokens(chat.info), most_parts=_MOST_PARTS)
    return await _Summary(request, context, chat).of(planned, left_out)


async def _documents(request: SummariseRequest, context: AgentContext) -> tuple[list[list[Passage]], list[Skip]]:
    library, name = await context.documents(), request.collection_name
    if await library.collection(name) is None:
        raise CollectionMissing(name)
    if request.document:
        records = [await found_document(library, name, request.document)]
    else:
        records = await library.documents(name)
    read = [
        [passage(each, chunk) for chunk in await library.chunks(name, each.id)] for each in records[:_MOST_DOCUMENTS]
    ]
    left_out = [Skip(name=each.name, reason="too many documents at once") for each in records[_MOST_DOCUMENTS:]]
    return read, left_out


class _Summary:
    """One summary by one model, growing part by part."""

    def __init__(self, request: SummariseRequest, context: AgentContext, chat: ChatModel) -> None:
        self._request = request
        self._context = context
        self._chat = chat
        self._usage = Usage()
        self._struck: list[Struck] = []

    async def of(self, planned: Plan, left_out: Sequence[Skip]) -> SummaryReport:
        """The summary of every part in order."""
        missing = [*left_out, *planned.left_out]
        numbered = iter(range(1, 1 + sum(len(part.passages) for part in planned.parts)))
        evidence = [[Evidence(next(numbered), each) for each in part.passages] for part in planned.parts]
        written = Written([each for part in evidence for each in part], most=_MOST_SENTENCES)
        for text in order_notes(written.evidence):
            self._context.emit(Note(level="warning", text=text))
        for done, (part, among) in enumerate(zip(planned.parts, evidence, strict=True)):
            self._progress(done, len(planned.parts), part)
            if reason := await self._said(part, among, written):
                missing.append(skipped(part.passages, reason))
        return SummaryReport(
            collection=self._request.collection_name,
            document=self._request.document,
            text=written.text,
            sources=written.sources(),
            struck=tuple(written.struck),
            left_out=tuple(missing),
            model=model_use(self._chat, self._usage),
        )

    def _progress(self, done: int, total: int, part: Part) -> None:
        first, headings = part.passages[0], {each.headings for each in part.passages}
        label = first.headings[-1] if first.headings and len(headings) == 1 else first.name
        self._context.emit(Progress(phase="summary", done=done, total=total, unit="parts", label=label))

    async def _said(self, part: Part, among: Sequence[Evidence], written: Written) -> str:
        """Adds what holds of what the model says of a part; gives why nothing was added."""
        before, view = len(written.pieces), shown(among)
        if not view.owners:
            return "nothing in it can be cited"
        try:
            await self._write(part, view, among, written)
        except PromptTooLong:
            return "longer than the model's context"
        return "" if len(written.pieces) > before else "no sentence of the model held"

    async def _write(self, part: Part, view: Shown, among: Sequence[Evidence], written: Written) -> None:
        last = len(written.pieces) + part.sentences
        asked = ChatRequest(part_messages(view, part.sentences), max_tokens=_TOKENS_A_SENTENCE * (part.sentences + 1))
        async with aclosing(said(self._chat, asked, self._spent)) as reply:
            async for sentence in reply:
                emit(written.take(sentence, view, among), self._context)
                if len(written.pieces) >= last:
                    break

    def _spent(self, usage: Usage) -> None:
        self._usage += usage
