"""JUnit XML for build servers: a finding is a failed test case, what was not reviewed a skipped one.

Only writes XML; nothing here ever parses any.
"""

import re
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sutazai.review.formats.coverage import NotReviewed, not_reviewed
from sutazai.review.formats.untrusted import shown_quote
from sutazai.review.report import ReviewReport
from sutazai.sdk.finding import Finding

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: ReviewReport, *, show_suppressed: bool = False) -> str:
    """One suite: a failed case a finding, skipped ones for suppressed and not reviewed, one passed for the rest."""
    hidden = report.suppressed if show_suppressed else ()
    missing = not_reviewed(report.coverage)
    clean = _clean_files(report)
    counts = {
        "tests": str(len(report.findings) + len(hidden) + len(missing) + bool(clean)),
        "failures": str(len(report.findings)),
        "errors": "0",
        "skipped": str(len(hidden) + len(missing)),
        "time": f"{report.timings.total_s:.3f}",
    }
    root = Element("testsuites", {"name": "sutazai", **counts})
    suite = SubElement(root, "testsuite", {"name": "sutazai.review", **counts})
    if report.project_settings:
        value = _legal(", ".join(report.project_settings))
        SubElement(SubElement(suite, "properties"), "property", {"name": "project_settings", "value": value})
    for finding in report.findings:
        _failed(suite, finding)
    for finding in hidden:
        _skipped(_case(suite, finding), finding.suppressed.reason if finding.suppressed else "")
    for each in missing:
        _not_reviewed(suite, each)
    if clean:
        SubElement(suite, "testcase", {"name": f"{clean} files without findings", "classname": "sutazai", "time": "0"})
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _clean_files(report: ReviewReport) -> int:
    whole = {each.path for each in report.coverage.files_skipped if each.engine}
    touched = {each.location.path for each in report.findings} | whole
    touched |= {each.path for each in report.coverage.units_not_reviewed}
    return max(0, report.coverage.files - len(touched))


def _case(suite: Element, finding: Finding) -> Element:
    place = finding.location
    name = f"{finding.rule} at {place.path}:{place.start_line}:{place.start_column}"
    attributes = {"name": name, "classname": place.path, "file": place.path, "line": str(place.start_line), "time": "0"}
    return SubElement(suite, "testcase", {key: _legal(value) for key, value in attributes.items()})


def _failed(suite: Element, finding: Finding) -> None:
    kind = f"{finding.severity} {finding.category}"
    attributes = {"message": _legal(finding.message), "type": kind}
    failure = SubElement(_case(suite, finding), "failure", attributes)
    place = finding.location
    where = f"{place.path}:{place.start_line}:{place.start_column}: {finding.message} ({finding.confidence:.0%} sure)"
    failure.text = _legal("\n\n".join(filter(None, (where, shown_quote(finding), finding.explanation))))


def _not_reviewed(suite: Element, each: NotReviewed) -> None:
    name = f"not reviewed: {each.place} {each.what}".rstrip()
    attributes = {"name": _legal(name), "classname": _legal(each.path or "sutazai"), "time": "0"}
    _skipped(SubElement(suite, "testcase", attributes), each.reason)


def _skipped(case: Element, reason: str) -> None:
    SubElement(case, "skipped", {"message": _legal(reason)})


def _legal(text: str) -> str:
    """The text without what XML 1.0 cannot hold in any form."""
    return _ILLEGAL.sub("\ufffd", text)
