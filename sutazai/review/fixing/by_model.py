"""Patches by a model: one unit and one finding at a time, only where the model's measured profile allows it.

Whatever goes wrong with the model ends here as a reason: fixes without a model are still fixes.
"""

import asyncio
from collections.abc import Mapping

from sutazai.errors.models import ModelError
from sutazai.review.fixing.proposals import Proposal
from sutazai.review.fixing.texts import smallest
from sutazai.review.recipes.mend import cannot_show, may_mend, mend
from sutazai.review.report import RuleInfo
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.events import Note
from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.source import SourceFile, Unit
from sutazai.syntax.units import units


class Mender:
    """Asks one model for fixes, within a time limit.

    Attributes:
        notice: why no model is asked (any more); empty while one is.
    """

    def __init__(self, context: AgentContext, rules: Mapping[str, RuleInfo], *, limit_s: float) -> None:
        self.notice = ""
        self._context = context
        self._rules = rules
        self._limit_s = limit_s
        self._used_s = 0.0
        self._chat: ChatModel | None = None

    async def propose(self, finding: Finding, source: SourceFile) -> Proposal | str:
        """The model's change for a finding, or why there is none."""
        unit = _unit_of(source, finding)
        problem = cannot_show(unit) if unit is not None else "there is no function around it"
        if problem or unit is None:
            return problem
        chat = await self._model()
        if chat is None:
            return self.notice
        return await self._asked(chat, finding, unit)

    async def _model(self) -> ChatModel | None:
        if self.notice or self._chat is not None:
            return None if self.notice else self._chat
        try:
            chat = await self._context.chat()
            if not may_mend((await self._context.profiles()).of(chat.info)):
                self.notice = (
                    f"{chat.info.name} is not trusted to write fixes: it was not measured to be good enough"
                    " (`sutazai models bench --review --save`)"
                )
                return None
            await chat.open()
        except ModelError as error:
            self.notice = error.message
            self._context.emit(Note(level="warning", text=f"no fixes written by a model: {error.message}"))
            return None
        self._chat = chat
        return chat

    async def _asked(self, chat: ChatModel, finding: Finding, unit: Unit) -> Proposal | str:
        left_s = self._limit_s - self._used_s if self._limit_s else None
        started = self._context.clock.monotonic()
        rule = self._rules.get(finding.rule)
        try:
            async with asyncio.timeout(left_s) as limit:
                reply = await mend(chat, unit, finding, rule.description if rule else "")
        except TimeoutError:
            if not limit.expired():
                raise
            self.notice = f"the time limit of {self._limit_s:g} s was reached"
            return self.notice
        except ModelError as error:
            return error.message
        finally:
            self._used_s += self._context.clock.monotonic() - started
        ending = unit.text[len(unit.text.rstrip()) :]
        changes = smallest(unit.text, reply.code.strip("\r\n").rstrip() + ending, unit.segments[0].start)
        return Proposal(finding, "what the model would write instead", changes, "model", by_model=True)


def _unit_of(source: SourceFile, finding: Finding) -> Unit | None:
    around = [each for each in units(source) if each.holds_line(finding.location.start_line)]
    return min(around, key=lambda each: len(each.text), default=None)
