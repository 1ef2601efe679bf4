"""Answers a question from passages: finds them, asks a model, shows only sentences whose citations hold.

Owns the order of the steps. No sentence of a model is emitted before it was checked; a failing model leaves passages.
"""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from sutazai.errors.models import ModelError, PromptTooLong
from sutazai.rag.answer_judge import yes_share
from sutazai.rag.answer_prompt import Shown, is_large, judge_messages, messages, room_tokens, shown
from sutazai.rag.answer_relevance import far_from, is_yes_or_no, unspoken
from sutazai.rag.answer_sentences import said
from sutazai.rag.answer_written import Addition, Written
from sutazai.rag.citations import Evidence
from sutazai.rag.conversation import Question, stand_alone
from sutazai.rag.neighbours import with_neighbours
from sutazai.rag.report import AnswerReport, ModelUse, Passage
from sutazai.rag.request import AnswerRequest
from sutazai.rag.retrieve import passages
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.chat import ChatRequest, Usage
from sutazai.sdk.events import Citation, Progress, Token
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.tokens import estimated_tokens

_LIMIT: Final = 8
_REPLY_TOKENS: Final = 240
_LEAST_YES: Final = 0.25
_LEAST_YES_OF_YES_OR_NO: Final = 0.1
"""Below this share of yes, a model that is asked whether the passages tell the answer means no."""
_NAMED: Final = 3


async def answer(request: AnswerRequest, context: AgentContext) -> AnswerReport:
    """An answer of sentences that hold, each with its source; else that the documents do not tell.

    Checked sentences are emitted as `Token`s while the model writes, each followed by its `Citation`s.

    Raises:
        CollectionMissing: there is no such collection.
        CollectionMismatch: its vectors were made by another embedder than the one at hand.
        FilterBad: the filter cannot be understood.
    """
    question = stand_alone(request.question, request.history)
    _at(context, "search")
    found = await passages(
        question.search,
        context,
        collection=request.collection_name,
        limit=request.limit or _LIMIT,
        where=request.where,
        rerank=bool(request.rerank),
    )
    report = AnswerReport(
        collection=request.collection_name,
        question=request.question,
        found=bool(found),
        passages=tuple(each.model_copy(update={"parts": None}) for each in found),
    )
    if not request.model:
        return report
    if far_from(question.search, found):
        return _silent(report, "nothing in them is near the question")
    try:
        _at(context, "load")
        chat = await context.chat()
        await chat.open()
        return await _Asked(chat, context, report, question).answered(found)
    except ModelError as error:
        return report.model_copy(update={"notes": (f"passages only, no model answered: {error.message}",)})


def _silent(report: AnswerReport, why: str = "", **changes: object) -> AnswerReport:
    """The report that the documents do not tell, with the nearest passages by name."""
    text = f"The documents do not tell{f': {why}' if why else ''}."
    nearest = list(dict.fromkeys(_place(each) for each in report.passages))[:_NAMED]
    if nearest:
        text += f" Nearest: {'; '.join(nearest)}."
    return report.model_copy(update={"found": False, "text": text, **changes})


def _place(passage: Passage) -> str:
    page = f", page {passage.page}" if passage.page else ""
    line = f":{passage.start_line}" if passage.symbol and passage.start_line else ""
    above = passage.symbol or (passage.headings[-1] if passage.headings else "")
    return " ".join(f"{passage.name}{page}{line}{f' ({above})' if above else ''}".split())


