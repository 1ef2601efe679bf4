"""A baseline in a whole review: a moved file stays known, a copy of a known fault does not."""

import pytest

from sutazai.errors.files import TargetUnreadable
from sutazai.review.pipeline import review
from sutazai.review.report import ReviewReport
from sutazai.review.request import ReviewRequest
from sutazai.sdk.agent import Agent, AgentContext
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.source import Collection
from sutazai.sdk.testing import MemoryPorts, MemoryWorkspace, collect
from tests.unit.review.made import made

CODE = "def find(x):\n    run(x)\n"
agent = Agent("reviewer", summary="Reviews")


@agent.capability("code.review", permissions={"files:read", "feedback:read"})
async def look(request: ReviewRequest, context: AgentContext) -> ReviewReport:
    """Reviews."""
    return await review(request, context)


class Engine:
    """Finds the same fault in every file."""

    name, version, rules = "ruff", "1", {}

    def accepts(self, source):
        """Everything."""
        return True

    async def analyze(self, files):
        """One finding a file."""
        return AnalyzerReport(tuple(made(2, column=5, width=6, path=each.path, symbol="") for each in files))


class Part(MemoryWorkspace):
    """A workspace of which only some files are selected."""

    async def collect(self, selection):
        """The files named."""
        whole = await super().collect(selection)
        return Collection(whole.root, tuple(each for each in whole.files if each.path in selection.paths))


async def reviewed(workspace, *paths, **changes):
    """The paths with findings, and those with suppressed ones."""
    request = ReviewRequest(paths=paths, model=False, **changes)
    report = (await collect(agent, "code.review", request, MemoryPorts(engines=[Engine()], files=workspace))).result
    return [each.location.path for each in report.findings], [each.location.path for each in report.suppressed]


@pytest.mark.parametrize(("old_is_there", "hidden"), [(False, True), (True, False)])
async def test_a_moved_file_stays_known_and_a_copy_does_not(old_is_there, hidden):
    before = Part({"old.py": CODE})
    assert await reviewed(before, "old.py", write_baseline="known.json") == (["old.py"], [])
    after = Part({"new.py": CODE} | ({"old.py": CODE} if old_is_there else {}))
    after.written = before.written
    found, suppressed = await reviewed(after, "new.py", baseline="known.json")
    assert (found, suppressed) == (([], ["new.py"]) if hidden else (["new.py"], []))


async def test_a_hostile_baseline_that_names_files_outside_hides_nothing_by_them():
    before = Part({"old.py": CODE})
    await reviewed(before, "old.py", write_baseline="known.json")

    class Guarded(Part):
        async def read(self, path):
            if path.startswith("/"):
                raise TargetUnreadable(path, "it is outside")
            return await super().read(path)

    after = Guarded({"new.py": CODE})
    after.written = {"known.json": before.written["known.json"].replace('"old.py"', '"/etc/passwd"')}
    assert await reviewed(after, "new.py", baseline="known.json") == (["new.py"], [])
