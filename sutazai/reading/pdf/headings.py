"""Which lines are headings: those that the outline names, else those that are set larger than the text.

Owns the levels. Marks lines; never changes their order or text.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from sutazai.reading.pdf.lines import Line

_LARGER: Final = 1.12
_MAX_CHARS: Final = 200
_MAX_LINES: Final = 3
_MAX_SHARE: Final = 0.3
_LEVELS: Final = 6
_LOCATED: Final = 0.5
_LETTER: Final = re.compile(r"[^\W\d_]")
_SENTENCE: Final = re.compile(r"[.,;]$")
_WORD: Final = re.compile(r"[^\W_]+")
_NUMBER_CHARS: Final = 20
_NOISE: Final = re.compile(r"[\W_]+")
_NUMBERED: Final = re.compile(r"(chapter|section|appendix|part|kapitel|chapitre)?[\divxlc]{0,6}[a-z]?", re.IGNORECASE)

Outline = Sequence[tuple[int, str, int]]


def body_height(pages: Iterable[Sequence[Line]]) -> float:
    """The height of most of the text; 0 where there is none."""
    weights: dict[int, int] = {}
    for lines in pages:
        for line in lines:
            halves = int((line.top - line.bottom) * 2 + 0.5)
            weights[halves] = weights.get(halves, 0) + len(line.text)
    return max(weights, key=lambda halves: weights[halves]) / 2 if weights else 0.0


def mark_by_outline(pages: Sequence[list[Line]], outline: Outline) -> bool:
    """Marks the lines that an outline names. False, with nothing marked, if hardly any of them can be found.

    Args:
        pages: the lines of each.
        outline: level from 1, title, index of its page.
    """
    lowered: dict[int, list[str]] = {}
    found: list[tuple[list[Line], int]] = []
    for level, title, index in outline:
        for page in (index, index + 1):
            if not 0 <= page < len(pages):
                continue
            if page not in lowered:
                lowered[page] = [line.text.lower() for line in pages[page]]
            if span := _span(lowered[page], title.lower()):
                found.append((pages[page][span[0] : span[1]], level))
                break
    if not found or len(found) < _LOCATED * len(outline):
        return False
    for lines, level in found:
        for line in lines:
            line.level = line.level or level
    return True


def mark_by_size(pages: Sequence[list[Line]], body: float) -> None:
    """Marks the lines that are larger than the body; nothing if so many are that they are the text."""
    larger = [line for lines in pages for line in lines if line.top - line.bottom >= body * _LARGER]
    large = [line for line in larger if _may_head(line)]
    total = sum(len(line.text) for lines in pages for line in lines)
    if not large or sum(len(line.text) for line in large) > _MAX_SHARE * total:
        return
    sizes = sorted({round(line.top - line.bottom) for line in large}, reverse=True)
    levels = {size: min(level, _LEVELS) for level, size in enumerate(sizes, 1)}
    for line in large:
        line.level = levels[round(line.top - line.bottom)]


def _may_head(line: Line) -> bool:
    text = line.text
    return len(text) <= _MAX_CHARS and _LETTER.search(text) is not None and _SENTENCE.search(text) is None


def _plain(text: str) -> str:
    return _NOISE.sub("", text).casefold()


def _span(lines: Sequence[str], title: str) -> tuple[int, int] | None:
    """Where the lines of a page spell a title, with or without the number before it."""
    wanted = _plain(title)
    # Only near a line with its longest word is it worth to look closely.
    word = max(_WORD.findall(title), key=len, default="")
    near = [index for index, line in enumerate(lines) if word and word in line]
    for first in sorted({each for index in near for each in range(max(index - _MAX_LINES + 1, 0), index + 1)}):
        if last := _spells(lines[first : first + _MAX_LINES], wanted):
            return first, first + last
    return None


def _spells(lines: Sequence[str], wanted: str) -> int:
    """How many of the lines, from the first on, are the title; 0: none."""
    text, start = "", _plain(lines[0])
    for count, line in enumerate(lines, 1):
        text += _plain(line)
        number = text.removesuffix(wanted)
        if number != text and len(number) < len(start) and _NUMBERED.fullmatch(number):
            return count
        if len(text) > len(wanted) + _NUMBER_CHARS:
            return 0
    return 0
