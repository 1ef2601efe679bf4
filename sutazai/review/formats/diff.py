"""A proposed fix as the lines it takes away and the lines it puts there. Shows, never applies."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from sutazai.sdk.finding import Category, Edit, Finding, Location


def fix_lines(finding: Finding, source: str | None = None) -> tuple[str, ...]:
    """Lines beginning with `-`, `+` or blank, or nothing where no honest diff can be drawn.

    Args:
        finding: its fix may have edits in other files: these are left out.
        source: the text of the finding's file; without it only an edit of the quoted code itself can be drawn.
    """
    path = finding.location.path
    edits = [edit for edit in finding.fix.edits if edit.location.path == path] if finding.fix else []
    if not edits or finding.category is Category.SECRET:
        return ()
    if source is not None:
        return _in_source(edits, source)
    if len(edits) == 1 and edits[0].location == finding.location:
        return _marked(finding.quote.split("\n"), edits[0].replacement.split("\n"))
    return ()


def _in_source(edits: Sequence[Edit], source: str) -> tuple[str, ...]:
    lines = source.replace("\r\n", "\n").split("\n")
    first = min(edit.location.start_line for edit in edits)
    last = max(edit.location.end_line for edit in edits)
    if last > len(lines):
        return ()
    text = "\n".join(lines[first - 1 : last])
    changed = text
    for edit in sorted(edits, key=lambda each: _start(each.location), reverse=True):
        begin, end = _offsets(edit.location, lines, first)
        changed = changed[:begin] + edit.replacement + changed[end:]
    return _marked(text.split("\n"), changed.split("\n"))


def _start(place: Location) -> tuple[int, int]:
    return place.start_line, place.start_column


def _offsets(place: Location, lines: Sequence[str], first: int) -> tuple[int, int]:
    def offset(line: int, column: int) -> int:
        before = sum(len(each) + 1 for each in lines[first - 1 : line - 1])
        return before + min(column - 1, len(lines[line - 1]))

    return offset(*_start(place)), offset(place.end_line, place.end_column)


def _marked(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    marked: list[str] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            marked += [f" {line}" for line in old[i1:i2]]
        else:
            marked += [f"-{line}" for line in old[i1:i2]] + [f"+{line}" for line in new[j1:j2]]
    return tuple(marked)
