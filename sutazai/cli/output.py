"""stdout: data, and nothing else. The one module that writes there; a reader that goes away is no error."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sutazai.cli.talk import printable
from sutazai.errors.workspace import TargetUnwritable

__all__ = ["check", "console", "discard", "printable", "write"]

if TYPE_CHECKING:
    from rich.console import Console


def write(text: str, *, file: str = "") -> None:
    """Writes data to stdout, or whole into `file`. A link is followed; a device or pipe is written, not replaced.

    Raises:
        TargetUnwritable: the file cannot be written.
    """
    data = text.encode("utf-8", "backslashreplace")
    if file:
        _into(Path(file).expanduser(), data)
        return
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        discard()
    except OSError as error:
        discard()
        raise TargetUnwritable("the standard output", error.strerror or str(error)) from error


def check(file: str) -> None:
    """Refuses a file that cannot be written before minutes of work go into what it is for.

    Raises:
        TargetUnwritable: it is a folder, lies in none, or in one that takes no files.
    """
    path = Path(file).expanduser()
    if path.is_dir():
        raise TargetUnwritable(file, "it is a folder", named=True)
    folder = path.resolve().parent
    if not folder.is_dir():
        raise TargetUnwritable(file, "its folder does not exist", named=True)
    if path.exists() and not path.is_file():
        return
    import tempfile  # noqa: PLC0415 (loaded only when used)

    try:
        handle, tried = tempfile.mkstemp(dir=folder)
        os.close(handle)
        Path(tried).unlink()
    except OSError as error:  # some systems say of such a folder that the file does not exist
        reason = "" if isinstance(error, FileNotFoundError) else f": {error.strerror or error}"
        raise TargetUnwritable(file, f"no file can be made in {folder}{reason}", named=True) from error


def console(*, file: str = "") -> "Console":
    """A console for text meant to be read, on stdout or for `file`; colour only on a terminal without `NO_COLOR`."""
    from rich.console import Console  # noqa: PLC0415 (loaded only when used)

    if sys.stdout.isatty() and not file:
        return Console(highlight=False)
    return Console(highlight=False, width=120, color_system=None, force_terminal=False)


def discard() -> None:
    """Sends what is still to come nowhere: the reader went away, and Python must not complain of it at exit either."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


def _into(path: Path, data: bytes) -> None:
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            _replace(path.resolve(), data)
    except OSError as error:
        raise TargetUnwritable(str(path), error.strerror or str(error), named=True) from error


def _replace(path: Path, data: bytes) -> None:
    from sutazai.disk.replacing import replace_file, usual_mode  # noqa: PLC0415 (loaded only when used)

    replace_file(path, data, mode=path.stat().st_mode & 0o777 if path.exists() else usual_mode())
