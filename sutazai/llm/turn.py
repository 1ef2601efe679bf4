"""One embedded model in memory per machine: a lock between processes, waited for without blocking.

Owns the lock file; the system gives it back when its holder dies, however that happens.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

_LOOK_AGAIN_S: Final = 0.2


class MachineTurn:
    """This process's turn to hold a model.

    Args:
        path: the lock file; its folder is made.
        on_wait: told once, in a sentence, when another process holds the turn.
    """

    def __init__(self, path: Path, on_wait: Callable[[str], None] | None = None) -> None:
        self._path = path
        self._on_wait = on_wait
        self._lock = FileLock(path, thread_local=False)

    async def take(self) -> None:
        """Waits for the turn; harmless if it is ours already."""
        told = False
        while not self._taken():
            if not told and self._on_wait is not None:
                self._on_wait("another sutazai on this machine holds the embedded model; waiting for it")
            told = True
            await asyncio.sleep(_LOOK_AGAIN_S)

    def _taken(self) -> bool:
        if self._lock.is_locked:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        return True

    def give_back(self) -> None:
        """Lets the next one in; harmless if the turn is not ours."""
        self._lock.release(force=True)
