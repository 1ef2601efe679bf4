"""Pages of two columns in the order of reading.

Changes nothing where it is not sure: a table looks like columns too, and what was drawn column after column is in order
already.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from sutazai.reading.pdf.lines import Line

Edges = Callable[[int], tuple[float, float, float, float]]

_FEWEST_LINES: Final = 5
_WIDE: Final = 0.55
_SAMPLES: Final = 4
_GAP: Final = 1.0
_SMALL_GAP: Final = 0.5
_FILLED: Final = 0.6
_SIDE: Final = 0.3
_MARGIN: Final = 0.2
_LETTERS_A_LINE: Final = 18


def in_order(lines: list[Line], edges: Edges) -> list[Line]:
    """The lines of a page as they are read; each learns how far its column reaches."""
    left, right = min([each.left for each in lines]), max([each.right for each in lines])
    for line in lines:
        line.limit = right
    if len(lines) < _FEWEST_LINES:
        return lines
    gutter = _hidden_gutter(lines, edges, left, right)
    if gutter:
        lines = [part for line in lines for part in _split(line, edges, gutter)]
    gutter = gutter or _open_gutter(lines, left, right)
    return _by_columns(lines, gutter, left, right) if gutter else lines


def _hidden_gutter(lines: Sequence[Line], edges: Edges, left: float, right: float) -> float:
    """Where lines that were drawn across both columns have a hole; 0 where they have none."""
    wide = [each for each in lines if each.right - each.left > _WIDE * (right - left)]
    if len(wide) < _FEWEST_LINES:
        return 0.0
    step = len(wide) // _SAMPLES
    low, high, seen = left, right, 0
    for line in wide[step // 2 :: step][:_SAMPLES]:
        holes = _holes(line, edges)
        fitting = [(max(low, start), min(high, end)) for start, end in holes if min(high, end) > max(low, start)]
        if not fitting:
            if seen == 0 and low == left:
                return 0.0
            continue
        seen += 1
        low, high = max(fitting, key=lambda hole: hole[1] - hole[0])
    middle = (low + high) / 2
    sided = left + _SIDE * (right - left) < middle < right - _SIDE * (right - left)
    return middle if seen >= _SAMPLES - 1 and sided else 0.0


def _holes(line: Line, edges: Edges, least: float = _GAP) -> list[tuple[float, float]]:
    """Stretches inside a line that are wider than `least` times its height; no blank between words is, as a rule."""
    # Near its ends no line can be parted, and looking at each blank is dear.
    margin = int(len(line.text) * _MARGIN)
    found, at = [], line.text.find(" ", margin)
    while 0 < at < len(line.text) - margin:
        end, start = edges(line.at + at - 1)[1], edges(line.at + at + 1)[0]
        if start - end > least * line.height:
            found.append((end, start))
        at = line.text.find(" ", at + 1)
    return found


def _split(line: Line, edges: Edges, gutter: float) -> list[Line]:
    if not line.left < gutter < line.right:
        return [line]
    for start, end in _holes(line, edges, _SMALL_GAP):
        if start <= gutter <= end:
            at = next(
                place for place, char in enumerate(line.text) if char == " " and edges(line.at + place + 1)[0] >= gutter
            )
            first = Line(line.text[:at].rstrip(), line.left, start, line.bottom, line.top, line.at, gutter)
            second = Line(line.text[at + 1 :], end, line.right, line.bottom, line.top, line.at + at + 1, line.limit)
            return [first, second]
    return [line]


def _open_gutter(lines: Sequence[Line], left: float, right: float) -> float:
    """What lies between two columns whose lines are apart already; 0 where there are none."""
    width = right - left
    lefts = [each.left for each in lines if each.left > left + _SIDE * width]
    if len(lefts) < _FEWEST_LINES:
        return 0.0
    # The left edge that most lines of the right side share.
    edge = max(set(map(round, lefts)), key=lambda each: sum(abs(other - each) <= 1 for other in lefts))
    before = [each for each in lines if each.right < edge]
    after = [each for each in lines if each.left >= edge - 1]
    if min(len(before), len(after)) < _FEWEST_LINES or edge > right - _SIDE * width:
        return 0.0
    return edge - 1.0 if _is_prose(before, edge - left) and _is_prose(after, right - edge) else 0.0


def _is_prose(lines: Sequence[Line], width: float) -> bool:
    """Whether lines fill their column as sentences do, and not as cells."""
    filled = sum(each.right - each.left for each in lines) / len(lines)
    return filled > _FILLED * width and sum(len(each.text) for each in lines) / len(lines) > _LETTERS_A_LINE


def _by_columns(lines: list[Line], gutter: float, left: float, right: float) -> list[Line]:
    sides = []
    for line in lines:
        side = 0 if line.right <= gutter + 1 else 1 if line.left >= gutter - 1 else 2
        line.limit = right if side else gutter
        sides.append(side)
    before = max((each.right for each, side in zip(lines, sides, strict=True) if side == 0), default=left)
    for line, side in zip(lines, sides, strict=True):
        if side == 0:
            line.limit = before
    spanning = sides.count(2)
    changes = sum(one != other for one, other in pairwise(each for each in sides if each < 2))  # noqa: PLR2004 (both sides)
    if changes <= 2 * spanning + 1:
        return lines
    return _banded(lines, sides)


def _banded(lines: Sequence[Line], sides: Sequence[int]) -> list[Line]:
    """Between two lines that span both columns: the left one from top to bottom, then the right one."""
    placed = sorted(zip(lines, sides, strict=True), key=lambda pair: -pair[0].top)
    ordered: list[Line] = []
    band: list[tuple[Line, int]] = []
    for line, side in placed:
        if side == 2:  # noqa: PLR2004 (spans both)
            ordered += [each for each, _ in sorted(band, key=lambda pair: pair[1])]
            ordered.append(line)
            band = []
        else:
            band.append((line, side))
    return ordered + [each for each, _ in sorted(band, key=lambda pair: pair[1])]
