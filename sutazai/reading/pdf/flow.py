"""Lines into paragraphs: where one ends, and how two lines of one are joined.

Owns hyphens at line ends. Keeps line ends where lines are short, as in lists, tables and code.
"""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Final

from sutazai.reading.pdf.lines import Line

_OTHER_HEIGHT: Final = 0.12
_WIDE_LEADING: Final = 1.4
_MOST_LEADING: Final = 1.6
_SAME_LINE: Final = 0.3
_LONGEST_WORD: Final = 60
_SHORT: Final = 0.82
_INDENT: Final = 0.8
_SENTENCE_END: Final = (".", "!", "?", ":", "。", "؟", "»", "”", ".)")
_BULLET: Final = re.compile(r"(?:[•◦▪▸‣·∙●○■\u2013—*-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s", re.ASCII)
_HEAD_WORD: Final = re.compile(r"[^\W\d_]+")
_TAIL_WORD: Final = re.compile(r"([^\W\d_]+)-$")


@dataclass(slots=True)
class Block:
    """Lines that belong together. `level`: of the heading that they are; 0: text."""

    lines: list[Line] = field(default_factory=list)
    level: int = 0


def blocks_of(lines: Sequence[Line]) -> list[Block]:
    """The paragraphs and headings of one page's lines, which are in order."""
    found: list[Block] = []
    leading = _leading(lines)
    before: Line | None = None
    here: list[Line] = []
    for line in lines:
        if before is None or _parts(before, line, leading):
            here = [line]
            found.append(Block(here, line.level))
        else:
            here.append(line)
        before = line
    return found


def goes_on(before: Line, line: Line) -> bool:
    """Whether a sentence runs from the last line of a page or column to the first of the next."""
    same = abs(before.top - before.bottom - line.top + line.bottom) <= _OTHER_HEIGHT * (before.top - before.bottom)
    open_ended = before.text[-1:] == "-" or not before.text.endswith(_SENTENCE_END)
    return same and open_ended and line.text[:1].islower() and not (before.level or line.level)


def joined(block: Block, words: Container[str]) -> str:
    """The text of a block. `words`: those of the document, to tell a hyphen of a word from one of the typesetter."""
    text = block.lines[0].text
    for before, line in pairwise(block.lines):
        broken = not block.level and _keeps_break(before, line)
        if text[-1] == "-":
            text = join_two(text, line.text, words, broken=broken)
        else:
            text += ("\n" if broken else " ") + line.text
    return text


def join_two(text: str, more: str, words: Container[str], *, broken: bool = False) -> str:
    """A text and the line after it. `broken`: the line end stays, unless a word runs over it."""
    if text.endswith("-") and (tail := _TAIL_WORD.search(text[-_LONGEST_WORD:])):
        head = _HEAD_WORD.match(more)
        if head is not None and head[0][0].islower():
            return text + more if _is_compound(tail[1], head[0], words) else text[:-1] + more
        if more[:1].isalnum() and not broken:
            return text + more
    return f"{text}\n{more}" if broken else f"{text} {more}"


def _is_compound(tail: str, head: str, words: Container[str]) -> bool:
    if (tail + head).lower() in words:
        return False
    return f"{tail}-{head}".lower() in words


def _leading(lines: Sequence[Line]) -> float:
    drops = [one.bottom - other.bottom for one, other in pairwise(lines)]
    usual = [drop for drop in drops if drop > 1]
    return median(usual) if usual else 0.0


def _parts(before: Line, line: Line, leading: float) -> bool:
    """Whether a new block begins with a line."""
    height = before.top - before.bottom
    if before.level or line.level:
        return before.level != line.level or not 0 < before.bottom - line.bottom < _MOST_LEADING * height
    drop = before.bottom - line.bottom
    if abs(drop) < _SAME_LINE * height:
        return False
    if abs(height - line.top + line.bottom) > _OTHER_HEIGHT * height:
        return True
    if drop < 0:
        return not goes_on(before, line)
    if drop > _WIDE_LEADING * min(max(leading, height), _MOST_LEADING * height):
        return True
    indented = line.left - before.left > _INDENT * height
    return before.text.endswith(_SENTENCE_END) and (indented or _is_short(before))


def _is_short(line: Line) -> bool:
    return line.right < line.left + _SHORT * (line.limit - line.left)


def _keeps_break(before: Line, line: Line) -> bool:
    """Whether the line end between two lines of a block says something."""
    if not (_is_short(before) or _BULLET.match(line.text)):
        return False
    return abs(before.bottom - line.bottom) >= _SAME_LINE * (before.top - before.bottom)
