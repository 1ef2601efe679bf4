"""Files that hold code are for their owner alone. Makes them so before anything is written into them."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_SIDES: Final = ("", "-wal", "-shm")


def make_owner_only(path: Path) -> None:
    """Makes the file, and its folder where missing, readable by the owner alone; SQLite's side files follow it.

    Raises:
        OSError: the folder or the file cannot be made.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        # Only a new file is opened: closing one that SQLite has open in this process would drop its locks (POSIX).
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    if path.stat().st_mode & 0o077:
        with suppress(OSError):  # a file system without permissions
            path.chmod(0o600)


def with_sides(path: Path) -> tuple[Path, ...]:
    """A SQLite file and the files beside it."""
    return tuple(path.with_name(path.name + side) for side in _SIDES)
