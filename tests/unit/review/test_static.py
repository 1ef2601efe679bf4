"""Engines run at once, reuse what they know of unchanged text, and one that breaks does not stop the others."""

import asyncio
from collections.abc import Sequence

import pytest

from sutazai.errors.tools import ToolMissing
from sutazai.review.report import RuleInfo
from sutazai.review.static import run_static
from sutazai.sdk.finding import Category, Severity
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.rule import Rule
from sutazai.sdk.source import Skipped, SourceFile
from sutazai.sdk.testing import MemoryCache
from tests.unit.review.made import made


class Engine:
    """An engine that finds something on the first line of every Python file."""

    rules: dict = {}  # noqa: RUF012 (the port's form)

    def __init__(self, name: str = "one", *, version: str = "1", error: BaseException | None = None) -> None:
        self.name = name
        self.version = version
        self.error = error
        self.fails: set[str] = set()
        self.batches: list[list[str]] = []

    def accepts(self, source: SourceFile) -> bool:
        """Python only."""
        return source.language == "python"

    async def analyze(self, files: Sequence[SourceFile]) -> AnalyzerReport:
        """One finding a file."""
        self.batches.append([each.path for each in files])
        if self.error is not None:
            raise self.error
        good = [each for each in files if each.path not in self.fails]
        return AnalyzerReport(
            tuple(made(path=each.path, engines=(self.name,)) for each in good),
            tuple(Skipped(each.path, "odd") for each in files if each.path in self.fails),
        )


def files(*names: str, text: str = "x", **changes) -> list[SourceFile]:
    """Python files."""
    return [SourceFile(each, text, "python", **changes) for each in names]


class Unread(dict):
    """Rules that nobody may look at."""

    def __getitem__(self, key):
        raise AssertionError("the table was read")

    __contains__ = __getitem__


class Run:
    """What one run gave."""

    async def of(self, sources, engines, cache=None) -> "Run":
        """Runs the engines."""
        self.arrived: list = []
        self.progress = 0
        self.result = await run_static(
            sources, engines, cache=cache, arrived=self.arrived.extend, progressed=self._progressed
        )
        return self

    def _progressed(self, count: int) -> None:
        self.progress += count

    @property
    def found(self) -> list[tuple[str, str]]:
        """Engine and path of every finding."""
        return sorted((each.engines[0], each.location.path) for each in self.result.findings)


async def test_every_engine_looks_at_what_it_accepts():
    sources = [*files("a.py", "b.py"), SourceFile("c.txt", "x", "")]
    run = await Run().of(sources, [Engine("one"), Engine("two")])
    assert run.found == [("one", "a.py"), ("one", "b.py"), ("two", "a.py"), ("two", "b.py")]
    assert len(run.arrived) == 4
    assert run.progress == 6


async def test_nothing_is_asked_where_there_is_nothing_to_look_at():
    engine = Engine()
    run = await Run().of([SourceFile("c.txt", "x", "")], [engine])
    assert (engine.batches, run.found, run.progress) == ([], [], 1)
    assert (await Run().of(files("a.py"), [])).found == []


async def test_many_files_go_in_batches():
    engine = Engine()
    run = await Run().of(files(*(f"{n}.py" for n in range(600))), [engine])
    assert [len(each) for each in engine.batches] == [256, 256, 88]
    assert (len(run.result.findings), run.progress) == (600, 600)


class Gathering(Engine):
    """An engine that takes batches at once: each waits for all, and the last is done first."""

    batches_at_once = True

    def __init__(self, count: int) -> None:
        super().__init__()
        self.done = [asyncio.Event() for _ in range(count)]

    async def analyze(self, files: Sequence[SourceFile]) -> AnalyzerReport:
        """As one batch after the other, from the last to the first."""
        at = len(self.batches)
        report = await super().analyze(files)
        if at + 1 < len(self.done):
            await self.done[at + 1].wait()
        self.done[at].set()
        return report


async def test_an_engine_that_wants_it_has_all_batches_at_once_and_the_order_stays():
    sources = files(*(f"{n:03}.py" for n in range(600)))
    run = await Run().of(sources, [Gathering(3), Engine("two")])
    assert [(each.engines[0], each.location.path) for each in run.result.findings] == [
        (name, each.path) for name in ("one", "two") for each in sources
    ]
    assert run.progress == 1200
    assert (await Run().of([], [Gathering(0)])).found == []


async def test_unchanged_text_is_not_analysed_again():
    cache, engine = MemoryCache(), Engine()
    first = await Run().of(files("a.py", "b.py"), [engine], cache)
    second = await Run().of([*files("a.py"), *files("b.py", text="changed")], [engine], cache)
    assert engine.batches == [["a.py", "b.py"], ["b.py"]]
    assert first.found == second.found
    third = await Run().of(files("a.py"), [engine], cache)
    assert (len(engine.batches), third.found, len(third.arrived)) == (2, [("one", "a.py")], 1)


