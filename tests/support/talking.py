"""Agents whose answers are written down beforehand, in the place of the installed ones."""

from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from sutazai.rag import report as reports
from sutazai.rag import request as requests
from sutazai.runtime.registry import Registry
from sutazai.sdk.agent import Agent, AgentContext, Capability

if TYPE_CHECKING:
    from sutazai.sdk.events import Event

Reply = BaseModel | BaseException | Callable[[Any], BaseModel]
MODELS = {
    "docs.add": (requests.AddRequest, reports.AddReport),
    "docs.list": (requests.ListRequest, reports.ListReport),
    "docs.show": (requests.ShowRequest, reports.ShowReport),
    "docs.remove": (requests.RemoveRequest, reports.RemoveReport),
    "docs.search": (requests.SearchRequest, reports.SearchReport),
    "docs.answer": (requests.AnswerRequest, reports.AnswerReport),
    "docs.summarise": (requests.SummariseRequest, reports.SummaryReport),
    "docs.reindex": (requests.ReindexRequest, reports.ReindexReport),
    "docs.collections": (requests.CollectionsRequest, reports.CollectionsReport),
    "docs.export": (requests.ExportRequest, reports.ExportReport),
}


class Librarian:
    """Stands for the documentation assistant: gives what it was told to give, and remembers what it was asked.

    Attributes:
        replies: what each capability gives: a report, an exception, or a function of the request.
        events: what it emits before it gives anything.
        asked: every request, in order.
    """

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.events: Sequence[Event] = ()
        self.asked: list[Any] = []

    def agent(self) -> Agent:
        """The agent."""
        agent = Agent("documentation-assistant", "Answers from documents")
        for key, (request, result) in MODELS.items():
            agent.capabilities[key] = Capability(key, key, self._answering(key), request, result, frozenset(), "docs")
        return agent

    def _answering(self, key: str) -> Callable[[Any, AgentContext], Any]:
        async def answer(request: Any, context: AgentContext) -> BaseModel:
            self.asked.append(request)
            for event in self.events:
                context.emit(event)
            reply = self.replies[key]
            if isinstance(reply, BaseException):
                raise reply
            return reply if isinstance(reply, BaseModel) else reply(request)

        return answer


def install(agents: Sequence[Agent], monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes these the only installed agents."""

    class Fixed(Registry):
        def __init__(self) -> None:
            super().__init__(
                lambda _group: [EntryPoint(each.name, "nowhere:agent", "sutazai.agents") for each in agents]
            )
            self._loaded = {each.name: each for each in agents}

    monkeypatch.setattr("sutazai.runtime.opening.Registry", Fixed)


def passage(text: str = "The pump is oiled every 40 hours.", **fields: Any) -> reports.Passage:
    """A passage of a manual."""
    known = {"id": "c1", "document": "d1", "name": "manual.pdf", "page": 12, "headings": ("Care", "Oiling")}
    return reports.Passage(**{**known, "start": 0, "end": len(text), "text": text, "score": 0.9, **fields})


def source(number: int = 1, *quotes: str, **fields: Any) -> reports.Source:
    """A numbered source."""
    return reports.Source(number=number, passage=passage(**fields), quotes=quotes)
