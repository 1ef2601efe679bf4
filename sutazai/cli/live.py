"""What a person sees while a run is at work: a live region on a terminal, short lines elsewhere, or nothing."""

import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from sutazai.cli import talk
from sutazai.cli.glyphs import STYLES
from sutazai.review.formats.untrusted import name, one_line
from sutazai.sdk.events import Event, FindingArrived, Note, Progress
from sutazai.sdk.finding import Finding

if TYPE_CHECKING:
    from rich.console import Console, ConsoleRenderable, RenderableType
    from rich.live import Live
    from rich.text import Text

_SHOWN: Final = 12
_AT_WORK_S: Final = 2.0
_ECHO: Final = 4  # cells that stay free: the terminal writes `^C` there, and a line that breaks is never erased
_PHASES: Final = {
    "static": "static engines",
    "model": "model",
    "download": "fetching",
    "load": "loading the model",
    "bench": "measuring",
    "fix": "checking fixes",
    "read": "reading",
    "pages": "reading",
    "embed": "embedding",
    "store": "storing",
    "export": "exporting",
    "cut": "cutting",
    "search": "searching",
    "passages": "reading",
    "write": "writing",
    "start": "getting ready",
    "reply": "thinking",
    "summary": "summarising",
}
_NOTE_STYLES: Final = {"debug": "dim", "info": "dim", "warning": "yellow"}


class View(Protocol):
    """Takes events as they come."""

    def __call__(self, event: Event) -> None:
        """Shows one event."""


@contextmanager
def view(*, quiet: bool, verbose: bool) -> Iterator[View]:
    """A view that fits: nothing when quiet, live on a terminal, plain lines elsewhere. Leaves a clean screen."""
    if quiet:
        yield warnings_only
        return
    if not talk.live():
        yield PlainView(verbose=verbose)
        return
    live = LiveView(talk.console(), verbose=verbose)
    try:
        with live.region:
            yield live
    except BaseException:
        live.leave_findings()
        raise


def warnings_only(event: Event) -> None:
    """The view of a quiet run."""
    if isinstance(event, Note) and event.level == "warning":
        talk.say(name(event.text))


