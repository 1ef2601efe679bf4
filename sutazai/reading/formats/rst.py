"""reStructuredText, verbatim, with its headings and grid tables marked by where they stand in the source.

Headings are told by their adornments, the way the format defines them; directives are not run.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from sutazai.reading.decoding import decode_text
from sutazai.reading.draft import Draft, clean

_ADORNMENT: Final = re.compile(r"([!-/:-@\[-`{-~])\1*[ \t]*")
_GRID: Final = re.compile(r"\+(?:[-=]+\+)+[ \t]*")
_ROLE: Final = re.compile(
    r":[\w:.+-]+:`([^`]*)`|``([^`]+)``|`([^`<]+?)(?:\s*<[^`<>]*>)?`_{0,2}|\*{1,2}(?=\S)([^*]+)\*{1,2}"
)
_SHORTEST: Final = 4
_LONGEST: Final = 1_000


def parse(data: bytes, draft: Draft) -> None:
    """Reads reStructuredText."""
    text = clean(decode_text(data))
    base = draft.verbatim(text)
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    styles: list[tuple[str, bool]] = []
    for number, title, style in _titles(lines):
        if style not in styles:
            styles.append(style)
        shown = _ROLE.sub(lambda at: next(filter(None, at.groups()), ""), title[:_LONGEST])
        draft.mark_heading(styles.index(style) + 1, shown, base + starts[number])
        draft.title = draft.title or shown
    for first, last in _grids(lines):
        draft.mark_table(base + starts[first], base + starts[last + 1] - 1)


def _titles(lines: list[str]) -> Iterator[tuple[int, str, tuple[str, bool]]]:
    """Each title with the number of its line and its style: the adorning character, and whether it stands above too."""
    number = 0
    while number < len(lines):
        over = _overlined(lines, number)
        if over:
            yield number + 1, lines[number + 1].strip(), (lines[number][0], True)
        elif _underlined(lines, number):
            yield number, lines[number].strip(), (lines[number + 1][0], False)
        number += 3 if over else 1


def _overlined(lines: list[str], number: int) -> bool:
    if number + 2 >= len(lines):
        return False
    over, title, under = lines[number : number + 3]
    return (
        _is_adornment(over)
        and over.strip() == under.strip()
        and bool(title.strip())
        and not _is_adornment(title)
        and _width(title.rstrip()) <= len(over.strip())
    )


def _underlined(lines: list[str], number: int) -> bool:
    if number + 1 >= len(lines) or (number and lines[number - 1].strip()):
        return False
    title, under = lines[number].rstrip(), lines[number + 1].rstrip()
    if not title or title[0].isspace() or _is_adornment(title) or not _is_adornment(under):
        return False
    return len(under) >= min(_width(title), _SHORTEST) and (len(under) >= _width(title) or len(under) >= _SHORTEST)


def _is_adornment(line: str) -> bool:
    return _ADORNMENT.fullmatch(line) is not None


def _width(text: str) -> int:
    """Columns a text takes: wide letters of East Asia take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _grids(lines: list[str]) -> Iterator[tuple[int, int]]:
    """The first and the last line of each grid table."""
    first = -1
    for number, line in enumerate([*lines, ""]):
        stripped = line.strip()
        if first < 0 and _GRID.fullmatch(stripped):
            first = number
        elif first >= 0 and not stripped.startswith(("|", "+")):
            if number - first > 1:
                yield first, number - 1
            first = -1
