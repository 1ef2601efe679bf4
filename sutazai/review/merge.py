"""Joins findings of several engines about one fault, and orders what is left."""

from collections.abc import Iterable
from functools import reduce
from itertools import groupby

from sutazai.sdk.finding import Finding


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per place and class of fault.

    Two findings are one where they stand on overlapping lines of a file, in the same category, and share a CWE (or the
    rule, where neither has a CWE). Each further engine raises the confidence: 1 - (1 - a)(1 - b).
    """
    ordered = sorted(findings, key=lambda each: (each.location.path, each.location.start_line))
    return [joined for _, ours in groupby(ordered, lambda each: each.location.path) for joined in _merged_file(ours)]


def _merged_file(findings: Iterable[Finding]) -> list[Finding]:
    groups: list[list[Finding]] = []
    for finding in findings:
        group = next((group for group in groups if any(_same(each, finding) for each in group)), None)
        if group is None:
            groups.append([finding])
        else:
            group.append(finding)
    return [_joined(group) for group in groups]


def _same(first: Finding, second: Finding) -> bool:
    if first.category != second.category or not _overlap(first, second):
        return False
    if first.cwe or second.cwe:
        return bool(set(first.cwe) & set(second.cwe))
    return first.rule == second.rule


def _overlap(first: Finding, second: Finding) -> bool:
    one, other = first.location, second.location
    return one.start_line <= other.end_line and other.start_line <= one.end_line


def _joined(group: list[Finding]) -> Finding:
    best = min(group, key=lambda each: (each.severity.rank, not each.trace, -each.confidence, each.location.start_line))
    if len(group) == 1:
        return best
    surest: dict[str, float] = {}
    for each in group:
        for engine in each.engines:
            surest[engine] = max(surest.get(engine, 0.0), each.confidence)
    doubt = reduce(lambda left, confidence: left * (1 - confidence), surest.values(), 1.0)
    return best.but(
        confidence=round(max(best.confidence, 1 - doubt), 4),
        cwe=tuple(dict.fromkeys(cwe for each in [best, *group] for cwe in each.cwe)),
        engines=tuple(sorted({engine for each in group for engine in each.engines})),
        trace=best.trace or next((each.trace for each in group if each.trace), ()),
        fix=best.fix or next((each.fix for each in group if each.fix), None),
        explanation=best.explanation or next((each.explanation for each in group if each.explanation), ""),
    )


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
