"""A line is explained by what is known of it, and by a model where there is one."""

from datetime import UTC, datetime

import pytest

from sutazai.errors.files import TargetMissing
from sutazai.errors.models import ModelError, ModelUnavailable
from sutazai.errors.review import LineMissing, NotOneFile
from sutazai.errors.store import StoreBroken
from sutazai.review.explain import ExplainReport, ExplainRequest
from sutazai.sdk.chat import ChatChunk
from sutazai.sdk.finding import Category, Location
from sutazai.sdk.ports import RunRecord
from sutazai.sdk.source import SourceFile
from sutazai.sdk.testing import MemoryPorts, MemoryWorkspace, ScriptedChat, collect
from sutazai_agents.code_assistant import assistant
from tests.unit.review.lab import CODE, Grep
from tests.unit.review.made import made


class Bench:
    """One file, engines, a model."""

    def __init__(self, text: str = CODE, *, engines=(), model=None, **source) -> None:
        files = MemoryWorkspace([SourceFile("a.py", text, "python", **source)])
        self.ports = MemoryPorts(model=model or ScriptedChat(["It adds."]), engines=engines, files=files)

    async def explain(self, line: int, **request) -> ExplainReport:
        """The report; its events are in `seen`."""
        asked = ExplainRequest(path="a.py", line=line, **request)
        self.seen = await collect(assistant, "code.explain", asked, self.ports)
        assert isinstance(self.seen.result, ExplainReport)
        return self.seen.result


async def test_the_function_around_the_line_and_the_findings_on_it_are_told():
    bench = Bench(engines=[Grep("risky"), Grep("fine", "other")])
    report = await bench.explain(5)
    assert (report.symbol, report.code) == ("first", "def first(a):\n    return risky(a)\n")
    assert [each.rule for each in report.findings] == ["has-risky"]
    assert list(report.rules) == ["has-risky"]
    assert (report.text, report.model, report.model_notice) == ("It adds.", "scripted", "")
    assert "".join(each.text for each in bench.seen.of("token")) == "It adds."
    assert bench.ports.files.selections[0].paths == ("a.py",)


async def test_the_model_is_shown_the_code_between_fences_and_what_engines_say():
    bench = Bench(engines=[Grep("risky")])
    await bench.explain(5)
    (request,) = bench.ports.model.requests
    prompt = request.messages[0].content
    assert "def first(a):\n    return risky(a)" in prompt
    assert "at the line `return risky(a)`" in prompt
    assert "A static engine says of it: There is risky" in prompt
    fences = [line for line in prompt.splitlines() if line.startswith("===")]
    assert len(fences) == 2
    assert fences[0] == fences[1]
    await bench_again(bench)
    assert fences[0] not in bench.ports.model.requests[1].messages[0].content, "code cannot know its fence"


async def bench_again(bench: Bench) -> None:
    bench.ports.model._queue = ["More."]
    await bench.explain(5)


async def test_without_a_model_nothing_is_asked():
    bench = Bench(model=AssertionError("no model was wanted"), engines=[Grep("risky")])
    report = await bench.explain(5, model=False)
    assert (report.text, report.model, len(report.findings)) == ("", "", 1)


async def test_where_no_model_can_be_had_the_rest_is_told():
    report = await (bench := Bench(model=ModelUnavailable("m", ["x"]), engines=[Grep("risky")])).explain(5)
    assert "no runtime can serve 'm'" in report.model_notice
    assert (report.text, report.model, len(report.findings)) == ("", "", 1)
    assert [each.level for each in bench.seen.of("note")] == ["warning"]


async def test_words_that_came_before_the_model_failed_are_kept():
    class Breaking(ScriptedChat):
        async def stream(self, request):
            yield ChatChunk("It ad")
            raise ModelError("the child ended")

    report = await Bench(model=Breaking()).explain(5)
    assert (report.text, report.model, report.model_notice) == ("It ad", "", "the child ended")


@pytest.mark.parametrize(("line", "code"), [(1, "import os"), (3, ""), (12, "")])
async def test_a_line_outside_of_every_unit_is_explained_alone(line, code):
    report = await Bench().explain(line, model=False)
    assert (report.symbol, report.code) == ("", code)


async def test_of_several_units_around_a_line_the_smallest_is_taken():
    text = "def outer():\n    def inner():\n        return 1\n    return inner\n\n\nprint(outer())\n"
    assert (await Bench(text).explain(7, model=False)).code == "\n\nprint(outer())\n"


async def test_lines_are_counted_as_editors_count_them():
    text = "a = '\x0c\u2028'\r\nb = 2\rc = 3\n"
    assert (await Bench(text, engines=[Grep("c = 3")]).explain(3, model=False)).code.endswith("c = 3\n")
    with pytest.raises(LineMissing, match="no line 5, only 4"):
        await Bench(text).explain(5, model=False)


async def test_only_the_engines_asked_for_are_run():
    one, two = Grep("risky"), Grep("risky", "two")
    report = await Bench(engines=[one, two]).explain(5, model=False, engines=("two",))
    assert (one.looked, [each.engines for each in report.findings]) == ([], [("two",)])


async def test_a_finding_beside_a_secret_quotes_nothing():
    engines = [Grep("risky"), Grep("return", "secrets", category=Category.SECRET)]
    report = await Bench(engines=engines).explain(5, model=False)
    assert [each.quote for each in report.findings if each.rule == "has-risky"] == [""]


async def test_a_folder_or_nothing_at_all_is_refused():
    bench = Bench()
    bench.ports.files = MemoryWorkspace({"a.py": CODE, "b.py": CODE})
    with pytest.raises(NotOneFile, match="it holds 2"):
        await bench.explain(1)
    bench.ports.files = MemoryWorkspace({})
    with pytest.raises(TargetMissing):
        await bench.explain(1)


def _reviewed(message: str, *, quote: str = "risky(a)", path: str = "a.py", engines=("model:probe",)) -> RunRecord:
    """A review of the project that reported one finding on line 5."""
    place = Location(path=path, start_line=5, start_column=12, end_line=5, end_column=20)
    finding = made(engines=engines, location=place, quote=quote, message=message, rule="model-comparison", cwe=())
    report = {"findings": [finding.model_dump(mode="json")]}
    return RunRecord("r", "code.review", datetime(2026, 1, 1, tzinfo=UTC), 1.0, "/memory", "", 0, report)


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (_reviewed("Slip"), ["Slip"]),
        (_reviewed("Gone", quote="safe(a)"), []),
        (_reviewed("Elsewhere", path="b.py"), []),
        (_reviewed("Static", engines=("ruff",)), []),
    ],
)
async def test_what_a_model_found_in_the_last_review_is_told_where_its_text_still_stands(run, told):
    bench = Bench()
    await bench.ports.past.record(run)
    report = await bench.explain(5)
    assert [each.message for each in report.findings] == told
    assert bool(report.rules) == bool(told)
    prompt = bench.ports.model.requests[0].messages[0].content
    assert ("An earlier review says of it: Slip" in prompt) == bool(told)


async def test_a_history_that_cannot_be_read_is_only_a_warning():
    bench = Bench(engines=[Grep("risky")])

    async def broken(**_):
        raise StoreBroken("local.db", "it is no database")

    bench.ports.past.runs = broken
    report = await bench.explain(5)
    assert [each.rule for each in report.findings] == ["has-risky"]
    assert "it is no database" in bench.seen.of("note")[0].text
