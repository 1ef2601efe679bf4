"""A whole review over ports in memory: engines that look for words, a model that claims what it is told to."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sutazai.review.report import ReviewReport
from sutazai.review.request import ReviewRequest
from sutazai.sdk.chat import ChatReply, ChatRequest, ModelInfo
from sutazai.sdk.finding import Category, Finding, Location, Severity
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.profile import ModelProfile, RecipeProfile
from sutazai.sdk.rule import Rule
from sutazai.sdk.source import SourceFile
from sutazai.sdk.testing import Collected, FixedClock, MemoryPorts, MemoryWorkspace, ScriptedChat, collect, next_token
from sutazai_agents.code_assistant import assistant

CLAIMS = ModelProfile(recipes={"claims": RecipeProfile(auc=0.9)})
ADJUDICATE = ModelProfile(recipes={"adjudicate": RecipeProfile(auc=0.9)})
CODE = """\
import os


def first(a):
    return risky(a)


def second(b):
    if b:
        return fine(b)
    return None
"""


class Grep:
    """An engine that finds a word wherever it stands."""

    def __init__(self, word: str, name: str = "grep", *, rule: str = "", **changes: Any) -> None:
        self.word, self.name, self.version = word, name, "1"
        self.changes = {"category": Category.SECURITY, "severity": Severity.HIGH, "confidence": 0.8} | changes
        self.rule = Rule(rule or f"has-{word}", f"Has {word}", self.changes["category"], self.changes["severity"])
        self.rules = {self.rule.id: self.rule}
        self.looked: list[str] = []

    def accepts(self, source: SourceFile) -> bool:
        """Everything."""
        return True

    async def analyze(self, files: Sequence[SourceFile]) -> AnalyzerReport:
        """One finding for each place."""
        self.looked += [each.path for each in files]
        return AnalyzerReport(tuple(finding for each in files for finding in self._found(each)))

    def _found(self, source: SourceFile) -> list[Finding]:
        return [
            Finding(
                rule=self.rule.id,
                location=_location(source.path, number, match),
                quote="" if self.changes["category"] is Category.SECRET else line,
                message=f"There is {self.word}",
                engines=(self.name,),
                **self.changes,
            )
            for number, line in enumerate(source.text.split("\n"), 1)
            for match in re.finditer(re.escape(self.word), line)
        ]


def _location(path: str, line: int, match: re.Match[str]) -> Location:
    start, end = match.start() + 1, match.end() + 1
    return Location(path=path, start_line=line, start_column=start, end_line=line, end_column=end)


def claim(quote: str, *, message: str = "This is wrong", **changes: Any) -> dict[str, Any]:
    """A claim as a model writes it."""
    return {"claim": message, "category": "bug", "severity": "high", "quote": quote, "why": "because"} | changes


def code_of(request: ChatRequest) -> str:
    """Everything that the model was shown."""
    return request.prompt or "\n".join(each.content for each in request.messages)


def claiming(claims: Mapping[str, dict[str, Any]], **options: Any) -> ScriptedChat:
    """A model that makes a claim about every unit that holds the word, and stands by it when asked again."""

    def answer(request: ChatRequest) -> str | ChatReply:
        if request.json_schema is None:
            return stands_by(request)
        return json.dumps({"claims": [each for word, each in claims.items() if word in code_of(request)]})

    return ScriptedChat(answer, **options)


def stands_by(request: ChatRequest) -> ChatReply:
    """Yes to what the claim says, no to its being a mistake."""
    yes, no = ("no", "yes") if "a mistake" in request.messages[-1].content else ("yes", "no")
    return next_token((yes, -0.05), (no, -4.0))


def info(**changes: Any) -> ModelInfo:
    """A model's description."""
    return ModelInfo(**({"name": "m", "runtime": "scripted", "digest": "1"} | changes))


class Lab:
    """Files, engines and a model; `review` reviews them, again and again over the same stores."""

    def __init__(
        self,
        files: Mapping[str, str] | Sequence[SourceFile] | None = None,
        *,
        engines: Sequence[Any] = (),
        model: Any = None,
        profile: ModelProfile = CLAIMS,
    ) -> None:
        self.ports = MemoryPorts(engines=engines, files=MemoryWorkspace({"a.py": CODE} if files is None else files))
        self.ports.model = model or claiming({})
        self.ports.measured.profile = profile
        self.seen: Collected

    async def review(
        self, *, clock: FixedClock | None = None, project: Sequence[str] = (), **request: Any
    ) -> ReviewReport:
        """The report; its events are in `seen`."""
        wanted = ReviewRequest(**request)
        self.seen = await collect(assistant, "code.review", wanted, self.ports, clock, project_settings=project)
        result = self.seen.result
        assert isinstance(result, ReviewReport)
        return result

    def edit(self, change: Callable[[str], str], path: str = "a.py") -> None:
        """Changes the text of a file."""
        texts = {each.path: each.text for each in self.ports.files.files}
        self.ports.files = MemoryWorkspace(texts | {path: change(texts[path])})

    @property
    def asked(self) -> int:
        """How many claims the model was asked for: one for each unit."""
        assert isinstance(self.ports.model, ScriptedChat)
        return sum(each.json_schema is not None for each in self.ports.model.requests)


def places(report: ReviewReport) -> list[tuple[str, int]]:
    """Rule and line of every finding."""
    return [(each.rule, each.location.start_line) for each in report.findings]


def left(report: ReviewReport) -> list[tuple[str, str]]:
    """Symbol and outcome of every unit that was not reviewed."""
    return [(each.symbol, each.outcome) for each in report.coverage.units_not_reviewed]
