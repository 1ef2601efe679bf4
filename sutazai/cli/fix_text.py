"""Fixes as text for people: each patch with its finding, its checks and its diff, then what was done and what was not.

Text of files and models is printed as it is seen, never as it would steer a terminal or as markup.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from sutazai.cli.glyphs import STYLES, glyphs
from sutazai.review.fixing.report import FixReport, NotOffered, Patch
from sutazai.review.formats.coverage import not_reviewed
from sutazai.review.formats.untrusted import name, one_line, visible
from sutazai.sdk.finding import Finding

if TYPE_CHECKING:
    from rich.console import Console

_LISTED: Final = 20
_ORIGINS: Final = {"finding": "by the finding", "rule": "by the rule", "model": "written by a model"}
_EXPECTED: Final = "by the model's expectation"
_COLOURS: Final = {"-": "red", "+": "green", "@": "cyan"}


def print_report(report: FixReport, console: "Console", *, known: bool = False) -> None:
    """Prints everything; `known`: of the patches only those that could not be applied, for the others were seen."""
    for patch in report.patches:
        if patch.left or not known:
            print_patch(patch, console)
    _list(console, "Not offered", [_refused(each) for each in report.not_offered])
    _list(console, "Not written", [f"{name(each.path)}: {one_line(each.reason)}" for each in report.not_written])
    for line in _summary(report):
        _line(console, line)


def print_patch(patch: Patch, console: "Console") -> None:
    """Prints one patch: what it mends, how it was checked, the diff."""
    dot = glyphs(console).dot
    finding, fix = patch.finding, patch.fix
    _line(console, _head(finding))
    _line(console, Text(one_line(finding.message), style="bold"))
    guess = "a guess of the model; " if patch.guess else ""
    checks = f"{guess}checked: {', '.join(fix.verified)}"
    done = Text(f" {dot} applied", style="bold green") if patch.applied else Text("")
    left = Text(f" {dot} not applied: {one_line(patch.left)}", style="bold yellow") if patch.left else Text("")
    by = _EXPECTED if fix.source == "model" and patch.origin == "finding" else _ORIGINS[patch.origin]
    _line(
        console,
        Text.assemble(("Fix ", "bold green"), f"{by}: {one_line(fix.description)} ", (f"({checks})", "dim"))
        + done
        + left,
    )
    for line in patch.diff.splitlines():
        heading = line.startswith(("--- ", "+++ "))
        _line(console, Text(visible(line), style="bold" if heading else _COLOURS.get(line[:1], "")))
    console.print()


def _head(finding: Finding) -> Text:
    return Text.assemble(
        (f" {finding.severity.upper()} ", STYLES[finding.severity]),
        (f" {name(finding.location.path)}:{finding.location.start_line}", "bold"),
        f"  {name(finding.rule)}",
        (f"  {finding.fingerprint.removeprefix('v1:')[:8]}", "dim"),
    )


def _refused(each: NotOffered) -> str:
    at = each.finding.location
    return f"{name(at.path)}:{at.start_line}  {name(each.finding.rule)}  {one_line(each.reason)}"


def _list(console: "Console", title: str, lines: list[str]) -> None:
    if not lines:
        return
    _line(console, Text(title, style="bold yellow"))
    for line in lines[:_LISTED]:
        _line(console, Text(f"  {line}"))
    if len(lines) > _LISTED:
        _line(console, Text(f"  and {len(lines) - _LISTED} more, see --json", style="dim"))
    console.print()


def _summary(report: FixReport) -> Iterator[Text]:
    if report.restored:
        yield Text(f"Restored {', '.join(map(name, report.restored))}.", style="bold green")
        return
    applied = sum(each.applied for each in report.patches)
    found = f"{report.findings} finding{'' if report.findings == 1 else 's'}"
    yield Text(f"{found}, {len(report.patches)} with a fix, {applied} applied.", style="bold")
    yield from _guesses([each for each in report.patches if each.guess and not each.applied])
    if report.written:
        yield Text(f"Written: {', '.join(map(name, report.written))}. `sutazai fix --undo` takes it back.")
    if report.test is not None:
        ran = f"{report.test.runs} run{'' if report.test.runs == 1 else 's'}"
        yield Text(f"`{one_line(report.test.command)}` {'passes' if report.test.passed else 'does not pass'} ({ran}).")
    if report.model_notice:
        yield Text(f"No fixes written by a model: {one_line(report.model_notice)}.", style="dim")
    skipped = [each for each in not_reviewed(report.coverage) if each.kind == "file"]
    if skipped:
        shown = "; ".join(f"{name(each.place)}: {one_line(each.told)}" for each in skipped[:_LISTED])
        yield Text(f"Not looked at: {shown}.", style="yellow")


def _guesses(left: Sequence[Patch]) -> Iterator[Text]:
    if left:
        what = "1 of them is a guess" if len(left) == 1 else f"{len(left)} of them are guesses"
        yield Text(f"{what} of the model that `--apply` leaves: `--interactive` asks for each fix,", style="yellow")
        yield Text("`--apply --finding ID` writes one, `--apply --guesses` all of them.", style="yellow")


def _line(console: "Console", text: Text) -> None:
    console.print(text, no_wrap=True, overflow="ignore", crop=False, highlight=False, soft_wrap=True)
