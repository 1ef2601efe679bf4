"""The port `Editor` over the disk: replaces a file that still holds what it held when it was read.

Works on bytes, so that encoding marks and line ends stay what they are. Never makes a file, never leaves the root.
"""

import asyncio
from pathlib import Path
from typing import Final

from sutazai.disk.reading import Unreadable, read_bytes
from sutazai.errors.files import TargetUnreadable
from sutazai.errors.fixes import TargetChanged
from sutazai.sdk.ports import FileChange
from sutazai.workspace.atomic import inside, replace_bytes

_MAX_BYTES: Final = 50_000_000


class FileEditor:
    """Files on disk."""

    async def read(self, root: Path, path: str) -> bytes:
        """The bytes of a file under the root.

        Raises:
            PathOutsideRoot: the path or a link on it leads out of the root.
            TargetUnreadable: the file cannot be read.
        """
        return await asyncio.to_thread(_read, root, path)

    async def replace(self, root: Path, change: FileChange) -> None:
        """Puts `after` in the place of `before`, whole or not at all; the file's mode is kept.

        Raises:
            TargetChanged: the file no longer holds `before`.
            PathOutsideRoot: the path or a link on it leads out of the root.
            TargetUnreadable: the file cannot be read.
            TargetUnwritable: the file cannot be written.
        """
        await asyncio.to_thread(_replace, root, change)


def _read(root: Path, path: str) -> bytes:
    data = read_bytes(inside(root, path), _MAX_BYTES)
    if isinstance(data, Unreadable):
        raise TargetUnreadable(path, data.reason)
    return data


def _replace(root: Path, change: FileChange) -> None:
    if _read(root, change.path) != change.before:
        raise TargetChanged(change.path)
    replace_bytes(root, change.path, change.after)
