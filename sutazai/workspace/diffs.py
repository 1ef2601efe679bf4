"""Unified diffs: which files they name, and which lines of the new side they change.

Owns how a deletion counts as a change: the lines on both sides of the gap are changed, for a check that is gone is what
a reviewer must see. Reads no file.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sutazai.errors.workspace import BrokenDiff
from sutazai.sdk.source import LineRange

if TYPE_CHECKING:
    from unidiff.patch import Hunk, PatchedFile

_HUNK: Final = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_REPLACED: Final = re.compile(r"^@@ -\d+(,\d+)? \+(\d+)(,\d+)? @@.*\n((?:-.*\n)+)", re.MULTILINE)
_ESCAPE: Final = re.compile(rb"\\([abtnvfr\"\\]|[0-7]{1,3})")
_ESCAPED: Final = {
    b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r", b'"': b'"', b"\\": b"\\",
}  # fmt: skip
_PREFIX: Final = re.compile(r"^[abciow12]/")
_DIFF_START: Final = re.compile(r"(diff --(git|cc|combined) |--- |Index: )")
# What `git show`, `git log -p` and `git format-patch` begin with.
_COMMIT_START: Final = re.compile(r"(commit [0-9a-f]{7,64}\b|From [0-9a-f]{40,64} )")
_COMMIT_DIFF: Final = re.compile(r"^diff --(git|cc|combined) ", re.MULTILINE)
_COMBINED: Final = re.compile(r"^(diff --(cc|combined) |@@@)", re.MULTILINE)
_STRAY_HUNK: Final = re.compile(r"^@@(?! -\d+(,\d+)? \+\d+(,\d+)? @@).*", re.MULTILINE)
_NULL: Final = "/dev/null"


@dataclass(frozen=True, slots=True)
class Expected:
    """What the new side has from line `start` on."""

    start: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DiffFile:
    """One file of a diff.

    Attributes:
        path: of the new side, without the prefix `b/`.
        raw_path: as the diff has it, for diffs without prefixes.
        changed: lines of the new side.
        before: how lines of the new side read on the old one, where as many were put in as were taken out.
        expected: the new side's text around the changes, to tell whether a file is that side.
        problem: why there is nothing to review: deleted, binary, only renamed; empty otherwise.
    """

    path: str
    raw_path: str
    changed: tuple[LineRange, ...] = ()
    before: Mapping[int, str] = field(default_factory=dict, hash=False)
    expected: tuple[Expected, ...] = ()
    problem: str = ""


def looks_like_diff(text: str) -> bool:
    """Whether the first line that is not blank is one that a diff begins with, or a commit with its diff."""
    start = text.lstrip()
    if _COMMIT_START.match(start):
        return _COMMIT_DIFF.search(start) is not None
    return _DIFF_START.match(start) is not None


def changed_lines(patch: str) -> tuple[LineRange, ...]:
    """The lines of the new side that a patch without context lines changes."""
    return merged([_range(int(start), int(count or 1)) for start, count in _HUNK.findall(patch)])


def lines_before(patch: str) -> dict[int, str]:
    """How lines of the new side read before, where a patch without context lines replaces as many as it takes out."""
    before: dict[int, str] = {}
    for taken, start, put, old in _REPLACED.findall(patch):
        if taken == put:
            before |= _numbered(int(start), [line[1:] for line in old.split("\n")[:-1]])
    return before


def _numbered(start: int, lines: Sequence[str]) -> dict[int, str]:
    return {number: line.rstrip("\r\n") for number, line in enumerate(lines, start)}


def merged(ranges: Sequence[LineRange]) -> tuple[LineRange, ...]:
    """Ranges in order, those that touch joined."""
    joined: list[LineRange] = []
    for each in sorted(ranges, key=lambda lines: lines.start):
        if joined and each.start <= joined[-1].end + 1:
            joined[-1] = LineRange(joined[-1].start, max(joined[-1].end, each.end))
        else:
            joined.append(each)
    return tuple(joined)


def clipped(ranges: Sequence[LineRange], text: str) -> tuple[LineRange, ...]:
    """Ranges without what lies behind the last line of a text, at least its last line."""
    last = max(text.count("\n") + (not text.endswith("\n")), 1)
    return merged([LineRange(min(each.start, last), min(each.end, last)) for each in ranges])


def _range(start: int, count: int) -> LineRange:
    return LineRange(start, start + count - 1) if count else LineRange(max(start, 1), start + 1)


def parse_diff(text: str) -> list[DiffFile]:
    """The files of a unified diff, in its order.

    Raises:
        BrokenDiff: the text is no diff, or is cut off or damaged.
    """
    from unidiff.errors import UnidiffParseError  # noqa: PLC0415 (loaded only when used)
    from unidiff.patch import PatchSet  # noqa: PLC0415 (loaded only when used)

    _refuse_unreadable(text)
    try:
        # Only a line feed ends a line of a diff: a carriage return belongs to the file's own line end.
        patches = PatchSet(io.StringIO(text, newline="\n"))
    except (UnidiffParseError, ValueError, IndexError, AttributeError) as error:
        raise BrokenDiff(" ".join(str(error).split())[:200]) from error
    if not patches and text.strip():
        raise BrokenDiff("it names no file")
    return [_file_of(each) for each in patches]


def _refuse_unreadable(text: str) -> None:
    """Refuses what the parser would pass over without a word: changes that nobody would then look at."""
    if _COMBINED.search(text):
        raise BrokenDiff("it is the combined diff of a merge; compare with one side, as `git diff HEAD` does")
    stray = _STRAY_HUNK.search(text)
    if stray:
        raise BrokenDiff(f"{stray[0][:80]!r} is no head of a hunk")


def _file_of(patch: "PatchedFile") -> DiffFile:
    raw = unquoted(patch.target_file or "")
    if raw == _NULL:
        path = unquoted(patch.source_file or "")
        return DiffFile(_PREFIX.sub("", path), path, problem="deleted")
    path = _PREFIX.sub("", raw)
    if patch.is_binary_file:
        return DiffFile(path, raw, problem="binary file")
    if not len(patch):
        return DiffFile(path, raw, problem="nothing in it changed")
    changed = merged([each for hunk in patch for each in _changed(hunk)])
    before = {number: line for hunk in patch for number, line in _before(hunk)}
    return DiffFile(path, raw, changed, before, _expected(patch))


def _changed(hunk: "Hunk") -> list[LineRange]:
    """The changed lines of one hunk: those added, or the lines around a gap where none were."""
    ranges: list[LineRange] = []
    at, run_start, removed = hunk.target_start + (hunk.target_length == 0), 0, False
    for line in [*hunk, None]:
        if line is not None and line.is_added:
            run_start = run_start or at
        elif line is not None and line.is_removed:
            removed = True
            continue
        elif line is None or line.line_type != "\\":
            if run_start:
                ranges.append(LineRange(run_start, at - 1))
            elif removed:
                ranges.append(_range(at - 1, 0))
            run_start, removed = 0, False
        at += line is not None and line.line_type != "\\"
    return ranges


def _before(hunk: "Hunk") -> Iterator[tuple[int, str]]:
    """The lines of the new side with what stood there, for runs of lines that replace as many."""
    removed: list[str] = []
    added: list[int] = []
    for line in [*hunk, None]:
        if line is not None and line.is_removed:
            removed.append(line.value)
        elif line is not None and line.is_added:
            added.append(line.target_line_no)
        elif line is None or line.line_type != "\\":
            if len(added) == len(removed) > 0:
                yield from _numbered(added[0], removed).items()
            removed, added = [], []


def _expected(patch: "PatchedFile") -> tuple[Expected, ...]:
    return tuple(
        Expected(hunk.target_start, tuple(line.value.rstrip("\r\n") for line in hunk.target_lines())) for hunk in patch
    )


def unquoted(path: str) -> str:
    r"""A path of a diff header as it is on disk: git quotes special characters as C does (`"a/\303\251.py"`)."""
    if len(path) < len('""') or not (path.startswith('"') and path.endswith('"')):
        return path
    data = path[1:-1].encode("utf-8", "surrogateescape")
    return _ESCAPE.sub(_unescaped, data).decode("utf-8", "surrogateescape")


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return _ESCAPED[code] if code in _ESCAPED else bytes([int(code, 8) & 0xFF])


def fits(text: str, expected: Sequence[Expected]) -> bool:
    """Whether a text is the new side of a diff: every line that the diff shows of it is there."""
    lines = [each.removesuffix("\r") for each in text.split("\n")]
    return all(tuple(lines[each.start - 1 : each.start - 1 + len(each.lines)]) == each.lines for each in expected)
