"""Writes patched files and takes that back: the originals are kept before the first file changes.

Each file changes whole or not at all, and only if it still is what it was; what cannot be put back is told.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sutazai.errors.base import SutazAIError
from sutazai.errors.files import TargetError
from sutazai.errors.fixes import TargetChanged, UndoRefused
from sutazai.review.fixing.report import FileProblem
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.ports import Editor, FileChange

_MARK = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Written:
    """What became of the files that were to change."""

    application: str = ""
    changes: list[FileChange] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that were changed."""
        return tuple(each.path for each in self.changes)


async def write(context: AgentContext, root: Path, texts: Mapping[str, tuple[str, str]]) -> Written:
    """Puts new texts into files.

    Args:
        context: with `files:write`.
        root: the paths are relative to it.
        texts: the text that was read and the one to write, by path; both without byte-order mark.

    Raises:
        UndoUnusable: the originals cannot be kept; nothing was written.
    """
    editor, undo, written = await context.editor(), await context.undo(), Written()
    changes = []
    for path, (before, after) in texts.items():
        try:
            changes.append(_change(path, await editor.read(root, path), before, after))
        except TargetError as error:
            written.problems.append(FileProblem(path=path, reason=error.message))
    if not changes:
        return written
    written.application = await undo.keep(root, changes)
    try:
        for change in changes:
            await _replace(editor, root, change, written)
    except BaseException:
        await take_back(context, root, written)
        raise
    if not written.changes:
        await undo.forget(written.application)
    return written


def _change(path: str, data: bytes, before: str, after: str) -> FileChange:
    mark = _MARK if data.startswith(_MARK) else b""
    if data != mark + before.encode():
        raise TargetChanged(path)
    return FileChange(path, data, mark + after.encode())


async def _replace(editor: Editor, root: Path, change: FileChange, written: Written) -> None:
    try:
        await editor.replace(root, change)
    except TargetError as error:
        written.problems.append(FileProblem(path=change.path, reason=error.message))
    else:
        written.changes.append(change)


async def take_back(context: AgentContext, root: Path, written: Written) -> list[FileProblem]:
    """Puts the originals back; gives the files that were changed by others meanwhile and stay as they are."""
    editor, problems = await context.editor(), list[FileProblem]()
    for change in reversed(written.changes):
        try:
            await editor.replace(root, FileChange(change.path, change.after, change.before))
        except TargetError as error:
            problems.append(FileProblem(path=change.path, reason=f"not restored: {error.message}"))
    if written.application and not problems:
        await (await context.undo()).forget(written.application)
    written.changes.clear()
    return problems


async def undo_last(context: AgentContext, paths: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    """Restores what the last application changed: all of its files, or none where one was changed since.

    Returns:
        The root and the files that were restored.

    Raises:
        NothingToUndo: there is nothing to restore.
        UndoRefused: a file was changed after the fixes had been applied.
    """
    editor, undo = await context.editor(), await context.undo()
    application = await undo.last(paths)
    pending, refused = [], []
    for change in application.changes:
        holds = await _holds(editor, application.root, change)
        if holds == "after":
            pending.append(FileChange(change.path, change.after, change.before))
        elif holds != "before":
            refused.append(change.path)
    if refused:
        raise UndoRefused(refused)
    done = Written()
    try:
        for change in pending:
            await editor.replace(application.root, change)
            done.changes.append(change)
    except SutazAIError:
        await take_back(context, application.root, done)
        raise
    await undo.forget(application.id)
    return application.root, done.paths


async def _holds(editor: Editor, root: Path, change: FileChange) -> str:
    """Which side of the change the file holds now: `before` (never written, or put back), `after`, or neither."""
    try:
        data = await editor.read(root, change.path)
    except TargetError:
        return ""
    return "after" if data == change.after else "before" if data == change.before else ""


def identity(path: str, text: str, changes: Sequence[object]) -> str:
    """The id of a patch: of its change and of the text it is for."""
    digest = hashlib.sha256(f"{path}\0{text}\0{changes!r}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]
