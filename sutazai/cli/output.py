"""stdout: data, and nothing else. The one module that writes there; a reader that goes away is no error."""

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sutazai.cli.talk import printable
from sutazai.errors.files import TargetUnreadable

__all__ = ["console", "printable", "write"]

if TYPE_CHECKING:
    from rich.console import Console


def write(text: str, *, file: str = "") -> None:
    """Writes data to stdout, or whole into `file`.

    Raises:
        TargetUnreadable: the file cannot be written.
    """
    if file:
        _replace(Path(file), text)
        return
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        _close()


def console() -> "Console":
    """A console on stdout for text meant to be read; colour only on a terminal and without `NO_COLOR`."""
    from rich.console import Console  # noqa: PLC0415 (loaded only when used)

    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, width=120, no_color=True, soft_wrap=False)


def _close() -> None:
    """The reader went away: Python must not complain of it at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _replace(path: Path, text: str) -> None:
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
                stream.write(text)
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise TargetUnreadable(str(path), error.strerror or str(error)) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
