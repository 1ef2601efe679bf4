"""Where a text may be cut: after paragraphs, lines and sentences, each with its strength. Knows text, not tokens."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Final

_BORDER: Final = re.compile(
    r"(?P<blank>\n[^\S\n]*\n\s*)"
    r"|(?P<line>\n)"
    r"""|(?P<sentence>(?<=[.!?\u2026])["'\u201d\u2019\u00bb)\]]*[^\S\n]+(?=["'\u201c\u2018\u00ab(\[]*[^\W_a-z])|(?<=[\u3002\uff01\uff1f])(?=\S))"""
)
_ITEM: Final = re.compile(r"[^\S\n]*(?:[-*+\u2022\u2023\u25aa\u25e6\u2013|>]|\(?\w{1,3}[.):])(?=\s|\|)")
_ENDED: Final = frozenset('.!?\u2026:;\u3002\uff01\uff1f"\u201d\u00bb|')
# A point after one of these ends no sentence.
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|vs|etc|cf|al|Fig|No|Nr|Vol|Eq|pp|bzw|ca|Abs))\.$"
)
_ABBREVIATION_CHARS: Final = 6


class Strength(IntEnum):
    """How good a place for a cut is."""

    NONE = 0
    WORD = 1
    LINE = 2
    SENTENCE = 3
    ITEM = 4
    PARAGRAPH = 5


def borders(text: str, start: int, end: int, tables: Sequence[tuple[int, int]]) -> Iterator[tuple[int, Strength]]:
    """Where a new chunk may begin within `start..end`, in order: offsets of a first character, and how well it suits.

    Args:
        text: the whole text.
        start: where to look from; this place itself is not given.
        end: where to stop.
        tables: stretches, in order; each of their lines is one row.
    """
    starts = [table[0] for table in tables]
    for match in _BORDER.finditer(text, start, end):
        offset = match.end()
        if start < offset < end:
            yield offset, _strength(text, match, starts, tables)


def _strength(text: str, match: re.Match[str], starts: Sequence[int], tables: Sequence[tuple[int, int]]) -> Strength:
    if match.lastgroup == "sentence":
        return Strength.WORD if _abbreviated(text, match.start()) else Strength.SENTENCE
    if match.lastgroup == "blank":
        return Strength.PARAGRAPH
    offset = match.end()
    table = bisect_right(starts, offset) - 1
    if table >= 0 and offset <= tables[table][1]:
        return Strength.PARAGRAPH if offset in {starts[table], tables[table][1]} else Strength.ITEM
    if _ITEM.match(text, offset):
        return Strength.ITEM
    return Strength.SENTENCE if text[match.start() - 1 : match.start()] in _ENDED else Strength.LINE


def _abbreviated(text: str, end: int) -> bool:
    return _ABBREVIATION.search(text, max(0, end - _ABBREVIATION_CHARS), end) is not None
