"""`open_runtime` with the real adapters: what a face calls, without a face."""

from pathlib import Path

import pytest

from sutazai.errors.files import TargetError
from sutazai.errors.usage import InvalidRequest, UnknownCapability
from sutazai.review.explain import ExplainReport
from sutazai.review.report import ReviewReport
from sutazai.review.request import ReviewRequest
from sutazai.runtime.opening import open_runtime
from sutazai.sdk.events import Event
from sutazai.settings.load import Loaded, load_settings
from tests.support.face import CLEAN, FAULTY, HASH, SHELL, tree


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one faulty file, not the current one."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text(FAULTY)
    return folder


async def _reviewed(loaded: Loaded, folder: Path, **asked: object) -> tuple[ReviewReport, list[Event]]:
    events: list[Event] = []
    async with open_runtime(loaded, folder=folder) as runtime:
        report = await runtime.run("code.review", ReviewRequest(**asked), on_event=events.append)
    assert isinstance(report, ReviewReport)
    return report, events


async def test_a_folder_is_reviewed_without_a_model(folder: Path) -> None:
    """By engines that are really there, kept in the history, with nothing written beside the code."""
    before = tree(folder)
    loaded = load_settings(folder=folder)
    report, events = await _reviewed(loaded, folder, model=False)
    assert [each.rule for each in report.findings] == [SHELL, HASH]
    assert report.coverage.complete
    assert report.root == str(folder)
    assert [each.seq for each in events] == list(range(1, len(events) + 1))
    assert (events[0].kind, events[-1].kind) == ("started", "done")
    async with open_runtime(loaded, folder=folder) as runtime:
        [run] = await (await runtime.resources.history()).runs()
        kept = await (await runtime.resources.history()).get(run.id)
    assert kept is not None
    assert ReviewReport.stored(kept.report).findings == report.findings
    assert tree(folder) == before


async def test_nothing_is_opened_before_it_is_used(folder: Path) -> None:
    """A runtime that does nothing leaves nothing."""
    loaded = load_settings(folder=folder)
    async with open_runtime(loaded, folder=folder):
        pass
    assert not loaded.folders.data.exists()
    assert not loaded.folders.cache.exists()


async def test_a_history_that_is_switched_off_keeps_nothing(folder: Path) -> None:
    """Nor does a cache that is."""
    loaded = load_settings({"history.enabled": False, "cache.enabled": False}, folder=folder)
    (folder / "app.py").write_text(CLEAN)
    await _reviewed(loaded, folder, model=False)
    assert not loaded.folders.cache_file.exists()
    async with open_runtime(loaded, folder=folder) as runtime:
        assert await (await runtime.resources.history()).runs() == []


async def test_without_a_model_the_review_says_why(folder: Path) -> None:
    """Offline, and a path where no model is."""
    for flags in ({"offline": True}, {"model.name": str(folder / "no.gguf")}):
        report, events = await _reviewed(load_settings({"model.runtime": "embedded", **flags}, folder=folder), folder)
        assert [each.rule for each in report.findings] == [SHELL, HASH]
        assert report.coverage.model_notice
        assert any(each.kind == "note" and each.level == "warning" for each in events)


async def test_a_failed_run_ends_its_stream_and_raises(folder: Path) -> None:
    """The last event says what the error says."""
    events: list[Event] = []
    async with open_runtime(load_settings(folder=folder), folder=folder) as runtime:
        for capability, request, error in (
            ("code.review", {"paths": ["no.py"], "model": False}, TargetError),
            ("code.review", {"pths": []}, InvalidRequest),
            ("code.nothing", {}, UnknownCapability),
        ):
            with pytest.raises(error):
                await runtime.run(capability, request, on_event=events.append)
            assert events[-1].kind == "failed"


@pytest.mark.model
async def test_a_model_by_path_reviews_units_and_is_not_asked_again(folder: Path, small_model: Path) -> None:
    """The small one, known by its hash under any file name; the second review takes every unit from the cache."""
    link = folder.parent / "small.gguf"
    link.symlink_to(small_model)
    loaded = load_settings(
        {"model.name": str(link), "review.time_limit_s": 0, "model.context_tokens": 2048}, folder=folder
    )
    first, events = await _reviewed(loaded, folder)
    assert first.model is not None
    assert (first.model.name, first.model.runtime) == ("smollm2:135m", "embedded")
    assert first.coverage.units > 0
    assert first.coverage.units_reviewed == first.coverage.units, first.coverage
    assert any(each.kind == "progress" and each.phase == "model" for each in events)
    lines = FAULTY.split("\n")
    for each in first.findings:
        assert each.quote.split("\n")[0] in lines[each.location.start_line - 1]
    second, _ = await _reviewed(loaded, folder)
    assert second.coverage.units_cached == first.coverage.units
    assert second.model is None or second.model.calls == 0


@pytest.mark.model
async def test_a_model_by_path_explains_a_line(folder: Path, small_model: Path) -> None:
    """In words of its own, whatever they are worth."""
    link = folder.parent / "small.gguf"
    link.symlink_to(small_model)
    loaded = load_settings({"model.name": str(link)}, folder=folder)
    async with open_runtime(loaded, folder=folder) as runtime:
        report = await runtime.run("code.explain", {"path": "app.py", "line": 6})
    assert isinstance(report, ExplainReport)
    assert report.text
    assert [each.rule for each in report.findings] == [SHELL]
