"""What people said of earlier findings of a rule in this project moves the confidence of the next ones.

The odds that a finding is right are multiplied by those of its rule here, bounded: what is sure stays over the default
threshold however often it was dismissed. Never of secrets: one key that is none says nothing of the next.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from sutazai.sdk.finding import Category, Finding
from sutazai.sdk.ports import Verdict

LEAST_VERDICTS: Final = 3
"""Fewer on a rule are no experience."""

_MOST_SHIFT: Final = 2.0
_CERTAIN: Final = 0.999


def by_experience(findings: Sequence[Finding], verdicts: Iterable[Verdict]) -> list[Finding]:
    """The findings, their confidence moved by what was said of the same rules, with the reason in the explanation.

    Args:
        findings: of this project.
        verdicts: of this project, one for each finding that somebody judged.
    """
    said: dict[str, Counter[str]] = {}
    for each in verdicts:
        said.setdefault(each.rule, Counter())[each.verdict] += 1
    known = {rule: counts for rule, counts in said.items() if counts.total() >= LEAST_VERDICTS}
    return [_moved(each, known[each.rule]) if _can_move(each, known) else each for each in findings]


def _can_move(finding: Finding, known: dict[str, Counter[str]]) -> bool:
    return finding.rule in known and finding.category != Category.SECRET and 0 < finding.confidence < _CERTAIN


def _moved(finding: Finding, said: Counter[str]) -> Finding:
    right, wrong = said["accepted"], said["dismissed"]
    shift = math.log((right + 1) / (wrong + 1))  # one of each before anybody spoke
    bounded = max(-_MOST_SHIFT, min(_MOST_SHIFT, shift))
    odds = math.log(finding.confidence / (1 - finding.confidence)) + bounded
    confidence = round(1 / (1 + math.exp(-odds)), 4)
    if confidence == finding.confidence:
        return finding
    told = f"{right} of {right + wrong} findings of this rule were called right in this project"
    told += f": {confidence:.0%} sure in place of {finding.confidence:.0%}."
    return finding.but(confidence=confidence, explanation=f"{finding.explanation} {told}".strip())