class _Asked:
    """One question put to one model."""

    def __init__(self, chat: ChatModel, context: AgentContext, report: AnswerReport, question: Question) -> None:
        self._chat = chat
        self._context = context
        self._report = report
        self._question = question
        self._usage = Usage()

    async def answered(self, found: Sequence[Passage]) -> AnswerReport:
        """The answer; passages that do not fit the model's context are left out, the last ones first."""
        if (term := unspoken(self._question.text, _numbered(found))) is not None:
            return _silent(self._report, f"they do not speak of {term.shown!r}")
        read = await self._read(found)
        while True:
            try:
                return await self._from(_numbered(read))
            except PromptTooLong:
                if len(read) == 1:
                    raise
                read = read[: len(read) // 2]

    async def _read(self, found: Sequence[Passage]) -> list[Passage]:
        """What the model reads: the passages and what stands around them, as far as there is room."""
        room = room_tokens(self._chat.info)
        collection = self._report.collection
        try:
            return await with_neighbours(found, self._context, collection=collection, tokens=room)
        except ModelError:
            return _packed(found, room)

    async def _from(self, evidence: Sequence[Evidence]) -> AnswerReport:
        view, notes = shown(evidence), order_notes(evidence)
        _at(self._context, "passages", _reading(len(evidence), self._chat.info.name))
        if not view.owners or not await self._tells(view):
            return _silent(self._report, model=self._use(), notes=notes)
        written = Written(evidence, self._question.text, is_old=self._question.is_answered_before)
        notes += await self._write(view, written)
        struck = tuple(written.struck)
        if not written.text:
            return _silent(self._report, model=self._use(), notes=notes, struck=struck)
        told = {"found": True, "text": written.text, "sources": written.sources(), "struck": struck}
        return self._report.model_copy(update={**told, "model": self._use(), "notes": notes})

    async def _tells(self, view: Shown) -> bool:
        """Whether the model thinks that the passages tell the answer. A large one says so in its own words."""
        if is_large(self._chat.info):
            return True
        asked = judge_messages(view, self._question.text, self._question.leans_on)
        share, usage = await yes_share(self._chat, asked)
        self._spent(usage)
        _at(self._context, "write")
        least = _LEAST_YES_OF_YES_OR_NO if is_yes_or_no(self._question.text) else _LEAST_YES
        return share is None or share >= least

    async def _write(self, view: Shown, written: Written) -> tuple[str, ...]:
        """Takes what the model says; gives a note where it broke off in the middle."""
        asked = messages(view, self._question.text, self._question.leans_on, large=is_large(self._chat.info))
        try:
            async with aclosing(said(self._chat, ChatRequest(asked, max_tokens=_REPLY_TOKENS), self._spent)) as reply:
                async for sentence in reply:
                    emit(written.take(sentence, view), self._context)
        except ModelError as error:
            if not written.pieces:
                raise
            return (f"the model broke off: {error.message}",)
        emit(written.finish(), self._context)
        return ()

    def _spent(self, usage: Usage) -> None:
        self._usage += usage

    def _use(self) -> ModelUse:
        return model_use(self._chat, self._usage)


def _at(context: AgentContext, phase: str, label: str = "") -> None:
    """Says what is done now: nothing of it can be counted."""
    context.emit(Progress(phase=phase, done=0, label=label))


def _reading(count: int, model: str) -> str:
    return f"{count} {'passages' if count > 1 else 'passage'} with {model}"


def _numbered(passages: Sequence[Passage]) -> list[Evidence]:
    return [Evidence(number, each) for number, each in enumerate(passages, 1)]


def _packed(found: Sequence[Passage], room: int) -> list[Passage]:
    """The best passages that fit, at least one."""
    packed = list(found[:1])
    for each in found[1:]:
        if sum(estimated_tokens(one.text) for one in (*packed, each)) <= room:
            packed.append(each)
    return packed


def emit(addition: Addition | None, context: AgentContext) -> None:
    """Shows what was added to an answer."""
    if addition is None:
        return
    context.emit(Token(text=addition.text))
    for cited in addition.cited:
        context.emit(Citation(document=cited.document, passage=cited.id))


def order_notes(evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Which documents tell a model what to do: what they order was left out."""
    names = dict.fromkeys(each.passage.name for each in evidence if each.has_orders)
    return tuple(f"{name} holds instructions to a model: they were left out" for name in names)


def model_use(chat: ChatModel, usage: Usage) -> ModelUse:
    """Which model wrote, and what it cost so far."""
    return ModelUse(
        name=chat.info.name,
        runtime=chat.info.runtime,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
    )
