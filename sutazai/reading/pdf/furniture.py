"""Running headers, footers and page numbers: what stands at the same place of many pages, digits aside."""

import re
from collections import defaultdict
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from sutazai.reading.pdf.lines import Line

_DIGITS: Final = re.compile(r"\d+|\b[ivxl]+\b")
_MOST_LINES: Final = 4
_GAP: Final = 0.6
_FEWEST_PAGES: Final = 3
_SHARE: Final = 0.4
_DENSE: Final = 5
_DENSITY: Final = 0.4
_MAX_CHARS: Final = 120
_TALLER: Final = 1.12
_PLACE_POINTS: Final = 3

Key = tuple[str, str, int]


def without_furniture(pages: Sequence[list[Line]], body_height: float) -> list[list[Line]]:
    """The pages without what clearly repeats. What stands on fewer than three pages always stays."""
    if len(pages) < _FEWEST_PAGES:
        return list(pages)
    seen: dict[Key, list[int]] = defaultdict(list)
    edges = [_edges(lines, body_height) for lines in pages]
    for number, found in enumerate(edges):
        for key, _ in found:
            seen[key].append(number)
    repeated = {key for key, numbers in seen.items() if _repeats(numbers, len(pages))}
    if not repeated:
        return list(pages)
    kept = []
    for lines, found in zip(pages, edges, strict=True):
        dropped = {id(line) for key, line in found if key in repeated}
        # A page of nothing else is content after all: a form, or a slide.
        rest = [each for each in lines if id(each) not in dropped]
        kept.append(rest or lines)
    return kept


def _edges(lines: Sequence[Line], body_height: float) -> list[tuple[Key, Line]]:
    """The outermost lines of a page that stand apart from the rest, with what makes two of them the same."""
    upwards = sorted(lines, key=attrgetter("bottom"))
    found = []
    for side, inwards in (("foot", upwards), ("head", upwards[::-1])):
        found += [
            ((side, _DIGITS.sub("#", line.text.casefold()), round(line.bottom / _PLACE_POINTS)), line)
            for line in _apart(inwards)
            if len(line.text) <= _MAX_CHARS and line.height < body_height * _TALLER
        ]
    return found


def _apart(inwards: Sequence[Line]) -> Sequence[Line]:
    """The first few lines, if there is a gap behind them; those of the text have none."""
    for count in range(1, min(_MOST_LINES, len(inwards) - 1) + 1):
        outer, inner = inwards[count - 1], inwards[count]
        if abs(inner.bottom - outer.bottom) > (_GAP + 1) * outer.height:
            return inwards[:count]
    return ()


def _repeats(numbers: Sequence[int], pages: int) -> bool:
    """Whether a line stands on many of the pages, or on most of a chapter's."""
    count = len(set(numbers))
    if count < _FEWEST_PAGES:
        return False
    span = max(numbers) - min(numbers) + 1
    return count >= _SHARE * pages or (count >= _DENSE and count >= _DENSITY * span)
