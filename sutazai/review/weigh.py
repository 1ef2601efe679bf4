"""Decides which findings are reported: rules that are off, changed lines, thresholds, limits per file."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sutazai.errors.review import InvalidRuleSetting
from sutazai.sdk.finding import Finding, Severity
from sutazai.sdk.source import SourceFile

OFF: Final = "off"
_SEVERITIES: Final = {str(each): each for each in Severity}


@dataclass(slots=True)
class Weighed:
    """The findings to report, and how many were left out by which limit."""

    kept: list[Finding] = field(default_factory=list)
    under_thresholds: int = 0
    over_limit: int = 0


def rule_weights(rules: Mapping[str, str]) -> dict[str, Severity | None]:
    """Rule id to its severity, None for off.

    Raises:
        InvalidRuleSetting: a value is neither.
    """
    for rule, value in rules.items():
        if value != OFF and value not in _SEVERITIES:
            raise InvalidRuleSetting(rule, value)
    return {rule: _SEVERITIES.get(value) for rule, value in rules.items()}


def asked_for(
    findings: Iterable[Finding], sources: Mapping[str, SourceFile], weights: Mapping[str, Severity | None]
) -> list[Finding]:
    """The findings on lines that were asked for and of rules that are on, with the severities asked for."""
    result = []
    for finding in findings:
        at = finding.location
        source = sources.get(at.path)
        if source is None or not source.touches(at.start_line, at.end_line):
            continue
        weight = weights.get(finding.rule, finding.severity)
        if weight is not None:
            result.append(finding if weight == finding.severity else finding.but(severity=weight))
    return result


def reaches(finding: Finding, min_severity: Severity, min_confidence: float) -> bool:
    """Whether a finding is over both thresholds."""
    return finding.severity.reaches(min_severity) and finding.confidence >= min_confidence


def weighed(
    findings: Iterable[Finding], *, min_severity: Severity, min_confidence: float, max_findings: int | None
) -> Weighed:
    """What is over the thresholds; of findings that only a model saw, the surest `max_findings` a file (None: all)."""
    result = Weighed()
    per_file: Counter[str] = Counter()
    for finding in sorted(findings, key=_surest_first):
        if not reaches(finding, min_severity, min_confidence):
            result.under_thresholds += 1
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