@pytest.mark.parametrize(
    ("sources", "engine"),
    [
        (files("a.py", text="other"), Engine()),
        (files("b.py"), Engine()),
        (files("a.py", is_test=True), Engine()),
        (files("a.py"), Engine(version="2")),
        (files("a.py"), Engine("two")),
    ],
)
async def test_whatever_could_change_results_is_analysed_anew(sources, engine):
    cache = MemoryCache()
    await Run().of(files("a.py"), [Engine()], cache)
    await Run().of(sources, [engine], cache)
    assert len(engine.batches) == 1


async def test_a_file_that_an_engine_could_not_analyse_is_told_and_not_remembered():
    cache, engine = MemoryCache(), Engine()
    engine.fails = {"a.py"}
    run = await Run().of(files("a.py", "b.py"), [engine], cache)
    assert run.result.failed == [("one", Skipped("a.py", "odd"))]
    await Run().of(files("a.py", "b.py"), [engine], cache)
    assert engine.batches[1] == ["a.py"]


async def test_an_entry_of_the_cache_that_is_none_is_a_miss():
    cache, engine = MemoryCache(), Engine()
    await Run().of(files("a.py"), [engine], cache)
    cache.entries = dict.fromkeys(cache.entries, '{"findings": [3]}')
    assert (await Run().of(files("a.py"), [engine], cache)).found == [("one", "a.py")]
    assert len(engine.batches) == 2


async def test_rules_of_findings_come_with_them_and_no_table_is_read_again_for_what_is_known():
    cache, engine = MemoryCache(), Engine()
    rule = Rule("py-sql-injection", "SQL", Category.SECURITY, Severity.HIGH, (89,), description="Bad.")
    engine.rules = {rule.id: rule, "unseen": rule}
    first = await Run().of(files("a.py"), [engine], cache)
    assert first.result.rules == {rule.id: RuleInfo.of(rule)}
    engine.rules = Unread()
    assert (await Run().of(files("a.py"), [engine], cache)).result.rules == first.result.rules


async def test_the_rules_of_an_engine_that_found_nothing_are_not_read():
    engine = Engine()
    engine.fails, engine.rules = {"a.py"}, Unread()
    assert (await Run().of(files("a.py"), [engine], MemoryCache())).result.rules == {}


async def test_a_file_on_which_even_the_question_breaks_an_engine_is_named_and_the_rest_goes_on():
    engine = Engine()
    engine.accepts = lambda source: source.path == "a.py" or 1 / 0  # type: ignore[method-assign]
    run = await Run().of(files("a.py", "b.py"), [engine, Engine("two")])
    assert run.found == [("one", "a.py"), ("two", "a.py"), ("two", "b.py")]
    assert run.result.failed == [("one", Skipped("b.py", "internal error of one: ZeroDivisionError: division by zero"))]
    assert run.progress == 4


@pytest.mark.parametrize(
    ("error", "reason"),
    [(ToolMissing("ruff"), "'ruff' cannot be found"), (IndexError("list"), "internal error of one: IndexError: list")],
)
@pytest.mark.parametrize("cache", [None, MemoryCache()])
async def test_an_engine_that_breaks_fails_on_its_files_and_the_others_go_on(error, reason, cache):
    run = await Run().of(files("a.py", "b.py"), [Engine(error=error), Engine("two")], cache)
    assert run.found == [("two", "a.py"), ("two", "b.py")]
    assert [(engine, each.path) for engine, each in run.result.failed] == [("one", "a.py"), ("one", "b.py")]
    assert all(reason in each.reason for _, each in run.result.failed)
    assert run.progress == 4


async def test_an_engine_that_follows_calls_is_asked_again_where_any_file_changed():
    """What it says of one file depends on the others; an engine that does not keeps what it knows."""
    following, plain, cache = Engine("taint"), Engine("ruff"), MemoryCache()
    following.across_files = True
    for text in ("x", "x", "y"):
        both = [SourceFile("a.py", "call()", "python"), SourceFile("b.py", text, "python")]
        await run_static(both, [following, plain], cache=cache, arrived=lambda _: None, progressed=lambda _: None)
    assert following.batches == [["a.py", "b.py"]] * 2
    assert plain.batches == [["a.py", "b.py"], ["b.py"]]


async def test_another_version_of_ours_looks_anew(monkeypatch):
    """An engine's code may have changed where its tables did not."""
    engine, cache = Engine(), MemoryCache()
    for version in ("1.0", "1.0", "1.1"):
        monkeypatch.setattr("sutazai.review.static.__version__", version)
        await run_static(files("a.py"), [engine], cache=cache, arrived=lambda _: None, progressed=lambda _: None)
    assert engine.batches == [["a.py"], ["a.py"]]
