"""Replaces a file whole or not at all, and durably. Decides nothing about where: callers check the path."""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o600


def replace_file(target: Path, data: bytes, *, mode: int = OWNER_ONLY) -> None:
    """Puts `data` in the place of `target`, on the disk when this returns; its folder must exist.

    Args:
        target: the file, which may not be there yet; a link is replaced, not followed.
        data: all of it.
        mode: the permissions the file gets.

    Raises:
        OSError: it cannot be written; what was there is there still.
    """
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:50]}.", suffix=".tmp")
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 (a descriptor)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        if mode != OWNER_ONLY:  # which `mkstemp` gave it
            Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    _sync_folder(target.parent)


def usual_mode() -> int:
    """The permissions that a new file of this user has."""
    # The one way to learn it is to set it; the stricter value meanwhile can do no harm.
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every system opens folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
