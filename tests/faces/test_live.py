"""What a person sees while a run is at work."""

import io
import sys
import threading
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from sutazai.cli import live, talk
from sutazai.cli.live import (
    LiveView,
    PlainView,
    progress_amount,
    progress_text,
    seconds_text,
    view,
    warnings_only,
)
from sutazai.sdk.events import FindingArrived, Note, Progress, Started
from sutazai.sdk.finding import Severity
from tests.support.reports import at, finding

EVIL = "\x1b]0;owned\x07 \x9b2J\u202e\n[bold]x[/]"


def _screen(width: int = 80, height: int = 24) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, width=width, height=height, force_terminal=True, color_system=None), stream


def _drawn(*events: object, width: int = 80, height: int = 24) -> str:
    """The live region after these events, as text."""
    console, _ = _screen(width, height)
    shown = LiveView(console, verbose=False)
    for event in events:
        shown(event)
    with console.capture() as captured:
        console.print(shown.region.get_renderable())
    return captured.get()


def test_findings_stand_most_serious_first_above_the_progress() -> None:
    """One line each, cut to the width."""
    text = _drawn(
        FindingArrived(finding=finding(severity=Severity.LOW, message="second " * 20)),
        FindingArrived(finding=finding(severity=Severity.HIGH, message="first")),
        Progress(phase="model", done=2, total=10, unit="units", label="app/db.py:find"),
    )
    first, second, bar, *rest = text.split("\n")
    assert first.startswith("    high app/db.py:2:5 first")
    assert second.startswith("     low app/db.py:2:5 second")
    assert second.rstrip().endswith("…")
    assert bar.startswith("model ━")
    assert " 2/10 units " in bar
    assert bar.rstrip().endswith("0:00 app/db.py:find")
    assert rest == [""]


def test_only_the_phase_at_work_is_drawn() -> None:
    """What is done is no news; and a model without an answer yet is getting ready."""
    text = _drawn(
        Progress(phase="static", done=2, total=2, unit="files"), Progress(phase="model", done=0, total=4, unit="units")
    )
    assert "static" not in text
    assert "getting ready" in text


def test_a_step_that_counts_nothing_is_over_when_the_next_begins() -> None:
    """Searching, then reading: one line, and nothing counted is told."""
    text = _drawn(Progress(phase="search", done=0), Progress(phase="passages", done=0, label="5 passages"))
    assert "searching" not in text
    assert text.startswith("reading ━")
    assert progress_text(Progress(phase="passages", done=0, label="5 passages")) == "reading 5 passages"


def test_many_findings_leave_room_for_the_progress() -> None:
    """As many as fit, the rest counted."""
    events = [FindingArrived(finding=finding(message=f"m{n}")) for n in range(40)]
    text = _drawn(*events, Progress(phase="x", done=1), height=10)
    assert len(text.rstrip("\n").split("\n")) == 6
    assert "and 36 more" in text


@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_nothing_is_wider_than_the_screen_or_steers_it(width: int) -> None:
    """Long labels are cut; names and messages are text, not markup."""
    text = _drawn(
        FindingArrived(finding=finding(message=EVIL, location=at(EVIL + "/long" * 40))),
        Progress(phase="model", done=1, total=10, unit="units", label=EVIL + "/long" * 40),
        width=width,
    )
    assert max(map(len, text.split("\n"))) <= width
    assert len(text.rstrip("\n").split("\n")) == 2
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(text)
    if width == 200:
        assert text.count("[bold]x[/]") == 2


def test_notes_stay_above_and_debug_is_for_verbose() -> None:
    """The region itself is gone at the end."""
    for verbose in (False, True):
        console, stream = _screen()
        shown = LiveView(console, verbose=verbose)
        with shown.region:
            for level in ("debug", "info", "warning"):
                shown(Note(level=level, text=f"{level} [red]{EVIL}"))
            shown(Started(capability="x"))
        text = stream.getvalue()
        assert ("debug [red]" in text) is verbose
        assert "warning [red]" in text
        assert "\x07" not in text


def test_room_is_left_for_what_the_terminal_writes_itself() -> None:
    """`^C` after a line as wide as the screen would break it: one more line than is erased, so one stands twice."""
    text = _drawn(
        FindingArrived(finding=finding(message="long " * 40)),
        Progress(phase="model", done=1, total=10, unit="units", label="/long" * 40),
        width=60,
    )
    assert [len(each.rstrip()) for each in text.rstrip().split("\n")] == [56, 56]


def test_a_note_and_the_picture_are_never_drawn_at_once() -> None:
    """Else the one erases what the other has just written: the end of an earlier note."""
    drawing: list[bool] = []

    class Watched(Console):
        def render(self, renderable: Any, options: Any = None) -> Any:
            if isinstance(renderable, Text) and "a note" in renderable.plain:
                other = threading.Thread(target=shown.region.refresh)
                other.start()
                other.join(0.1)
                drawing.append(not other.is_alive())
            return super().render(renderable, options)

    stream = io.StringIO()
    shown = LiveView(Watched(file=stream, width=80, height=24, force_terminal=True), verbose=False)
    with shown.region:
        shown(Progress(phase="model", done=1, total=2))
        shown(Note(text="a note"))
    assert drawing == [False]
    assert stream.getvalue().count("sutazai: a note") == 1


