"""GitHub's workflow commands: annotations on the lines of a pull request, one command a line."""

from collections.abc import Iterator, Mapping
from typing import Final

from sutazai.review.formats.coverage import not_reviewed
from sutazai.review.formats.untrusted import visible
from sutazai.review.report import ReviewReport
from sutazai.sdk.finding import Finding, Severity

LEVELS: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def render(report: ReviewReport, *, show_suppressed: bool = False) -> str:  # noqa: ARG001 (annotations know no suppression)
    """One command a finding, one notice of settings that the project brought, one of a review that is not complete."""
    return "".join(f"{line}\n" for line in (*map(_annotation, report.findings), *_notices(report)))


def _annotation(finding: Finding) -> str:
    text = "\n\n".join(filter(None, (finding.message, finding.explanation)))
    properties = {**_place(finding), "title": f"{finding.rule} ({finding.severity}, {finding.confidence:.0%} sure)"}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{LEVELS[finding.severity]} {listed}::{_data(text)}"


def _place(finding: Finding) -> dict[str, str]:
    place = finding.location
    lines = {"file": place.path, "line": str(place.start_line), "endLine": str(place.end_line)}
    # GitHub refuses an annotation that has columns and spans several lines.
    one_line = place.start_line == place.end_line
    return {**lines, "col": str(place.start_column), "endColumn": str(place.end_column)} if one_line else lines


def _notices(report: ReviewReport) -> Iterator[str]:
    if report.project_settings:
        names = _data(", ".join(report.project_settings))
        yield f"::notice title=SutazAI%3A the project's own settings apply::{names}"
    missing = not_reviewed(report.coverage)
    if missing:
        shown = "\n".join(f"{each.place}: {each.told}" for each in missing[:10])
        more = f"\n… and {len(missing) - 10} more" if len(missing) > 10 else ""  # noqa: PLR2004 (the cut just above)
        yield f"::notice title=SutazAI%3A the review is not complete::{_data('Not reviewed:' + chr(10) + shown + more)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
