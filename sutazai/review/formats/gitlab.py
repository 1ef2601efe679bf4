"""GitLab's Code Quality report: a JSON array of issues. It has no place for coverage, so stderr must tell it."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import count
from typing import Any, Final

from sutazai.review.formats.json_text import dump
from sutazai.review.formats.untrusted import one_line
from sutazai.review.report import ReviewReport
from sutazai.sdk.finding import Finding, Severity

SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def render(report: ReviewReport, *, show_suppressed: bool = False) -> str:  # noqa: ARG001 (GitLab knows no suppression)
    """One issue a finding, each with a fingerprint of its own, as GitLab demands."""
    return dump(list(_issues(report.findings))) + "\n"


def _issues(findings: tuple[Finding, ...]) -> Iterator[dict[str, Any]]:
    taken: set[str] = set()
    for finding in findings:
        fingerprint = next(each for each in _fingerprints(finding) if each not in taken)
        taken.add(fingerprint)
        yield _issue(finding, fingerprint)


def _fingerprints(finding: Finding) -> Iterator[str]:
    """Our fingerprint, then names made from it, for engines that report one fault twice."""
    base = finding.fingerprint or f"{finding.rule}\n{finding.location.path}\n{finding.quote}"
    for ordinal in count():
        yield sha256(f"{base}\n{ordinal}".encode(errors="replace")).hexdigest()


def _issue(finding: Finding, fingerprint: str) -> dict[str, Any]:
    place = finding.location
    return {
        "description": one_line(finding.message),
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": SEVERITIES[finding.severity],
        "location": {"path": place.path, "lines": {"begin": place.start_line, "end": place.end_line}},
    }
