"""A whole fix over ports in memory: engines that look for words, files that lie nowhere."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sutazai.review.fixing.report import FixReport
from sutazai.review.fixing.request import FixRequest
from sutazai.sdk.finding import Edit, Finding, Fix
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.profile import ModelProfile, RecipeProfile
from sutazai.sdk.source import Collection, Selection, SourceFile
from sutazai.sdk.testing import Collected, MemoryPorts, MemoryWorkspace, ScriptedChat, collect
from sutazai_agents.code_assistant import assistant
from tests.unit.review.lab import Grep

TRUSTED = ModelProfile(recipes={"fix": RecipeProfile()})


class Mending(Grep):
    """An engine whose findings say what should stand there instead."""

    def __init__(self, word: str, instead: str, name: str = "grep", **changes: Any) -> None:
        super().__init__(word, name, **changes)
        self.instead = instead

    async def analyze(self, files: Sequence[SourceFile]) -> AnalyzerReport:
        """The findings, each with an edit."""
        found = (await super().analyze(files)).findings
        return AnalyzerReport(tuple(each.but(fix=self._fix(each)) for each in found))

    def _fix(self, finding: Finding) -> Fix:
        edit = Edit(location=finding.location, replacement=self.instead)
        return Fix(description=f"write {self.instead}", edits=(edit,), source="rule")


class Disk(MemoryWorkspace):
    """Files that say that they lie on disk, and are read again as they were written."""

    async def collect(self, selection: Selection) -> Collection:
        """All the files as they are now."""
        self.selections.append(selection)
        root = Path("/memory")
        files = [
            SourceFile(e.path, self.written.get(e.path, e.text), e.language, disk_path=root / e.path)
            for e in self.files
        ]
        return Collection(root, tuple(files))


class Bench:
    """Files, engines and a model; `fix` fixes them, again and again over the same stores."""

    def __init__(self, files: Mapping[str, str], *engines: Any, model: Any = None, trusted: bool = True) -> None:
        self.ports = MemoryPorts(engines=engines, files=Disk(files))
        if model is not None:
            self.ports.model = model
        self.ports.measured.profile = TRUSTED if trusted else ModelProfile()
        self.seen: Collected

    async def fix(self, **request: Any) -> FixReport:
        """The report of one run."""
        request = {"model": False} | request
        self.seen = await collect(assistant, "code.fix", FixRequest(**request), self.ports)
        assert isinstance(self.seen.result, FixReport)
        return self.seen.result

    @property
    def texts(self) -> dict[str, str]:
        """What the files hold now."""
        files = self.ports.files
        return {each.path: files.written.get(each.path, each.text) for each in files.files}


def rewriting(old: str, new: str) -> ScriptedChat:
    """A model that gives the unit back with one word replaced."""

    def answer(request: Any) -> str:
        code = request.messages[-1].content.split("\n\nFault in")[0].rpartition("<code-")[2]
        unit = code.partition(">\n")[2].rpartition("\n</code-")[0]
        return json.dumps({"code": unit.replace(old, new)})

    return ScriptedChat(answer)
