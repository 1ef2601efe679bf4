"""The port `Workspace` over a folder on disk: from a selection to source files.

Owns which origin is taken and where the root is. Blocking work runs in threads; git is asked only where history or
ignore rules are needed, never for files that are named.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sutazai.disk.places import find_repository, leaves, relative, root_of
from sutazai.disk.reading import MISSING, Unreadable, kind_problem, read_text, reason_of
from sutazai.errors.files import TargetMissing, TargetUnreadable
from sutazai.errors.tools import ToolError
from sutazai.errors.usage import UsageError
from sutazai.errors.workspace import NotARepository, SelectionConflict
from sutazai.sdk.source import Collection, Selection
from sutazai.workspace.gathering import Gathering

_MAX_READ_BYTES: Final = 50_000_000


class FileWorkspace:
    """The files around one folder.

    Args:
        cwd: the folder that relative paths start from.
    """

    def __init__(self, cwd: Path) -> None:
        self._cwd = Path(os.path.realpath(cwd))

    @property
    def root(self) -> Path:
        """The repository of the folder, else the folder itself: what `read` and `write` never leave."""
        return find_repository(self._cwd) or self._cwd

    async def collect(self, selection: Selection) -> Collection:
        """The files of a selection.

        Raises:
            TargetError: nothing of what was asked for can be read.
            UsageError: a diff that is none, no repository where one is needed, an unknown revision.
        """
        _check_origin(selection)
        if selection.stdin is not None:
            return await asyncio.to_thread(self._from_stdin, selection)
        if selection.staged or selection.diff_base or selection.commits:
            return await self._from_git(selection)
        return await self._from_paths(selection)

    async def read(self, path: str) -> str | None:
        """The text of a file under the root, None if it is not there.

        Raises:
            TargetError: the path leaves the root, or the file cannot be read.
        """
        from sutazai.workspace.atomic import inside  # noqa: PLC0415 (loaded only when used)

        target = await asyncio.to_thread(inside, self.root, path)
        if not await asyncio.to_thread(os.path.lexists, target):
            return None
        found = await asyncio.to_thread(read_text, target, _MAX_READ_BYTES)
        if isinstance(found, Unreadable):
            raise TargetUnreadable(path, found.reason)
        return found.text

    async def write(self, path: str, text: str) -> None:
        """Replaces a file under the root atomically.

        Raises:
            TargetError: the path leaves the root, or the file cannot be written.
        """
        from sutazai.workspace.atomic import write_atomically  # noqa: PLC0415 (loaded only when used)

        await asyncio.to_thread(write_atomically, self.root, path, text)

    def _from_stdin(self, selection: Selection) -> Collection:
        from sutazai.workspace import stdin  # noqa: PLC0415 (loaded only when used)

        gathering = Gathering(self.root, selection)
        add = stdin.add_diff if stdin.is_diff(selection) else stdin.add_source
        add(gathering, selection, self._cwd)
        return gathering.collection()

    async def _from_git(self, selection: Selection) -> Collection:
        from sutazai.workspace.changes import add_changes  # noqa: PLC0415 (loaded only when used)

        repository = find_repository(self._cwd)
        if repository is None:
            raise NotARepository(str(self._cwd))
        gathering = Gathering(repository, selection)
        only = [relative(each.path, repository) for each in self._targets(selection.paths)]
        await add_changes(gathering, selection, only)
        return gathering.collection()

    async def _from_paths(self, selection: Selection) -> Collection:
        targets = await asyncio.to_thread(self._targets, selection.paths or (".",))
        if len(targets) == 1 and targets[0].problem:
            raise targets[0].error()
        present = [each for each in targets if not each.problem] or targets
        root = root_of([each.path if each.is_folder else each.path.parent for each in present], self._cwd)
        gathering = Gathering(root, selection)
        listings = [await _list(each.path, gathering) for each in targets if each.is_folder]
        await asyncio.to_thread(_fill, gathering, targets, listings)
        return gathering.collection()

    def _targets(self, paths: Sequence[str]) -> list["_Target"]:
        return list(dict.fromkeys(_target(each, self._cwd) for each in paths))


@dataclass(frozen=True, slots=True)
class _Target:
    """A path that the caller named: links in its folders are resolved, the file's own is not."""

    given: str
    path: Path
    is_folder: bool = False
    problem: str = ""

    def error(self) -> TargetMissing | TargetUnreadable:
        return TargetMissing(self.given) if self.problem == MISSING else TargetUnreadable(self.given, self.problem)


def _target(given: str, cwd: Path) -> _Target:
    try:
        full = Path(os.path.abspath(cwd / given))  # noqa: PTH100 (resolve would follow the file's own link)
        path = Path(os.path.realpath(full.parent)) / full.name
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        broken = leaves(cwd / given, cwd) if not isinstance(error, ValueError) else ""
        return _Target(given, cwd / given.replace("\0", ""), problem=broken or reason_of(error))
    if path.is_dir():
        return _Target(given, Path(os.path.realpath(path)), is_folder=True)
    return _Target(given, path, problem=kind_problem(mode))


async def _list(folder: Path, gathering: Gathering) -> tuple[Path, list[Path]]:
    """The files of a folder: git knows best what is ignored, our own walk stands in where it cannot be asked."""
    from sutazai.disk.ignore import walk  # noqa: PLC0415 (loaded only when used)

    repository = find_repository(folder)
    listed = await _list_by_git(folder, repository) if repository else None
    if listed:
        return folder, listed
    # Git lists nothing in a folder that is ignored as a whole: whoever names it wants it, by its own rules.
    top = repository if repository and listed is None else folder
    found = await asyncio.to_thread(walk, folder, top)
    gathering.ignore(found.ignored_count)
    for closed in found.closed:
        gathering.skip(relative(closed, gathering.root), "the folder cannot be opened", named=closed == folder)
    return folder, found.files


async def _list_by_git(folder: Path, repository: Path) -> list[Path] | None:
    from sutazai.disk.git import Git  # noqa: PLC0415 (loaded only when used)

    try:
        return await Git(repository).files(folder)
    except (UsageError, ToolError):
        return None


def _fill(gathering: Gathering, targets: Sequence[_Target], listings: Sequence[tuple[Path, list[Path]]]) -> None:
    for target in targets:
        if target.problem:
            gathering.skip(target.given, target.problem, named=True)
        elif not target.is_folder:
            gathering.add(target.path, named=True)
    for folder, files in listings:
        gathering.add_folder(folder, [each for each in files if _is_there(each)])


def _is_there(path: Path) -> bool:
    """False for what is tracked but deleted on disk, and for a submodule."""
    return path.is_symlink() or (os.path.lexists(path) and not path.is_dir())


def _check_origin(selection: Selection) -> None:
    origins = {
        "--staged": selection.staged,
        "--diff": bool(selection.diff_base),
        "--commits": bool(selection.commits),
        "standard input": selection.stdin is not None,
        "paths": bool(selection.paths) and selection.stdin is not None,
    }
    asked = [name for name, given in origins.items() if given]
    if len(asked) > 1:
        raise SelectionConflict(asked)
