"""A report as text for people: most serious first, grouped by file, then what was and was not reviewed.

Text of files and models is printed as it is seen, never as it would steer a terminal or as markup. Decides nothing:
what is reported, and what fails, the report says.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import chop_cells
from rich.text import Text

from sutazai.cli.code_frame import frame
from sutazai.cli.glyphs import STYLES, Glyphs, glyphs
from sutazai.cli.report_summary import summary
from sutazai.review.formats.diff import fix_lines
from sutazai.review.formats.untrusted import name, one_line, visible
from sutazai.review.report import ReviewReport
from sutazai.sdk.finding import Category, Finding, Location

if TYPE_CHECKING:
    from rich.console import Console

_CERTAINTY: Final = ((0.9, "very likely"), (0.7, "likely"), (0.4, "possible"), (0.0, "doubtful"))
_DIFF_LINES: Final = 20
_INDENT: Final = 2
_TEXT_CELLS: Final = 100


def render_text(
    report: ReviewReport,
    console: "Console",
    *,
    show_suppressed: bool,
    verbose: bool,
    sources: Mapping[str, str] | None = None,
) -> None:
    """Prints the report.

    Args:
        report: the result of a review.
        console: decides on width, colour and symbols.
        show_suppressed: list suppressed findings too, with who suppressed them.
        verbose: add rule pages, whole fingerprints, model and time, and list everything that was not reviewed.
        sources: text by path, for a line of context around the code and whole lines in fixes.
    """
    page = _Page(report, console, sources or {}, verbose=verbose)
    for path, findings in _by_file(report.findings).items():
        page.file(path, findings)
    if show_suppressed and report.suppressed:
        page.suppressed()
    for line in summary(report, page.glyphs, verbose=verbose):
        page.text(line, indent=0)


def certainty(confidence: float) -> str:
    """A confidence in words."""
    return next(word for least, word in _CERTAINTY if confidence >= least)


def _by_file(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    ordered = sorted(findings, key=lambda each: (each.severity.rank, -each.confidence, each.location.start_line))
    files: dict[str, list[Finding]] = {}
    for finding in ordered:
        files.setdefault(finding.location.path, []).append(finding)
    return files


def _secret_lines(report: ReviewReport) -> dict[str, set[int]]:
    lines: dict[str, set[int]] = {}
    for finding in (*report.findings, *report.suppressed):
        if finding.category is Category.SECRET:
            place = finding.location
            lines.setdefault(place.path, set()).update(range(place.start_line, place.end_line + 1))
    return lines


class _Page:
    """Prints the parts of one report."""

    def __init__(self, report: ReviewReport, console: "Console", sources: Mapping[str, str], *, verbose: bool) -> None:
        self.glyphs: Glyphs = glyphs(console)
        self._report = report
        self._console = console
        self._sources = sources
        self._verbose = verbose
        self._secret_lines = _secret_lines(report)

    def file(self, path: str, findings: Sequence[Finding]) -> None:
        """One file with its findings."""
        count = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
        head = Text.assemble((name(path), "bold underline"), (f" {self.glyphs.dot} {count}", "dim"))
        self.text(head, indent=0)
        self._blank()
        for finding in findings:
            self._finding(finding)

    def suppressed(self) -> None:
        """Every suppressed finding in short."""
        self.text(Text("Suppressed", style="bold"), indent=0)
        for finding in self._report.suppressed:
            by = finding.suppressed
            why = f"{by.by}: {by.reason}" if by and by.reason else by.by if by else ""
            line = Text.assemble(
                (f"{finding.severity} ", "dim"), _place(finding.location), f"  {name(finding.rule)}  "
            ) + Text(f"{one_line(finding.message)} ({one_line(why)})", style="dim")
            self.text(line)
        self._blank()

    def text(self, text: Text, *, indent: int = _INDENT, hanging: int = 0) -> None:
        """Wrapped text without trailing blanks, every line after the first `hanging` cells deeper."""
        room = min(self._console.width, _TEXT_CELLS + indent) - indent
        for number, line in enumerate(text.wrap(self._console, max(10, room - hanging), overflow="fold")):
            line.rstrip()
            self._line(line, indent + (hanging if number else 0))

    def _line(self, line: Text, indent: int) -> None:
        self._console.print(Text(" " * indent) + line, no_wrap=True, overflow="ignore", crop=False, highlight=False)

    def _blank(self) -> None:
        self._console.print()

    def _finding(self, finding: Finding) -> None:
        self.text(self._head(finding), indent=_INDENT - 1, hanging=_INDENT + 1)
        self.text(Text(one_line(finding.message), style="bold"), indent=2 * _INDENT)
        self._code(finding)
        self._explanation(finding)
        self._trace(finding)
        self._fix(finding)
        if self._verbose:
            self._details(finding)
        self._blank()

    def _head(self, finding: Finding) -> Text:
        weakness = f" CWE-{finding.cwe[0]}" if finding.cwe else ""
        sure = f"{certainty(finding.confidence)} ({finding.confidence:.0%})"
        short = finding.fingerprint.removeprefix("v1:")[:8]
        return Text.assemble(
            (f" {finding.severity.upper()} ", STYLES[finding.severity]),
            " ",
            _place(finding.location),
            f"  {name(finding.rule)}",
            (weakness, "dim"),
            f"  {sure}",
            (f"  {short}", "dim"),
        )

    def _code(self, finding: Finding) -> None:
        path = finding.location.path
        lines = frame(
            finding,
            self._sources.get(path),
            room=self._console.width - 2 * _INDENT,
            hidden=self._secret_lines.get(path, set()),
            glyphs=self.glyphs,
        )
        for number, line in enumerate(lines):
            if not number:
                self._blank()
            self._line(line, 2 * _INDENT)

    def _explanation(self, finding: Finding) -> None:
        for part in visible(finding.explanation).split("\n\n"):
            if part.strip():
                self._blank()
                self.text(Text(one_line(part)), indent=2 * _INDENT)

    def _trace(self, finding: Finding) -> None:
        if not finding.trace:
            return
        self._blank()
        self.text(Text("How it gets there", style="bold"), indent=2 * _INDENT)
        for number, step in enumerate(finding.trace, 1):
            line = Text.assemble((f"{number}. ", "dim"), _place(step.location), f"  {one_line(step.note)}")
            self.text(line, indent=2 * _INDENT, hanging=3)

    def _fix(self, finding: Finding) -> None:
        if finding.fix is None:
            return
        self._blank()
        checked = f"(checked: {', '.join(finding.fix.verified)})" if finding.fix.verified else "(not checked)"
        head = Text.assemble(
            ("Fix: ", "bold green"), one_line(finding.fix.description), " ", (one_line(checked), "dim")
        )
        self.text(head, indent=2 * _INDENT)
        for line in self._diff(finding):
            self._line(line, 2 * _INDENT)

    def _diff(self, finding: Finding) -> Iterator[Text]:
        path = finding.location.path
        hidden = self._secret_lines.get(path, set())
        edited = finding.fix.edits if finding.fix else ()
        if any(hidden & set(range(e.location.start_line, e.location.end_line + 1)) for e in edited):
            return
        lines = fix_lines(finding, self._sources.get(path))
        for line in lines[:_DIFF_LINES]:
            style = {"-": "red", "+": "green"}.get(line[0], "dim")
            code = visible(line[1:]).replace("\t", "    ").rstrip()
            for number, part in enumerate(chop_cells(code, max(1, self._console.width - 3 * _INDENT)) or [""]):
                yield Text(f"{' ' if number else line[0]} {part.rstrip()}", style=style)
        if len(lines) > _DIFF_LINES:
            yield Text(f"{self.glyphs.more} {len(lines) - _DIFF_LINES} more lines", style="dim")

    def _details(self, finding: Finding) -> None:
        rule = self._report.rules.get(finding.rule)
        seen = f"seen by {', '.join(finding.engines)}" if finding.engines else ""
        for detail in (seen, finding.fingerprint, rule.help_url if rule else ""):
            if detail:
                self.text(Text(one_line(detail), style="dim"), indent=2 * _INDENT)


def _place(place: Location) -> Text:
    return Text(f"{name(place.path)}:{place.start_line}:{place.start_column}", style="bold")
