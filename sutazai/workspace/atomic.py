"""Writes a file whole or not at all, and never outside the root."""

import stat
from pathlib import Path

from sutazai.disk.reading import kind_problem, reason_of
from sutazai.disk.replacing import replace_file, usual_mode
from sutazai.errors.workspace import PathOutsideRoot, TargetUnwritable


def inside(root: Path, path: str) -> Path:
    """The real place of a path relative to the root, links followed.

    Raises:
        PathOutsideRoot: the path or a link on it leads out of the root.
    """
    try:
        real = (root / path).resolve()
        stays = real.is_relative_to(root.resolve()) and real != root.resolve()
    except (OSError, RuntimeError, ValueError):
        stays = False
    if not stays:
        raise PathOutsideRoot(path, str(root))
    return real


def write_atomically(root: Path, path: str, text: str) -> None:
    """Replaces a file under the root; its mode is kept, missing folders are made.

    Raises:
        PathOutsideRoot: the path or a link on it leads out of the root.
        TargetUnwritable: the place cannot be written.
    """
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise TargetUnwritable(path, reason_of(error)) from error
    replace_bytes(root, path, data)


def replace_bytes(root: Path, path: str, data: bytes) -> None:
    """As `write_atomically`, with bytes.

    Raises:
        PathOutsideRoot: the path or a link on it leads out of the root.
        TargetUnwritable: the place cannot be written.
    """
    target = inside(root, path)
    try:
        mode = _mode_of(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, data, mode=usual_mode() if mode is None else mode)
    except OSError as error:
        raise TargetUnwritable(path, reason_of(error)) from error


def _mode_of(target: Path) -> int | None:
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if problem := kind_problem(found.st_mode):
        raise OSError(problem)
    return stat.S_IMODE(found.st_mode)
