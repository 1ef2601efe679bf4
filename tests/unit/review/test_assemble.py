"""The report is put together: order, rules, coverage, and comments that hid nothing."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sutazai import __version__
from sutazai.review.assemble import Reviewed, assembled
from sutazai.review.model_part import ModelPart, Task
from sutazai.review.recipes.result import UnitResult
from sutazai.review.recipes.rules import RULES
from sutazai.review.report import ModelUsed, ReviewReport, RuleInfo, Timings, UnitCoverage
from sutazai.review.request import ReviewRequest
from sutazai.review.static import StaticResult
from sutazai.review.suppress import comments_of
from sutazai.review.weigh import Weighed
from sutazai.sdk.finding import Category, Severity, Suppression
from sutazai.sdk.source import Collection, LineRange, Segment, Skipped, SourceFile, Unit
from tests.unit.review.made import made

UNIT = Unit("a.py", "python", "function", "f", 1, 2, "def f():\n    pass\n", (Segment(0, 18, 1),))
LEFT = UnitCoverage(path="a.py", symbol="f", start_line=1, end_line=2, outcome="failed", reason="odd")


def put_together(request: ReviewRequest | None = None, **parts: Any) -> ReviewReport:
    """The report of a review that came to nothing, but for `parts`."""
    values: dict[str, Any] = {
        "collection": Collection(Path("/root")),
        "analyzers": (),
        "static": StaticResult(),
        "part": None,
        "kept": Weighed(),
        "suppressed": (),
        "comments": (),
    }
    reviewed = Reviewed(request or ReviewRequest(), **(values | parts))
    return assembled(reviewed, timings=Timings(total_s=3), project_settings=("review.rules",))


def test_an_empty_review_is_an_empty_report():
    report = put_together()
    assert report == ReviewReport(
        version=__version__, root="/root", timings=Timings(total_s=3), project_settings=("review.rules",)
    )


def test_the_request_says_what_fails_the_review():
    report = put_together(ReviewRequest(fail_on="low", require_model=True, require_complete=True))
    assert (report.fail_on, report.require_model, report.require_complete) == (Severity.LOW, True, True)


def test_findings_stand_most_serious_first():
    low, high = made(1, severity=Severity.LOW), made(9)
    hidden = [each.but(suppressed=Suppression(by="comment")) for each in (low, high)]
    report = put_together(kept=Weighed([low, high], under_thresholds=[low, high], over_limit=3), suppressed=hidden)
    assert [each.location.start_line for each in report.findings] == [9, 1]
    assert [each.location.start_line for each in report.suppressed] == [9, 1]
    assert (report.coverage.findings_under_thresholds, report.coverage.findings_over_limit) == (2, 3)


def test_rules_are_those_of_what_is_reported():
    info = RuleInfo(id="py-sql-injection", title="SQL", category=Category.SECURITY, severity=Severity.HIGH)
    static = StaticResult(rules={info.id: info, "unseen": info})
    name = next(iter(RULES))
    shown = [made(1), made(2, rule=name, engines=("model:probe",)), made(3, rule="gone", category=Category.BUG)]
    report = put_together(static=static, kept=Weighed(shown[:2]), suppressed=shown[2:])
    assert set(report.rules) == {info.id, name, "gone"}
    assert report.rules[info.id] == info
    assert report.rules[name] == RuleInfo.of(RULES[name])
    assert (report.rules["gone"].title, report.rules["gone"].category) == ("gone", Category.BUG)


def test_coverage_counts_what_was_looked_at_and_names_the_rest():
    part = ModelPart(
        units=4,
        results=[(Task(UNIT), UnitResult(dropped=2)), (Task(UNIT), UnitResult(dropped=1))],
        not_reviewed=[LEFT],
        reviewed=1,
        cached=2,
        used=ModelUsed(name="m", runtime="r"),
        notice="half of it",
    )
    report = put_together(
        collection=Collection(
            Path("/root"), (SourceFile("a.py", "", "python"),), (Skipped("b", "binary", named=True),), 7
        ),
        analyzers=(SimpleNamespace(name="ruff"), SimpleNamespace(name="secrets")),
        static=StaticResult(failed=[("ruff", Skipped("a.py", "crashed"))]),
        part=part,
    )
    coverage = report.coverage
    assert (coverage.units, coverage.units_reviewed, coverage.units_cached) == (4, 1, 2)
    assert coverage.units_not_reviewed == (LEFT,)
    assert (coverage.files, coverage.files_ignored, coverage.engines) == (1, 7, ("ruff", "secrets"))
    assert [(each.path, each.engine, each.named) for each in coverage.files_skipped] == [
        ("b", "", True),
        ("a.py", "ruff", False),
    ]
    assert (coverage.claims_dropped, coverage.model_notice) == (3, "half of it")
    assert report.model == part.used


def test_comments_that_hid_nothing_are_named_where_somebody_looked():
    text = "a = 1  # sutazai: ignore\n# sutazai: ignore-file[x]\nb = 2  # sutazai: ignore\n"
    whole, part = (
        SourceFile("a.py", text, "python"),
        SourceFile("b.py", text, "python", changed=(LineRange(3, 3),)),
    )
    comments = [each for source in (whole, part) for each in comments_of(source)]
    comments[0].used = True
    report = put_together(collection=Collection(Path("/root"), (whole, part)), comments=comments)
    assert report.unused_suppressions == ("a.py:2", "a.py:3", "b.py:3")
