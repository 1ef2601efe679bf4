"""One resident at a time: a file that its resident keeps locked, and that remembers a start which failed."""

import fcntl
import os
import time
from types import TracebackType
from typing import Final, Self

_STARTING: Final = b"starting"
_READY: Final = b"ready"
_AGAIN_AFTER_S: Final = 600.0


def _file(name: str) -> str:
    return f"{name.removesuffix('.sock')}.lock"


class Lock:
    """The lock of the resident that listens at `name` in an open folder; taken if it is free."""

    def __init__(self, folder: int, name: str) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor = os.open(_file(name), flags, 0o600, dir_fd=folder)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.held = True
        except OSError:
            self.held = False

    def __enter__(self) -> Self:
        if self.held:
            self._write(_STARTING)
        return self

    def ready(self) -> None:
        """Notes that the start went well."""
        self._write(_READY)

    def _write(self, state: bytes) -> None:
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, state, 0)

    def let_go(self) -> None:
        """In a child: the lock stays with the parent."""
        os.close(self._descriptor)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go()


def free(folder: int, name: str) -> bool:
    """Whether a resident may be started there: none is running, and none failed to start a short while ago."""
    try:
        descriptor = os.open(_file(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        failed = os.read(descriptor, len(_STARTING)) == _STARTING
        return not failed or time.time() - os.fstat(descriptor).st_mtime > _AGAIN_AFTER_S
    except OSError:
        return False
    finally:
        os.close(descriptor)
