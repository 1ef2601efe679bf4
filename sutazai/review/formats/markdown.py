"""Markdown for a comment on a pull request: short enough for one, and with nothing in it that the code wrote itself.

Text of files and models is escaped: it can neither close a fence, nor add HTML, nor call people by name.
"""

from collections.abc import Iterator
from typing import Final

from sutazai.review.formats.coverage import not_reviewed
from sutazai.review.formats.diff import fix_lines
from sutazai.review.formats.markdown_text import code_span, escape, fence, paragraphs
from sutazai.review.formats.untrusted import shown_quote
from sutazai.review.report import Coverage, ReviewReport
from sutazai.sdk.finding import Finding, Severity

# GitHub refuses a comment of more than 65,536 characters.
MAX_CHARACTERS: Final = 60_000
_QUOTE_LINES: Final = 20
_LISTED: Final = 20


def render(report: ReviewReport, *, show_suppressed: bool = False) -> str:
    """Summary table, findings, suppressed ones where asked for, coverage."""
    head, tail = _head(report), _tail(report, show_suppressed=show_suppressed)
    room = MAX_CHARACTERS - len(head) - len(tail)
    return head + "".join(_fitting(report.findings, room)) + tail


def _fitting(findings: tuple[Finding, ...], room: int) -> Iterator[str]:
    for position, finding in enumerate(findings):
        text = _finding(finding)
        room -= len(text)
        if room < 0:
            yield f"\n… and {len(findings) - position} more findings: see `sutazai review --format json`.\n"
            return
        yield text


def _head(report: ReviewReport) -> str:
    counts = {each: sum(finding.severity is each for finding in report.findings) for each in Severity}
    rows = "".join(f"| {severity} | {number} |\n" for severity, number in counts.items() if number)
    table = f"\n| severity | findings |\n| --- | ---: |\n{rows}" if rows else ""
    return f"## SutazAI review: {_verdict(report)}\n{table}"


def _verdict(report: ReviewReport) -> str:
    missing = "" if report.coverage.complete else ", not everything was reviewed"
    number = len(report.findings)
    if not number:
        return f"no findings in what was reviewed{missing}" if missing else "no findings"
    return f"{number} finding{'s' if number > 1 else ''}{missing}"


def _finding(finding: Finding) -> str:
    place = finding.location
    where = code_span(f"{place.path}:{place.start_line}:{place.start_column}")
    parts = [
        f"\n### {finding.severity.upper()} {where}\n",
        f"**{escape(finding.message)}** ({code_span(finding.rule)}, {finding.confidence:.0%} sure)\n",
        _code(shown_quote(finding), place.path),
        paragraphs(finding.explanation),
        _trace(finding),
        _fix(finding),
    ]
    return "\n".join(part for part in parts if part)


def _code(code: str, path: str) -> str:
    lines = code.split("\n")
    cut = [*lines[:_QUOTE_LINES], f"… {len(lines) - _QUOTE_LINES} more lines"] if len(lines) > _QUOTE_LINES else lines
    ending = path.rpartition(".")[2].lower()
    return fence("\n".join(cut), ending if ending.isascii() and ending.isalnum() else "") if code else ""


def _trace(finding: Finding) -> str:
    steps = "".join(
        f"{number}. {code_span(f'{step.location.path}:{step.location.start_line}')} {escape(step.note)}\n"
        for number, step in enumerate(finding.trace, 1)
    )
    return f"How it gets there:\n\n{steps}" if steps else ""


def _fix(finding: Finding) -> str:
    if finding.fix is None:
        return ""
    checked = f" (checked: {escape(', '.join(finding.fix.verified))})" if finding.fix.verified else ""
    lines = fix_lines(finding)
    return f"Fix: {escape(finding.fix.description)}{checked}\n" + (
        "\n" + fence("\n".join(lines), "diff") if lines else ""
    )


def _tail(report: ReviewReport, *, show_suppressed: bool) -> str:
    hidden = report.suppressed[:_LISTED] if show_suppressed else ()
    shown = "".join(_suppressed(finding) for finding in hidden)
    more = _more(len(report.suppressed)) if hidden else ""
    return (f"\n### Suppressed\n\n{shown}{more}" if shown else "") + _coverage(report)


def _suppressed(finding: Finding) -> str:
    by = f"{finding.suppressed.by} {finding.suppressed.reason}".strip() if finding.suppressed else ""
    where = code_span(f"{finding.location.path}:{finding.location.start_line}")
    return f"- {where} {code_span(finding.rule)} {escape(finding.message)} ({escape(by)})\n"


def _coverage(report: ReviewReport) -> str:
    missing = not_reviewed(report.coverage)
    listed = "".join(f"- {code_span(each.place)} {escape(each.told)}\n" for each in missing[:_LISTED])
    left = f"\nNot reviewed:\n\n{listed}{_more(len(missing))}" if missing else ""
    return f"\n### Coverage\n\n{_reviewed(report.coverage, report)}\n{_project(report)}{left}"


def _project(report: ReviewReport) -> str:
    names = ", ".join(code_span(each) for each in report.project_settings)
    return f"\nThe project's own settings apply: {names}.\n" if names else ""


def _reviewed(coverage: Coverage, report: ReviewReport) -> str:
    engines = f" by {escape(', '.join(coverage.engines))}" if coverage.engines else ""
    text = f"{coverage.files} files{engines}"
    if report.model and coverage.units:
        text += f"; {coverage.units_reviewed + coverage.units_cached} of {coverage.units} units"
        text += f" by {escape(report.model.name)} ({coverage.units_cached} from cache)"
    return f"{text}; {len(report.suppressed)} suppressed."


def _more(number: int) -> str:
    return f"- … and {number - _LISTED} more: see `sutazai review --format json`\n" if number > _LISTED else ""
