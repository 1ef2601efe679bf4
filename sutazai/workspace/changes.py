"""What git says has changed, turned into source files: staged, since a revision, or in a range of commits."""

import asyncio
from collections.abc import Sequence
from typing import Final

from sutazai.disk.git import ChangedFile, Git
from sutazai.sdk.source import Selection
from sutazai.workspace.diffs import changed_lines, lines_before
from sutazai.workspace.gathering import Gathering

_BATCH: Final = 100


async def add_changes(gathering: Gathering, selection: Selection, only: Sequence[str]) -> None:
    """Takes every changed file of a selection. `only`: files and folders to keep to; empty for all.

    Raises:
        UsageError: git cannot answer; the subclass says why.
    """
    git = Git(gathering.root)
    files = [each for each in await _changes(git, selection) if _under(each.path, only)]
    worth = [each for each in files if each.is_regular and changed_lines(each.patch)]
    gathering.ignore(len(files) - len(worth))
    for binary in files:
        if binary.is_regular and "\nBinary files " in binary.patch:
            gathering.skip(binary.path, "binary file")
    if selection.diff_base:
        await asyncio.to_thread(_from_disk, gathering, worth)
    else:
        await _from_objects(gathering, git, worth, selection.max_file_bytes)


async def _changes(git: Git, selection: Selection) -> list[ChangedFile]:
    if selection.staged:
        return await git.staged()
    if selection.diff_base:
        return await git.since(selection.diff_base)
    return await git.between(selection.commits)


def _under(path: str, only: Sequence[str]) -> bool:
    return not only or any(each in {".", path} or path.startswith(f"{each}/") for each in only)


def _from_disk(gathering: Gathering, files: Sequence[ChangedFile]) -> None:
    for each in files:
        gathering.add_changed(each.path, changed_lines(each.patch), lines_before(each.patch))


async def _from_objects(gathering: Gathering, git: Git, files: Sequence[ChangedFile], max_bytes: int) -> None:
    for start in range(0, len(files), _BATCH):
        batch = files[start : start + _BATCH]
        blobs = await git.blobs([each.blob for each in batch], max_bytes)
        await asyncio.to_thread(_add_blobs, gathering, batch, blobs)


def _add_blobs(gathering: Gathering, files: Sequence[ChangedFile], blobs: dict[str, bytes | None]) -> None:
    for each in files:
        gathering.add_blob(each.path, blobs[each.blob], changed_lines(each.patch), lines_before(each.patch))
