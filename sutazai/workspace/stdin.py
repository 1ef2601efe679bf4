"""What was read from standard input: source text or a unified diff, its name and its language."""

import re
from pathlib import Path
from typing import Final

from sutazai.disk.reading import too_large
from sutazai.errors.files import TargetUnreadable
from sutazai.sdk.source import Selection
from sutazai.syntax.languages import language_of
from sutazai.workspace.diffs import DiffFile, looks_like_diff, parse_diff
from sutazai.workspace.gathering import Gathering

_UNNAMED: Final = "stdin"
# Each pattern is a line that hardly any other language has; the language with most such lines wins.
_TELLING: Final = tuple(
    (name, re.compile(pattern, re.MULTILINE))
    for name, pattern in (
        ("python", r"^\s*(async def|def) \w+\(.*|^(from [\w.]+ )?import [\w., ]+$|^\s*(el)?if .*:$"),
        ("go", r"^package \w+$|^func (\(\w+ \*?\w+\) )?\w+\(|^\s*\w+(, \w+)* := "),
        ("rust", r"^\s*(pub )?fn \w+.*\{$|^use [\w:]+(::\{.*\})?;$|^\s*let (mut )?\w+.*;$"),
        ("java", r"^import [\w.]+\*?;$|^package [\w.]+;$|^\s*(public|private|protected) [\w<>\[\] ]+\("),
        ("c", r"^#\s*(include|define|ifdef|ifndef)\b"),
        ("javascript", r"^\s*(const|let|var) .*=|^\s*(async )?function\b|=> \{$|^import .* from ['\"]"),
        ("ruby", r"^\s*def [\w.?!]+(\(.*\))?$|^\s*end$|^require ['\"]"),
        ("sql", r"(?i)^\s*(SELECT|INSERT INTO|UPDATE|CREATE TABLE|DELETE FROM)\b"),
    )
)


def is_diff(selection: Selection) -> bool:
    """Whether standard input is to be taken as a diff."""
    kind = selection.stdin_kind
    return kind == "diff" or (kind == "auto" and looks_like_diff(selection.stdin or ""))


def add_source(gathering: Gathering, selection: Selection, cwd: Path) -> None:
    """Takes standard input as source text.

    Raises:
        TargetUnreadable: the text is over the size limit, or binary.
    """
    text = (selection.stdin or "").removeprefix("\ufeff")
    if not text.strip() and not selection.stdin_filename:
        return
    name = name_of(selection.stdin_filename, gathering.root, cwd)
    if len(text) > selection.max_file_bytes:
        raise TargetUnreadable("standard input", too_large(selection.max_file_bytes))
    if "\0" in text:
        raise TargetUnreadable("standard input", "binary data")
    gathering.add_text(name, text, language_of(name, text[:500].partition("\n")[0]) or guess_language(text))


def name_of(given: str, root: Path, cwd: Path) -> str:
    """The name under which text from standard input is told: relative to the root, never out of it."""
    path = Path(given.replace("\0", "")) if given else Path(_UNNAMED)
    full = Path(_normal(cwd / path))
    if full.is_relative_to(root) and full != root:
        return full.relative_to(root).as_posix()
    return path.name if path.name not in {"", ".."} else _UNNAMED


def _normal(path: Path) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and len(parts) > 1:
            parts.pop()
        elif part != "..":
            parts.append(part)
    return str(Path(*parts))


def guess_language(text: str) -> str:
    """The language of nameless text by its telling lines; empty if there are none."""
    head = text[:20_000]
    counts = [(len(pattern.findall(head)), name) for name, pattern in _TELLING]
    best, name = max(counts, key=lambda pair: pair[0])
    return name if best else ""


def add_diff(gathering: Gathering, selection: Selection, cwd: Path) -> None:
    """Takes the files that a diff from standard input names, as they are on disk.

    Raises:
        BrokenDiff: the text is no diff.
    """
    for file in parse_diff(selection.stdin or ""):
        name = _on_disk(file, gathering.root, cwd)
        if file.problem == "binary file":
            gathering.skip(file.path, file.problem)
        elif file.problem:
            gathering.ignore()
        elif name is None:
            gathering.skip(file.path, "the diff names it, but it is not there", named=True)
        elif name == "":
            gathering.skip(file.path, "it lies outside the project", named=True)
        else:
            gathering.add_changed(name, file.changed, file.before, file.expected, named=True)


def _on_disk(file: DiffFile, root: Path, cwd: Path) -> str | None:
    """Where the file of a diff lies, relative to the root: from the root, as git tells it, or from here; "" outside."""
    for path in dict.fromkeys((file.path, file.raw_path)):
        if "\0" in path or Path(path).is_absolute() or ".." in Path(path).parts:
            return ""
        for base in (root, cwd):
            if (base / path).is_relative_to(root) and (base / path).is_file():
                return (base / path).relative_to(root).as_posix()
    return None
