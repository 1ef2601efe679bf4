"""Whose turn it is to write a collection: one writer at a time, also across processes. Held only around commits."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sutazai.errors.knowledge import CollectionBusy, CollectionUnwritable

_RETRY_S: Final = 0.02


@asynccontextmanager
async def turn(path: Path, name: str, *, wait_s: float) -> AsyncIterator[None]:
    """Holds the lock of a collection; the operating system frees it when the process dies.

    Raises:
        CollectionBusy: others held it for `wait_s`.
        CollectionUnwritable: the lock cannot be had for another reason, such as a disk that is read-only.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 (loaded only when used)

    lock = FileLock(path, thread_local=False, is_singleton=False)
    latest = asyncio.get_running_loop().time() + wait_s
    while True:
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            if asyncio.get_running_loop().time() >= latest:
                raise CollectionBusy(name, wait_s) from error
        except OSError as error:
            raise CollectionUnwritable(name, error.strerror or str(error)) from error
        else:
            break
        await asyncio.sleep(_RETRY_S * (1 + random.random()))  # noqa: S311 (only so that two do not keep step)
    try:
        yield
    finally:
        lock.release()
