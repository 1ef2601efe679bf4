"""Puts the report together: findings in order, their rules, and the coverage of the review itself. Decides nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sutazai import __version__
from sutazai.review.merge import by_seriousness
from sutazai.review.report import Coverage, FileSkipped, ReviewReport, RuleInfo, Timings, UnderThresholds
from sutazai.review.request import ReviewRequest
from sutazai.review.static import StaticResult
from sutazai.review.suppress import Comment
from sutazai.review.weigh import Weighed
from sutazai.sdk.finding import Finding, Severity
from sutazai.sdk.ports import Analyzer
from sutazai.sdk.rule import Rule
from sutazai.sdk.source import Collection

if TYPE_CHECKING:
    from sutazai.review.model_part import ModelPart


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Everything a review came to. `part` is None where no model was wanted."""

    request: ReviewRequest
    collection: Collection
    analyzers: Sequence[Analyzer]
    static: StaticResult
    part: "ModelPart | None"
    kept: Weighed
    suppressed: Sequence[Finding]
    comments: Sequence[Comment]


def assembled(reviewed: Reviewed, *, timings: Timings, project_settings: tuple[str, ...]) -> ReviewReport:
    """The report."""
    request, part = reviewed.request, reviewed.part
    reported = (*reviewed.kept.kept, *reviewed.suppressed)
    return ReviewReport(
        version=__version__,
        root=str(reviewed.collection.root),
        findings=tuple(by_seriousness(reviewed.kept.kept)),
        suppressed=tuple(by_seriousness(reviewed.suppressed)),
        rules=_rules(reported, reviewed),
        coverage=_coverage(reviewed),
        model=part.used if part else None,
        timings=timings,
        fail_on=request.fail_on or Severity.HIGH,
        require_model=request.require_model,
        require_complete=request.require_complete,
        project_settings=project_settings,
        unused_suppressions=tuple(_unused(reviewed)),
    )


def _unused(reviewed: Reviewed) -> Iterator[str]:
    """Places of comments that hid nothing. Outside of what was asked for nobody looked, so none is unused there."""
    sources = {each.path: each for each in reviewed.collection.files}
    for each in reviewed.comments:
        source = sources[each.path]
        asked = source.changed is None or (not each.whole_file and source.touches(each.applies_to, each.applies_to))
        if asked and not each.used:
            yield f"{each.path}:{each.line}"


def _coverage(reviewed: Reviewed) -> Coverage:
    part, collection = reviewed.part, reviewed.collection
    skipped = [FileSkipped(path=each.path, reason=each.reason, named=each.named) for each in collection.skipped]
    skipped += [FileSkipped(path=s.path, reason=s.reason, engine=engine) for engine, s in reviewed.static.failed]
    return Coverage(
        files=len(collection.files),
        engines=tuple(each.name for each in reviewed.analyzers),
        units=part.units if part else 0,
        units_reviewed=part.reviewed if part else 0,
        units_cached=part.cached if part else 0,
        units_not_reviewed=tuple(part.not_reviewed) if part else (),
        files_skipped=tuple(skipped),
        files_ignored=collection.ignored_count,
        claims_dropped=sum(result.dropped for _, result in part.results) if part else 0,
        findings_over_limit=reviewed.kept.over_limit,
        findings_under_thresholds=len(reviewed.kept.under_thresholds),
        under_thresholds=UnderThresholds.of(reviewed.kept.under_thresholds),
        model_notice=part.notice if part else "",
    )


def _rules(findings: Sequence[Finding], reviewed: Reviewed) -> dict[str, RuleInfo]:
    """What a reader needs of every rule that has findings."""
    known = dict(reviewed.static.rules)
    if any(engine.startswith("model:") for finding in findings for engine in finding.engines):
        known |= {name: RuleInfo.of(rule) for name, rule in _model_rules().items() if name not in known}
    return {each.rule: known.get(each.rule) or _unknown(each) for each in findings}


def _model_rules() -> Mapping[str, Rule]:
    from sutazai.review.recipes.rules import RULES  # noqa: PLC0415 (not for a static review)

    return RULES


def _unknown(finding: Finding) -> RuleInfo:
    """What a finding alone tells of its rule."""
    return RuleInfo(id=finding.rule, title=finding.rule, category=finding.category, severity=finding.severity)
