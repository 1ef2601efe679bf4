"""What a caller demands of findings before they are reported: rules on or off, severities, thresholds, path by path.

Owns the demands and how they are put together; which findings of a review meet them is decided in `weigh`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from sutazai.errors.review import InvalidPathPattern, InvalidRuleSetting
from sutazai.review.request import ReviewRequest
from sutazai.sdk.finding import Finding, PathRules, Severity

OFF: Final = "off"
_SEVERITIES: Final = {str(each): each for each in Severity}


@dataclass(frozen=True, slots=True)
class Demands:
    """What holds for one file.

    Attributes:
        weights: rule id to its severity, None for off.
    """

    weights: Mapping[str, Severity | None] = field(default_factory=dict)
    min_severity: Severity = Severity.INFO
    min_confidence: float = 0.0

    def weight(self, finding: Finding) -> Severity | None:
        """The severity the finding is to have, None where its rule is off."""
        return self.weights.get(finding.rule, finding.severity)

    def reached_by(self, finding: Finding) -> bool:
        """Whether a finding is over both thresholds."""
        return finding.severity.reaches(self.min_severity) and finding.confidence >= self.min_confidence

    def under(self, rules: PathRules) -> Self:
        """These demands, changed by what holds for a path."""
        return type(self)(
            {**self.weights, **rule_weights(rules.rules)},
            rules.min_severity or self.min_severity,
            self.min_confidence if rules.min_confidence is None else rules.min_confidence,
        )


class PathDemands:
    """The demands of each path. A later pattern that matches changes what earlier ones said.

    Args:
        general: what holds where nothing is said of a path.
        per_path: gitignore pattern to what holds for the files it matches.
    """

    def __init__(self, general: Demands, per_path: Mapping[str, PathRules] | None = None) -> None:
        self._general = general
        self._special = [(_matcher(pattern), rules) for pattern, rules in (per_path or {}).items()]
        self._known: dict[str, Demands] = {}
        for _, rules in self._special:
            general.under(rules)  # a rule's value that is none is told before anything is reviewed

    @classmethod
    def of(cls, request: ReviewRequest) -> Self:
        """What a request demands.

        Raises:
            InvalidRuleSetting: a rule is neither off nor given a severity.
            InvalidPathPattern: a pattern of `per_path` is none.
        """
        general = Demands(
            rule_weights(request.rules or {}), request.min_severity or Severity.INFO, request.min_confidence or 0.0
        )
        return cls(general, request.per_path)

    def at(self, path: str) -> Demands:
        """What holds for a file."""
        if not self._special:
            return self._general
        if path not in self._known:
            demands = self._general
            for matches, rules in self._special:
                demands = demands.under(rules) if matches(path) else demands
            self._known[path] = demands
        return self._known[path]


def rule_weights(rules: Mapping[str, str]) -> dict[str, Severity | None]:
    """Rule id to its severity, None for off.

    Raises:
        InvalidRuleSetting: a value is neither.
    """
    for rule, value in rules.items():
        if value != OFF and value not in _SEVERITIES:
            raise InvalidRuleSetting(rule, value)
    return {rule: _SEVERITIES.get(value) for rule, value in rules.items()}


def _matcher(pattern: str) -> Callable[[str], bool]:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 (only where paths have rules of their own)

    try:
        return GitIgnoreSpec.from_lines([pattern]).match_file
    except ValueError as error:
        raise InvalidPathPattern(pattern) from error
