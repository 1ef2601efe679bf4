"""Joins findings of several engines about one fault, and orders what is left."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from typing import Final

from sutazai.review.weigh import only_model
from sutazai.sdk.finding import Finding

_KIN: Final = {
    member: family[0]
    for family in (
        (327, 326, 328, 916),  # weak cryptography, weak hashes, fast password hashes
        (330, 335, 337, 338),  # weak randomness
        (798, 259, 321),  # hard-coded credentials
        (78, 77, 88),  # commands
        (611, 776),  # entities of XML
    )
    for member in family
}
"""CWEs that engines choose from for the same fault, each mapped to the first of its family."""

# A line with more faults than this is made to keep us busy: comparing all with all would take its square.
_MOST_NEAR: Final = 100


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per place and class of fault, whatever the order they came in.

    Two findings are one where they stand on overlapping lines of a file, in the same category, and share a CWE or its
    family (the rule, where neither has a CWE). What one engine tells apart stays apart: its own findings are one only
    where their texts overlap. Each further engine raises the confidence: 1 - (1 - a)(1 - b). A static engine's finding
    gives the place, so that the fingerprint is the same with and without a model.
    """
    groups = _Groups()
    for finding in sorted(findings, key=_best_first):
        groups.add(finding)
    return sorted((_joined(group) for group in groups.all), key=_best_first)


def _best_first(finding: Finding) -> tuple[bool, int, bool, float, str, int, int, int, int, str]:
    at = finding.location
    guessed = only_model(finding)
    return (
        guessed,
        finding.severity.rank,
        not finding.trace,
        -finding.confidence if guessed else 0.0,  # a model's verdict on static findings must not move the place
        at.path,
        at.start_line,
        at.start_column,
        at.end_line,
        at.end_column,
        finding.model_dump_json(),  # what is left to tell two apart
    )


class _Groups:
    """Findings that are one fault each, the best first: it alone decides what belongs to it, so no chain can grow."""

    def __init__(self) -> None:
        self.all: list[list[Finding]] = []
        self._by_line: dict[tuple[str, str, int], list[list[Finding]]] = defaultdict(list)

    def add(self, finding: Finding) -> None:
        at = finding.location
        lines = [(at.path, str(finding.category), line) for line in range(at.start_line, at.end_line + 1)]
        near = (group for line in lines for group in self._by_line.get(line, ()))
        group = next((group for group in islice(near, _MOST_NEAR) if _belongs(finding, group)), None)
        if group is not None:
            group.append(finding)
            return
        self.all.append([finding])
        for line in lines:
            self._by_line[line].append(self.all[-1])


def _belongs(finding: Finding, group: list[Finding]) -> bool:
    best = group[0]
    same = bool(classes(best.cwe) & classes(finding.cwe)) if best.cwe or finding.cwe else best.rule == finding.rule
    return same and all(_overlap(each, finding) for each in group if set(each.engines) & set(finding.engines))


def same_fault(first: Finding, second: Finding) -> bool:
    """Whether two findings of one file tell of the same fault at the same place."""
    same = bool(classes(first.cwe) & classes(second.cwe)) or first.rule == second.rule
    return same and first.location.path == second.location.path and _overlap(first, second)


def classes(cwe: Iterable[int]) -> frozenset[int]:
    """Classes of faults (CWE), those that name one fault from several sides taken as one."""
    return frozenset(_KIN.get(each, each) for each in cwe)


def _overlap(first: Finding, second: Finding) -> bool:
    one, other = first.location, second.location
    if (one.start_line, one.start_column) == (other.start_line, other.start_column):
        return True
    return (one.start_line, one.start_column) < (other.end_line, other.end_column) and (
        other.start_line,
        other.start_column,
    ) < (one.end_line, one.end_column)


def _joined(group: list[Finding]) -> Finding:
    best = group[0]
    if len(group) == 1:
        return best
    return best.but(
        severity=min((each.severity for each in group), key=lambda severity: severity.rank),
        confidence=_confidence(group),
        cwe=tuple(dict.fromkeys(cwe for each in group for cwe in each.cwe)),
        engines=tuple(sorted({engine for each in group for engine in each.engines})),
        trace=next((each.trace for each in group if each.trace), ()),
        fix=next((each.fix for each in group if each.fix), None),
        explanation=next((each.explanation for each in group if each.explanation), ""),
    )


def _confidence(group: list[Finding]) -> float:
    """The joint confidence: the surest findings first, each counted only if it brings an engine not counted yet."""
    doubt, counted = 1.0, set[str]()
    for each in sorted(group, key=lambda each: -each.confidence):
        if not counted or set(each.engines) - counted:
            doubt *= 1 - each.confidence
            counted.update(each.engines)
    return round(max(1 - doubt, *(each.confidence for each in group)), 4)


def by_seriousness(findings: Iterable[Finding]) -> list[Finding]:
    """Most serious first, then the surest, then by place."""
    return sorted(
        findings,
        key=lambda each: (
            each.severity.rank,
            -each.confidence,
            each.location.path,
            each.location.start_line,
            each.location.start_column,
            each.rule,
        ),
    )
