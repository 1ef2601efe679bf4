"""Walks a folder by the rules of its `.gitignore` files, where git itself cannot be asked.

Never follows a link to a folder, and never descends into folders of foreign code.
"""

import os
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sutazai.disk.foreign import FOREIGN_FOLDERS
from sutazai.disk.reading import Text, read_text

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_MAX_IGNORE_BYTES: Final = 1_000_000
_MAX_PATTERNS: Final = 2_000
_MAX_STARS: Final = 4
_STARS: Final = re.compile(r"\*+")
# What leaves something out, in the words that a person is told.
BY_GIT: Final = "by a .gitignore"
FOREIGN: Final = "a folder of foreign or built code"
HIDDEN: Final = "hidden, by its name"
KEPT: Final = "kept by SutazAI itself"


@dataclass(slots=True)
class Listing:
    """What a folder holds.

    Attributes:
        files: absolute.
        ignored: entries that are left out, by what leaves them out.
        closed: folders that could not be opened.
        is_cut: there is more than was asked for.
    """

    files: list[Path] = field(default_factory=list)
    ignored: dict[str, list[Path]] = field(default_factory=dict)
    closed: list[Path] = field(default_factory=list)
    is_cut: bool = False

    @property
    def ignored_count(self) -> int:
        """How many entries are left out."""
        return sum(map(len, self.ignored.values()))


@dataclass(frozen=True, slots=True)
class _Rules:
    folder: Path
    spec: "GitIgnoreSpec"


def spec_of(patterns: Sequence[str]) -> "GitIgnoreSpec":
    """The compiled form of gitignore patterns; a pattern that is none is left out, as git does."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 (loaded only when used)

    try:
        return GitIgnoreSpec.from_lines(patterns)
    except ValueError:
        return GitIgnoreSpec.from_lines([each for each in patterns if _valid(each)])


def _valid(pattern: str) -> bool:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 (loaded only when used)

    try:
        GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return False
    return True


def walk(
    folder: Path, top: Path, *, hidden: bool = True, max_entries: int = sys.maxsize, without: Collection[Path] = ()
) -> Listing:
    """The files under `folder`, in no order.

    Args:
        folder: where to begin.
        top: ignore files count from here downwards.
        hidden: whether names that begin with a dot count; if not, they are ignored.
        max_entries: of files and folders to look at before the walk is cut.
        without: folders that are left out as if a rule said so.
    """
    found = Listing()
    between = [each for each in (*reversed(folder.parents), folder) if each.is_relative_to(top)]
    pending: list[tuple[Path, list[_Rules]]] = [
        (folder, [known for each in between[:-1] if (known := _rules_in(each))])
    ]
    while pending and not found.is_cut:
        here, rules = pending.pop()
        own = _rules_in(here)
        rules = [*rules, own] if own else rules
        for entry in _entries(here, found):
            max_entries -= 1
            if max_entries < 0:
                found.is_cut = True
                break
            path = Path(entry.path)
            reason = KEPT if path in without else _ignored(entry, rules, hidden=hidden)
            if reason:
                found.ignored.setdefault(reason, []).append(path)
            elif entry.is_dir(follow_symlinks=False):
                pending.append((path, rules))
            else:
                found.files.append(path)
    return found


def _entries(folder: Path, found: Listing) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        found.closed.append(folder)


def _rules_in(folder: Path) -> _Rules | None:
    path = folder / ".gitignore"
    # Not by `path`, which raises where the folder is closed to us.
    if not os.path.isfile(path) or os.path.islink(path):  # noqa: PTH113, PTH114
        return None
    content = read_text(path, _MAX_IGNORE_BYTES)
    return _Rules(folder, spec_of(_bearable(content.text))) if isinstance(content, Text) else None


def _bearable(text: str) -> list[str]:
    """The patterns of an ignore file that cost little to try: a stranger may have written it to cost much."""
    return [each for each in text.splitlines()[:_MAX_PATTERNS] if len(_STARS.findall(each)) <= _MAX_STARS]


def _ignored(entry: os.DirEntry[str], rules: Sequence[_Rules], *, hidden: bool) -> str:
    is_folder = entry.is_dir(follow_symlinks=False)
    if is_folder and entry.name in FOREIGN_FOLDERS:
        return FOREIGN
    if not hidden and entry.name.startswith("."):
        return HIDDEN
    for each in reversed(rules):
        inside = Path(entry.path).relative_to(each.folder).as_posix() + ("/" if is_folder else "")
        if (verdict := each.spec.check_file(inside).include) is not None:
            return BY_GIT if verdict else ""
    return ""
