"""What a person sees while a run is at work: a live region on a terminal, short lines elsewhere, or nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from sutazai.cli import talk
from sutazai.sdk.events import Event, FindingArrived, Note, Progress
from sutazai.sdk.finding import Finding

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_SHOWN: Final = 12
_PHASES: Final = {"static": "static engines", "model": "model", "download": "fetching", "load": "loading the model"}
_SEVERITY_STYLE: Final = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
}


class View(Protocol):
    """Takes events as they come."""

    def __call__(self, event: Event) -> None:
        """Shows one event."""


@contextmanager
def view(*, quiet: bool, verbose: bool) -> Iterator[View]:
    """A view that fits: nothing when quiet, live on a terminal, plain lines elsewhere. Leaves a clean screen."""
    if quiet:
        yield _warnings_only
        return
    console = talk.console()
    if not console.is_terminal:
        yield PlainView(verbose=verbose)
        return
    live = LiveView(console, verbose=verbose)
    with live.region:
        yield live


def _warnings_only(event: Event) -> None:
    if isinstance(event, Note) and event.level == "warning":
        talk.say(event.text)


class PlainView:
    """Short lines on stderr: notes, and a long download or model phase every few seconds."""

    every_s: Final = 10.0

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._last = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Shows what is worth a line."""
        if isinstance(event, Note) and (event.level != "debug" or self._verbose):
            talk.say(event.text)
        elif isinstance(event, Progress) and event.phase != "static" and self._due():
            talk.say(progress_text(event))

    def _due(self) -> bool:
        now = time.monotonic()
        if now - self._last < self.every_s:
            return False
        self._last = now
        return True


class LiveView:
    """Findings as they come and the progress of each phase, redrawn in place and gone at the end."""

    def __init__(self, console: "Console", *, verbose: bool) -> None:
        from rich.live import Live  # noqa: PLC0415 (loaded only when used)

        self._console = console
        self._verbose = verbose
        self._findings: list[Finding] = []
        self._phases: dict[str, Progress] = {}
        self.region: Live = Live(
            console=console, get_renderable=self._draw, transient=True, refresh_per_second=8, redirect_stdout=False
        )

    def __call__(self, event: Event) -> None:
        """Takes an event into the picture."""
        if isinstance(event, FindingArrived):
            self._findings.append(event.finding)
        elif isinstance(event, Progress):
            self._phases[event.phase] = event
        elif isinstance(event, Note) and (event.level != "debug" or self._verbose):
            self._console.print(f"sutazai: {talk.printable(event.text)}", style="dim", markup=False)

    def _draw(self) -> "RenderableType":
        from rich.console import Group  # noqa: PLC0415 (loaded only when used)

        return Group(*self._finding_lines(), *(self._bar(each) for each in self._phases.values()))

    def _finding_lines(self) -> "list[RenderableType]":
        from rich.text import Text  # noqa: PLC0415 (loaded only when used)

        ordered = sorted(self._findings, key=lambda each: (each.severity.rank, -each.confidence))
        room = max(3, min(_SHOWN, self._console.height - 6))
        lines = [finding_line(each) for each in ordered[:room]]
        if len(ordered) > room:
            lines.append(Text(f"  … and {len(ordered) - room} more", style="dim"))
        return list(lines)

    def _bar(self, progress: Progress) -> "RenderableType":
        from rich.progress_bar import ProgressBar  # noqa: PLC0415 (loaded only when used)
        from rich.table import Table  # noqa: PLC0415

        row = Table.grid(padding=(0, 1))
        total = progress.total or None
        bar: Any = ProgressBar(total=total, completed=progress.done, width=24, pulse=total is None)
        row.add_row(_PHASES.get(progress.phase, progress.phase), bar, progress_amount(progress), progress.label[:60])
        return row


def finding_line(finding: Finding) -> "RenderableType":
    """One finding in one line."""
    from rich.text import Text  # noqa: PLC0415 (loaded only when used)

    at = finding.location
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{finding.severity:>8} ", style=_SEVERITY_STYLE[finding.severity])
    line.append(talk.printable(f"{at.path}:{at.start_line}:{at.start_column} "), style="bold")
    line.append(talk.printable(finding.message))
    return line


def progress_amount(progress: Progress) -> str:
    """How far, in the unit of the phase."""
    if progress.unit == "bytes":
        return f"{progress.done / 1e6:,.0f} of {progress.total / 1e6:,.0f} MB"
    return f"{progress.done}/{progress.total} {progress.unit}" if progress.total else f"{progress.done} {progress.unit}"


def progress_text(progress: Progress) -> str:
    """A phase in one line of text."""
    label = f" {progress.label}" if progress.label else ""
    return f"{_PHASES.get(progress.phase, progress.phase)}{label}: {progress_amount(progress)}"
