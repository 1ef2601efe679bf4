"""Tells a caller of rules that no engine in use has: a slip in an id would change nothing, and nobody would see it.

Asks the engines for their rules, which takes a moment, only where rules are named at all.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from sutazai.errors.usage import nearest
from sutazai.review.request import ReviewRequest
from sutazai.sdk.events import Note
from sutazai.sdk.ports import Analyzer

_TOLD: Final = 5
_SHOWN: Final = 80


def rules_named(request: ReviewRequest) -> set[str]:
    """The rules that a request weighs anew or switches off, anywhere."""
    per_path = (each.rules for each in (request.per_path or {}).values())
    return set(chain(request.rules or (), *per_path))


def unknown_rules(named: Iterable[str], analyzers: Sequence[Analyzer]) -> list[Note]:
    """A warning for each of the first that nobody has, with the closest id that somebody has."""
    wanted = sorted(set(named))
    if not wanted:
        return []
    from sutazai.review.recipes.rules import RULES  # noqa: PLC0415 (only where rules are named)

    known = set(RULES).union(*(each.rules for each in analyzers))
    unknown = [each for each in wanted if each not in known][:_TOLD]
    return [Note(level="warning", text=_text(each[:_SHOWN], sorted(known))) for each in unknown]


def _text(rule: str, known: Sequence[str]) -> str:
    close = nearest(rule, known)
    return f"no engine in use has a rule {rule!r}" + (f": {close}" if close.startswith("did you mean") else "")
