"""The report: findings once with views on them, coverage that never calls clean what was not reviewed, exit codes."""

import json

import pytest

from sutazai.errors.base import ExitCode
from sutazai.review.report import Coverage, FileSkipped, ReviewReport, RuleInfo, UnitCoverage
from sutazai.review.request import ReviewRequest
from sutazai.sdk.finding import Category, Severity
from sutazai.sdk.rule import Rule
from tests.unit.review.made import made

MISSED = UnitCoverage(path="a.py", symbol="f", start_line=1, end_line=2, outcome="failed", reason="r")
NAMED = FileSkipped(path="b.py", reason="gone", named=True)
PASSED = FileSkipped(path="c.bin", reason="binary")


def report(*findings, **changes) -> ReviewReport:
    """A report with these findings."""
    return ReviewReport(findings=findings, **changes)


def test_findings_are_seen_under_their_kind():
    kinds = {each: made(category=each, fingerprint=str(each)) for each in Category}
    found = report(*kinds.values())
    assert found.security_issues == ("security", "secret")
    assert found.suggestions == ("bug", "maintainability")
    assert found.performance_hints == ("performance",)


def test_the_confidence_of_a_report_is_the_mean_of_its_findings():
    assert report(made(confidence=0.5), made(confidence=1)).confidence_score == 0.75
    assert report().confidence_score == 1


@pytest.mark.parametrize(
    ("coverage", "complete"),
    [
        (Coverage(), True),
        (Coverage(units=3, units_reviewed=2, units_cached=1, files_ignored=9, claims_dropped=2), True),
        (Coverage(units_not_reviewed=(MISSED,)), False),
        (Coverage(files_skipped=(PASSED,)), False),
        (Coverage(model_notice="no model"), False),
    ],
)
def test_a_review_is_complete_only_where_nothing_was_left_out(coverage, complete):
    assert coverage.complete is complete


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (report(), 0),
        (report(made()), 1),
        (report(made(severity=Severity.MEDIUM)), 0),
        (report(made(severity=Severity.MEDIUM), fail_on="medium"), 1),
        (report(made(severity=Severity.CRITICAL), fail_on="never"), 0),
        (report(suppressed=(made(),)), 0),
        (report(coverage=Coverage(files_skipped=(PASSED,))), 0),
        (report(coverage=Coverage(files_skipped=(NAMED,))), 4),
        (report(coverage=Coverage(files_skipped=(PASSED,)), require_complete=True), 5),
        (report(coverage=Coverage(model_notice="none")), 0),
        (report(coverage=Coverage(model_notice="none"), require_model=True), 3),
        (report(made(), coverage=Coverage(files_skipped=(NAMED,)), require_complete=True), 1),
        (report(coverage=Coverage(files_skipped=(NAMED,), model_notice="n"), require_complete=True), 4),
        (report(coverage=Coverage(model_notice="n"), require_model=True, require_complete=True), 5),
    ],
)
def test_the_outcome_follows_the_precedence_of_exit_codes(found, code):
    assert found.outcome() == ExitCode(code)


def test_the_summary_counts_findings_and_files():
    assert report(made(), coverage=Coverage(files=2)).summary().startswith("1 finding in 2 files")
    assert report().summary().startswith("0 findings")


def test_a_rule_is_shown_without_its_examples():
    rule = Rule("r", "Title", Category.BUG, Severity.LOW, (1,), "why", "bad", "good", help_url="https://example.org")
    assert RuleInfo.of(rule).model_dump() == {
        "id": "r",
        "title": "Title",
        "category": "bug",
        "severity": "low",
        "cwe": (1,),
        "description": "why",
        "help_url": "https://example.org",
    }


def full() -> ReviewReport:
    """A report with something in every part."""
    coverage = Coverage(files_skipped=(NAMED,), units_not_reviewed=(MISSED,))
    return report(made(fingerprint="v1:x"), coverage=coverage, rules={"r": RuleInfo.of(Rule("r", "t", "bug", "low"))})


def test_a_report_survives_its_json():
    text = full().model_dump_json(by_alias=True)
    assert json.loads(text)["schema"] == "sutazai.review/1"
    assert ReviewReport.stored(json.loads(text)) == full()


def test_fields_that_a_later_version_added_anywhere_are_passed_over():
    data = json.loads(full().model_dump_json(by_alias=True))
    data["later"] = 1
    for part in (data["coverage"], data["findings"][0], data["findings"][0]["location"], data["rules"]["r"]):
        part["later"] = {"x": 1}
    assert ReviewReport.stored(data) == full()


def test_an_older_report_without_newer_fields_loads():
    assert ReviewReport.stored({"schema": "sutazai.review/1"}) == report()


@pytest.mark.parametrize("data", [{"schema": "sutazai.review/2"}, {"coverage": 3}, {"findings": [1]}])
def test_what_is_no_report_is_refused(data):
    with pytest.raises(ValueError, match="validation error"):
        ReviewReport.stored(data)


@pytest.mark.parametrize(
    "data", [{"time_limit_s": "inf"}, {"min_confidence": 2}, {"model_name": "x"}, {"max_findings": -1}]
)
def test_a_request_refuses_what_makes_no_sense(data):
    with pytest.raises(ValueError, match="validation error"):
        ReviewRequest.model_validate(data)
