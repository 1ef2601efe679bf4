"""SARIF 2.1.0 (OASIS): one run with its rules, results and what was not reviewed.

Names no folder of this machine: every path is relative to a base that the reader sets.
"""

from collections.abc import Sequence
from typing import Any, Final

from sutazai.review.formats.coverage import NotReviewed, not_reviewed
from sutazai.review.formats.json_text import dump
from sutazai.review.formats.sarif_results import Places, result
from sutazai.review.formats.sarif_rules import descriptors
from sutazai.review.report import ReviewReport
from sutazai.sdk.finding import Finding

SCHEMA_URI: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_NOT_REVIEWED: Final = "not-reviewed"


def render(report: ReviewReport, *, show_suppressed: bool = False) -> str:
    """The log; suppressed results, with their `suppressions`, only where asked for."""
    shown = (*report.findings, *(report.suppressed if show_suppressed else ()))
    return dump({"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [_run(report, shown)]}) + "\n"


def _run(report: ReviewReport, shown: Sequence[Finding]) -> dict[str, Any]:
    rules = descriptors(report.rules, shown)
    index = {rule["id"]: position for position, rule in enumerate(rules)}
    places = Places()
    results = [result(finding, index[finding.rule], places) for finding in shown]
    invocation = _invocation(not_reviewed(report.coverage), places)
    return {
        "tool": {"driver": _driver(report, rules)},
        "automationDetails": {"id": "sutazai/review/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder that was reviewed."}}},
        "invocations": [invocation],
        "artifacts": places.artifacts(),
        "results": results,
        "properties": _properties(report),
    }


def _driver(report: ReviewReport, rules: list[dict[str, Any]]) -> dict[str, Any]:
    version = {"version": report.version} if report.version else {}
    notification = {"id": _NOT_REVIEWED, "shortDescription": {"text": "Something was not reviewed"}}
    return {"name": "SutazAI", **version, "rules": rules, "notifications": [notification]}


def _invocation(missing: Sequence[NotReviewed], places: Places) -> dict[str, Any]:
    notifications = [_notification(each, places) for each in missing]
    return {"executionSuccessful": True, "toolExecutionNotifications": notifications}


def _notification(each: NotReviewed, places: Places) -> dict[str, Any]:
    region = {"region": {"startLine": each.line}} if each.line else {}
    physical = {"physicalLocation": {"artifactLocation": places.of(each.path), **region}} if each.path else {}
    return {
        "descriptor": {"id": _NOT_REVIEWED, "index": 0},
        "level": "warning",
        "message": {"text": f"Not reviewed: {each.place}: {each.told}"},
        **({"locations": [physical]} if physical else {}),
    }


def _properties(report: ReviewReport) -> dict[str, Any]:
    lists = {"units_not_reviewed", "files_skipped"}
    return {
        "schema": report.schema_,
        "confidence_score": report.confidence_score,
        "coverage": report.coverage.model_dump(exclude=lists),
        "model": report.model.model_dump() if report.model else None,
        "project_settings": list(report.project_settings),
    }