def test_a_note_outside_of_the_region_is_printed_once() -> None:
    """Before it has begun and after its end."""
    console, stream = _screen()
    shown = LiveView(console, verbose=False)
    shown(Note(text="before"))
    with shown.region:
        shown(Note(text="amid"))
    shown(Note(text="after"))
    assert [stream.getvalue().count(f"sutazai: {each}") for each in ("before", "amid", "after")] == [1, 1, 1]


def test_a_terminal_gets_the_live_view_and_everything_else_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quiet gets warnings only."""
    monkeypatch.setenv("TERM", "xterm")
    with view(quiet=False, verbose=False) as plain:
        assert isinstance(plain, PlainView)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with view(quiet=False, verbose=False) as drawn:
        assert isinstance(drawn, LiveView)
    with view(quiet=True, verbose=True) as quiet:
        assert quiet is live.warnings_only
    monkeypatch.setenv("TERM", "dumb")
    assert not talk.live()


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SystemExit(143), ValueError("x")])
def test_a_run_that_ends_without_a_report_leaves_what_was_found(
    monkeypatch: pytest.MonkeyPatch, end: BaseException
) -> None:
    """Whoever stops the download keeps the static findings, the most serious first."""
    console, stream = _screen()
    monkeypatch.setattr(talk, "live", lambda: True)
    monkeypatch.setattr(talk, "console", lambda: console)

    def stopped() -> None:
        with view(quiet=False, verbose=False) as sink:
            sink(FindingArrived(finding=finding(severity=Severity.LOW, message="second")))
            sink(FindingArrived(finding=finding(severity=Severity.HIGH, message="first")))
            raise end

    with pytest.raises(type(end)):
        stopped()
    left = stream.getvalue().rstrip().split("\n")[-2:]
    assert "first" in left[0]
    assert "second" in left[1]


def test_plain_lines_are_notes_and_a_long_phase_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every ten seconds, and the static engines never."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    plain = PlainView(verbose=False)
    step = Progress(phase="download", done=5_000_000, total=20_000_000, unit="bytes", label="a\x1bb")
    plain(step)
    now[0] = 11.0
    plain(Progress(phase="static", done=1, total=2))
    plain(step)
    plain(step)
    plain(Note(level="debug", text="chosen"))
    plain(Note(text="waiting"))
    PlainView(verbose=True)(Note(level="debug", text="because"))
    plain(FindingArrived(finding=finding()))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "sutazai: fetching a\u241bb: 5 of 20 MB", "sutazai: waiting", "sutazai: because",
    ]  # fmt: skip


def test_a_name_cannot_end_its_line_and_say_something_else(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever reads the lines takes each for what it says."""
    PlainView(verbose=True)(Note(level="debug", text="stored a\nsutazai: stored b.md"))
    warnings_only(Note(level="warning", text="a\nb"))
    console, stream = _screen()
    LiveView(console, verbose=True)(Note(level="debug", text="stored a\nb"))
    assert capsys.readouterr().err == "sutazai: stored a␊sutazai: stored b.md\nsutazai: a␊b\n"
    assert stream.getvalue() == "sutazai: stored a␊b\n"


def test_amounts_are_told_in_the_unit_of_their_phase() -> None:
    """Also where the whole is not known."""
    assert progress_amount(Progress(phase="x", done=3, unit="files")) == "3 files"
    assert progress_amount(Progress(phase="x", done=3, total=4, unit="files")) == "3/4 files"
    assert progress_text(Progress(phase="bench", done=3, total=4, unit="functions")) == "measuring: 3/4 functions"
    assert seconds_text(125.9) == "2:05"


def test_errors_have_colour_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And none with NO_COLOR."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    talk.problem("it failed")
    monkeypatch.setenv("NO_COLOR", "1")
    talk.problem("it failed")
    assert capsys.readouterr().err == "\x1b[31merror:\x1b[0m it failed\nerror: it failed\n"


def test_phases_at_work_at_once_have_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until one is finished, or nothing was heard of it for a while."""
    now = [0.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    reading = Progress(phase="pages", done=120, unit="pages", label="long.pdf")
    embedding = Progress(phase="embed", done=5, total=9, unit="chunks", label="short.pdf")
    assert len(_drawn(reading, embedding).splitlines()) == 2
    assert "120 pages" in _drawn(reading, embedding)
    done = embedding.model_copy(update={"done": 9})
    assert "short.pdf" not in _drawn(done, reading)

    console, _ = _screen()
    shown = LiveView(console, verbose=False)
    shown(reading)
    now[0] = 5.0
    shown(embedding)
    assert [each.phase for each in shown._at_work()] == ["embed"]


def test_a_long_name_is_cut_before_anything_else_of_the_line() -> None:
    """How far it is can always be read."""
    (line,) = _drawn(
        Progress(phase="read", done=3, total=9, unit="documents", label="long/" * 30), width=60
    ).splitlines()
    assert line.startswith("reading ")
    assert "3/9 documents 0:0" in line
    assert line.rstrip().endswith("…")
