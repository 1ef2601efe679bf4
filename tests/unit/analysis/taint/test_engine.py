"""Where the engine works: few files in this process, many in children, and what is found is the same."""

import asyncio
import threading
from collections.abc import Sequence
from typing import NoReturn

import pytest

from sutazai.analysis.engines import EngineOptions, engines
from sutazai.analysis.taint import children as module
from sutazai.analysis.taint.children import Children, Unstartable
from sutazai.analysis.taint.engine import TaintAnalyzer
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.source import SourceFile

SOURCE = "from flask import request\n\n\ndef wanted():\n    return request.args['a']\n"
SINK = "import os\nfrom app.source import wanted\n\n\ndef run():\n    os.system('ls ' + wanted())\n"
LONG = "from flask import request\n" + "x = request.args['a']\n" * 100
STEPS = 200
FILES = [
    SourceFile(path, text, "python")
    for path, text in (("app/source.py", SOURCE), ("app/sink.py", SINK), ("app/long.py", LONG), ("x.py", "'\udcff'"))
]


async def test_children_find_what_the_engine_finds_here() -> None:
    """Across files, with its trace, and what could not be followed."""
    here = await TaintAnalyzer(steps=STEPS).analyze(FILES)
    there = await TaintAnalyzer(steps=STEPS, children=1, many_chars=0).analyze(FILES)
    assert there == here
    assert [each.location.path for each in there.findings] == ["app/sink.py"]
    assert [each.path for each in there.failed] == ["app/long.py"]


async def _nobody_may(_self: object, _request: object) -> NoReturn:
    raise AssertionError


@pytest.mark.parametrize("analyzer", [TaintAnalyzer(children=3), TaintAnalyzer(many_chars=0)])
async def test_few_files_and_one_processor_need_no_child(
    analyzer: TaintAnalyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Children, "survey", _nobody_may)
    assert len((await analyzer.analyze(FILES)).findings) == 1


async def test_batches_that_are_worth_no_child_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is in there gives others the time to come in too: only a second that is kept out does not come."""
    inside = threading.Lock()
    second = threading.Event()
    alone = []

    def work(_self: object, _files: Sequence[SourceFile]) -> AnalyzerReport:
        alone.append(inside.acquire(blocking=False))
        if alone[-1]:
            second.wait(0.05)
            inside.release()
        else:
            second.set()
        return AnalyzerReport()

    monkeypatch.setattr(TaintAnalyzer, "_analyze", work)
    analyzer = TaintAnalyzer(children=1)
    await asyncio.gather(*(analyzer.analyze(FILES) for _ in range(3)))
    assert alone == [True] * 3


async def test_what_no_child_can_do_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_self: object, _request: object) -> NoReturn:
        raise Unstartable

    monkeypatch.setattr(module.Children, "survey", refuse)
    assert len((await TaintAnalyzer(children=1, many_chars=0).analyze(FILES)).findings) == 1


@pytest.mark.parametrize(
    ("jobs", "processors", "children"),
    [(0, {0}, 0), (0, {0, 5}, 1), (0, set(range(64)), 4), (1, {0, 1, 2}, 0), (3, {0}, 2)],
)
def test_there_is_a_child_for_each_processor_but_our_own(
    jobs: int, processors: set[int], children: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: processors, raising=False)
    (engine,) = engines(["taint"], EngineOptions(jobs=jobs))
    assert (engine._most_children, engine.batches_at_once) == (children, children > 0)


def test_processors_are_counted_where_the_system_tells_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: None)
    (engine,) = engines(["taint"])
    assert engine._most_children == 0