class PlainView:
    """Short lines on stderr: notes, and a long download or model phase every few seconds.

    Args:
        verbose: debug notes too.
        at_once: phases that are named when they begin: nothing more may be heard of them for long.
    """

    every_s: Final = 10.0

    def __init__(self, *, verbose: bool, at_once: Container[str] = ()) -> None:
        self._verbose = verbose
        self._at_once = at_once
        self._last = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Shows what is worth a line."""
        if isinstance(event, Note) and (event.level != "debug" or self._verbose):
            talk.say(name(event.text))
        elif isinstance(event, Progress) and event.phase != "static" and (self._due() or event.phase in self._at_once):
            talk.say(name(progress_text(event)))

    def _due(self) -> bool:
        now = time.monotonic()
        if now - self._last < self.every_s:
            return False
        self._last = now
        return True


class LiveView:
    """Findings as they come and the progress of the phases at work, redrawn in place and gone at the end.

    Notes stay: they are printed above. Drawing happens in a thread of its own, so nothing is drawn from a list at work,
    and a note is printed as a part of one drawing: beside it, each would erase lines that the other had just written.
    """

    def __init__(self, console: "Console", *, verbose: bool) -> None:
        self._console = console
        self._verbose = verbose
        self._findings: list[Finding] = []
        self._progress: dict[str, tuple[Progress, float]] = {}
        self._notes: list[Text] = []
        self._started = time.monotonic()
        self.region = _region(console, self._draw, self._new_notes)

    def __call__(self, event: Event) -> None:
        """Takes an event into the picture."""
        if isinstance(event, FindingArrived):
            self._findings.append(event.finding)
        elif isinstance(event, Progress):
            others = {phase: each for phase, each in self._progress.items() if phase != event.phase}
            self._progress = {**others, event.phase: (event, time.monotonic())}
        elif isinstance(event, Note) and (event.level != "debug" or self._verbose):
            self._print(f"sutazai: {name(event.text)}", _NOTE_STYLES[event.level])

    def leave_findings(self) -> None:
        """Prints what was found so far, for a run that ends without a report."""
        for finding in sorted(self._findings, key=_by_seriousness):
            self._console.print(finding_line(finding))

    def _print(self, text: str, style: str) -> None:
        from rich.text import Text  # noqa: PLC0415 (loaded only when used)

        self._notes.append(Text(text, style))
        self.region.refresh()
        for note in self._new_notes():  # nothing is drawn before the region has begun, and after its end
            self._console.print(note)

    def _new_notes(self) -> "list[Text]":
        notes, self._notes = self._notes, []
        return notes

    def _draw(self) -> "RenderableType":
        from rich.console import Group  # noqa: PLC0415 (loaded only when used)
        from rich.constrain import Constrain  # noqa: PLC0415

        drawn = Group(*self._finding_lines(), *map(self._bar, self._at_work()))
        return Constrain(drawn, max(1, self._console.width - _ECHO))

    def _at_work(self) -> list[Progress]:
        """The phases that something was heard of just now and that are not done; the newest in any case."""
        heard, now = list(self._progress.values()), time.monotonic()
        busy = [each for each, at in heard[:-1] if _unfinished(each) and now - at < _AT_WORK_S]
        return busy + [each for each, _ in heard[-1:]]

    def _finding_lines(self) -> "list[RenderableType]":
        from rich.text import Text  # noqa: PLC0415 (loaded only when used)

        ordered = sorted(self._findings, key=_by_seriousness)
        room = max(3, min(_SHOWN, self._console.height - 6))
        lines = [finding_line(each) for each in ordered[:room]]
        if len(ordered) > room:
            lines.append(Text(f"          and {len(ordered) - room} more", style="dim"))
        return list(lines)

    def _bar(self, progress: Progress) -> "RenderableType":
        from rich.progress_bar import ProgressBar  # noqa: PLC0415 (loaded only when used)
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        row = Table.grid(padding=(0, 1), expand=True)
        for _ in range(4):
            row.add_column(no_wrap=True)
        row.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        total = progress.total or None
        row.add_row(
            _PHASES.get(progress.phase, one_line(progress.phase)),
            ProgressBar(total=total, completed=progress.done, width=min(24, self._console.width // 4)),
            progress_amount(progress),
            seconds_text(time.monotonic() - self._started),
            Text(_doing(progress), style="dim"),
        )
        return row


def _region(console: "Console", draw: "Callable[[], RenderableType]", new_notes: "Callable[[], list[Text]]") -> "Live":
    """What is drawn anew in place, with the new notes above it."""
    from rich.live import Live  # noqa: PLC0415 (loaded only when used)

    class Region(Live):
        def process_renderables(self, renderables: "list[ConsoleRenderable]") -> "list[ConsoleRenderable]":
            return super().process_renderables([*new_notes(), *renderables])

    return Region(console=console, get_renderable=draw, transient=True, refresh_per_second=8, redirect_stdout=False)


def _unfinished(progress: Progress) -> bool:
    """Whether a phase is at work still. One that counts nothing is over once another begins."""
    return progress.done < progress.total if progress.total else progress.done > 0


def _doing(progress: Progress) -> str:
    """What is at work now. A model says nothing before its first answer: it is being loaded."""
    if progress.phase == "model" and not progress.done and not progress.label:
        return "getting ready"
    return name(progress.label)


def _by_seriousness(finding: Finding) -> tuple[int, float]:
    return (finding.severity.rank, -finding.confidence)


def finding_line(finding: Finding) -> "RenderableType":
    """One finding in one line."""
    from rich.text import Text  # noqa: PLC0415 (loaded only when used)

    at = finding.location
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{finding.severity:>8}", style=STYLES[finding.severity])
    line.append(f" {name(at.path)}:{at.start_line}:{at.start_column} ", style="bold")
    line.append(one_line(finding.message))
    return line


def seconds_text(seconds: float) -> str:
    """Minutes and seconds as on a clock."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def progress_amount(progress: Progress) -> str:
    """How far, in the unit of the phase."""
    if progress.unit == "bytes":
        return f"{progress.done / 1e6:,.0f} of {progress.total / 1e6:,.0f} MB"
    if not progress.total:
        return f"{progress.done} {progress.unit}" if progress.unit else ""
    return f"{progress.done}/{progress.total} {progress.unit}"


def progress_text(progress: Progress) -> str:
    """A phase in one line of text."""
    label = f" {progress.label}" if progress.label else ""
    amount = progress_amount(progress)
    return f"{_PHASES.get(progress.phase, progress.phase)}{label}{f': {amount}' if amount else ''}"
