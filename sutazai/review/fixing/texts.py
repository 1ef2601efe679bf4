"""Edits as text: applying them to a file, putting several together, and showing them as a unified diff.

Pure functions. Never writes, and never changes a line that no edit names.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, unified_diff
from itertools import pairwise
from typing import Final

from sutazai.review.fixes.site import Change
from sutazai.sdk.finding import Edit
from sutazai.sdk.source import LINE_END
from sutazai.syntax.positions import Positions

_HIDDEN: Final = "[a line with a secret, not shown]"
_CONTEXT: Final = 3


def changes_of(edits: Iterable[Edit], text: str) -> tuple[Change, ...]:
    """The edits as offsets, their line ends those of the file; the same edit twice is one."""
    positions = Positions(text)
    found = {
        Change(
            positions.offset(each.location.start_line, each.location.start_column),
            positions.offset(each.location.end_line, each.location.end_column),
            each.replacement,
        )
        for each in edits
    }
    return with_ends(found, text)


def with_ends(changes: Iterable[Change], text: str) -> tuple[Change, ...]:
    """The changes in order, each once, with the line ends that the text has."""
    end = newline(text)
    return tuple(sorted({Change(e.start, e.end, LINE_END.sub(lambda _: end, e.text)) for e in changes}))


def edits_of(changes: Iterable[Change], path: str, text: str) -> tuple[Edit, ...]:
    """Offsets as edits of a file."""
    positions = Positions(text)
    return tuple(
        Edit(location=positions.location(path, each.start, each.end), replacement=each.text) for each in sorted(changes)
    )


def newline(text: str) -> str:
    """The line end that a text has most often."""
    found = Counter(LINE_END.findall(text))
    return found.most_common(1)[0][0] if found else "\n"


def fit(text: str, edits: Iterable[Edit]) -> bool:
    """Whether every edit names a place that the text has, in order."""
    positions = Positions(text)
    for each in edits:
        at = each.location
        places = ((at.start_line, at.start_column), (at.end_line, at.end_column))
        if places[0] > places[1] or any(positions.line_column(positions.offset(*place)) != place for place in places):
            return False
    return True


def overlap(changes: Sequence[Change]) -> bool:
    """Whether two different changes touch the same text; insertions at one place do not."""
    ordered = sorted(set(changes))
    return any(one.end > other.start for one, other in pairwise(ordered))


def changed(text: str, changes: Iterable[Change]) -> str:
    """The text with all changes made; they must not overlap."""
    pieces, last = list[str](), 0
    for each in sorted(set(changes)):
        pieces += [text[last : each.start], each.text]
        last = each.end
    return "".join([*pieces, text[last:]])


def lines_changed(text: str, changes: Iterable[Change]) -> set[int]:
    """The numbers of all lines that a change takes from or adds to."""
    positions = Positions(text)
    lines: set[int] = set()
    for each in changes:
        lines.update(range(positions.line_column(each.start)[0], positions.line_column(each.end)[0] + 1))
    return lines


def smallest(before: str, after: str, offset: int) -> tuple[Change, ...]:
    """What turns `before`, which stands at `offset`, into `after`, line by line, so that equal lines stay untouched."""
    old, new = (
        LINE_END.sub("\n", before).splitlines(keepends=True),
        LINE_END.sub("\n", after).splitlines(keepends=True),
    )
    starts = [0, *(match.end() for match in LINE_END.finditer(before))]
    ends = [*starts[1:], len(before)]
    found = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            start = starts[i1] if i1 < len(starts) else len(before)
            end = ends[i2 - 1] if i2 > i1 else start
            found.append(Change(offset + start, offset + end, "".join(new[j1:j2])))
    return with_ends(found, before)


def diff(path: str, before: str, after: str, hidden: frozenset[int] = frozenset()) -> str:
    """The unified diff of a file, without the text of the lines of `before` that are hidden."""
    old = [_HIDDEN if number in hidden else line for number, line in enumerate(LINE_END.split(before), 1)]
    secret = {line for number, line in enumerate(LINE_END.split(before), 1) if number in hidden and line.strip()}
    new = [_HIDDEN if line in secret else line for line in LINE_END.split(after)]
    if old[-1:] == [""] and new[-1:] == [""]:
        old, new = old[:-1], new[:-1]
    return "".join(f"{line}\n" for line in unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm="", n=_CONTEXT))
