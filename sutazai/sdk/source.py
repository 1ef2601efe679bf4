"""What is reviewed: the selection a caller asks for and the source files it turns into. Pure data, no I/O."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

LINE_END: Final = re.compile(r"\r\n|\n|\r")
"""What ends a line of source text, for everybody who counts lines; `str.splitlines` knows more and would miscount."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a caller wants to have looked at. Exactly one of paths, stdin, staged, diff_base or commits is the origin.

    Attributes:
        paths: files and folders, as given by the caller; empty with no other origin means the current folder.
        stdin: text read from standard input, with `stdin_kind` saying how to take it.
        stdin_filename: the name under which source text from stdin is reviewed.
        staged: what git would commit now (text from the index, not from the disk).
        diff_base: a revision; the working tree is compared with its merge base.
        commits: a range `A..B`: the text of B, limited to what changed since A.
        exclude: gitignore patterns of files to leave out, on top of the ignore rules of the repository.
        max_file_bytes: larger files are skipped and named.
    """

    paths: tuple[str, ...] = ()
    stdin: str | None = None
    stdin_filename: str = ""
    stdin_kind: Literal["auto", "source", "diff"] = "auto"
    staged: bool = False
    diff_base: str = ""
    commits: str = ""
    exclude: tuple[str, ...] = ()
    max_file_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True)
class LineRange:
    """Lines `start` to `end`, 1-based, both included."""

    start: int
    end: int

    def overlaps(self, start: int, end: int) -> bool:
        """Whether any line of `start..end` lies in this range."""
        return self.start <= end and start <= self.end


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One text to review.

    Attributes:
        path: POSIX, relative to the review's root; unique within a collection.
        text: decoded, byte-order mark removed, line ends as in the file.
        language: our name of the language (`sutazai.syntax.languages`), empty if unknown.
        disk_path: where exactly this text lies on disk; None if it comes from stdin, the index or a commit.
        changed: None for a whole file; else only these lines (and the units around them) are reviewed and reported.
        before: how a line read before the change, by its 1-based number, where lines were replaced one for one.
        is_test: whether this is test code by path and name.
    """

    path: str
    text: str
    language: str
    disk_path: Path | None = None
    changed: tuple[LineRange, ...] | None = None
    before: Mapping[int, str] = field(default_factory=dict, hash=False)
    is_test: bool = False

    def touches(self, start: int, end: int) -> bool:
        """Whether lines `start..end` belong to what was asked for."""
        return self.changed is None or any(each.overlaps(start, end) for each in self.changed)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not reviewed, and why. `named` tells that the caller asked for it by name."""

    path: str
    reason: str
    named: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """The files of a selection and what was left out of it.

    Attributes:
        root: the folder every `SourceFile.path` is relative to (the repository's root, else the common parent).
        files: in path order.
        skipped: with reasons; `named` ones end in exit code 4.
        ignored_count: files passed over by ignore rules, which nobody wants listed.
    """

    root: Path
    files: tuple[SourceFile, ...] = ()
    skipped: tuple[Skipped, ...] = field(default=())
    ignored_count: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a file's text: code-point offsets, `end` excluded, and the 1-based line it starts on."""

    start: int
    end: int
    start_line: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A function, a method, or what a module does outside of them: what a model looks at in one go.

    Attributes:
        path: of its file.
        symbol: dotted name, e.g. `Basket.add`; empty for a module body.
        text: the segments of the file, joined by nothing; a function has exactly one segment of whole lines.
        segments: where `text` comes from, in order.
        context: imports, the signature of the class and of called functions: what a reader needs, nothing more.
        complexity: number of branches + 1 (McCabe), to review the riskier units first.
        changed: lines of `text`, the first is 0, that a review of changes is about; None: all of them.
        before: how a line of `text`, the first is 0, read before the change, where that is known.
    """

    path: str
    language: str
    kind: Literal["function", "method", "module"]
    symbol: str
    start_line: int
    end_line: int
    text: str
    segments: tuple[Segment, ...]
    context: str = ""
    complexity: int = 1
    changed: frozenset[int] | None = None
    before: Mapping[int, str] = field(default_factory=dict, hash=False)

    def asks_about(self, start: int, end: int) -> bool:
        """Whether the characters `start..end` of `text` lie on a line that the review is about."""
        if self.changed is None:
            return True
        first = len(LINE_END.findall(self.text, 0, start))
        return any(
            line in self.changed for line in range(first, first + 1 + len(LINE_END.findall(self.text[start:end])))
        )

    def offset(self, inside: int) -> int:
        """The file's code-point offset of the character at `inside` in `text`; of the end of `text`: where it ends."""
        for segment in self.segments:
            if inside < segment.end - segment.start:
                return segment.start + inside
            inside -= segment.end - segment.start
        if inside == 0 and self.segments:
            return self.segments[-1].end
        raise IndexError(inside)

    def line_spans(self) -> list[tuple[int, int]]:
        """First and last line of each segment, 1-based, both included."""
        spans, start = [], 0
        for segment in self.segments:
            end = start + segment.end - segment.start
            breaks = [match.end() for match in LINE_END.finditer(self.text[start:end])]
            inner = len(breaks) - (breaks[-1:] == [end - start])
            spans.append((segment.start_line, segment.start_line + inner))
            start = end
        return spans

    def holds_line(self, line: int) -> bool:
        """Whether the line of the file belongs to this unit."""
        return any(start <= line <= end for start, end in self.line_spans())
