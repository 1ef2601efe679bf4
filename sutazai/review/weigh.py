"""Decides which findings are reported: rules that are off, changed lines, thresholds, limits per file."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sutazai.review.demands import PathDemands
from sutazai.sdk.finding import Finding
from sutazai.sdk.source import SourceFile


@dataclass(slots=True)
class Weighed:
    """The findings to report, and how many were left out by which limit."""

    kept: list[Finding] = field(default_factory=list)
    under_thresholds: list[Finding] = field(default_factory=list)
    over_limit: int = 0


def asked_for(findings: Iterable[Finding], sources: Mapping[str, SourceFile], demands: PathDemands) -> list[Finding]:
    """The findings on lines that were asked for and of rules that are on, with the severities asked for."""
    result = []
    for finding in findings:
        at = finding.location
        source = sources.get(at.path)
        if source is None or not source.touches(at.start_line, at.end_line):
            continue
        weight = demands.at(at.path).weight(finding)
        if weight is not None:
            result.append(finding if weight == finding.severity else finding.but(severity=weight))
    return result


def weighed(findings: Iterable[Finding], demands: PathDemands, *, max_findings: int | None) -> Weighed:
    """What is over the thresholds; of findings that only a model saw, the surest `max_findings` a file (None: all)."""
    result = Weighed()
    per_file: Counter[str] = Counter()
    for finding in sorted(findings, key=_surest_first):
        if not demands.at(finding.location.path).reached_by(finding):
            result.under_thresholds.append(finding)
            continue
        if max_findings is not None and only_model(finding):
            per_file[finding.location.path] += 1
            if per_file[finding.location.path] > max_findings:
                result.over_limit += 1
                continue
        result.kept.append(finding)
    return result


def _surest_first(finding: Finding) -> tuple[float, int, str, int, int, str]:
    at = finding.location
    return (-finding.confidence, finding.severity.rank, at.path, at.start_line, at.start_column, finding.rule)


def only_model(finding: Finding) -> bool:
    """Whether no static engine saw it."""
    return all(each.startswith("model:") for each in finding.engines)
