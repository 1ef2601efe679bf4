"""LanceDB itself: loaded at the first use, its errors told as ours. Knows nothing of documents.

It is not fork-safe, so nothing is opened before it is needed.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sutazai.errors.base import SutazAIError
from sutazai.errors.knowledge import CollectionBroken, CollectionUnwritable
from sutazai.store.lance.loading import load

if TYPE_CHECKING:
    import lancedb
    import pyarrow as pa
    from lancedb.table import AsyncTable

_UNWRITABLE: Final = (
    "no space left",
    "disk quota",
    "file too large",
    "permission denied",
    "read-only file system",
    "os error 28",
    "os error 27",
    "os error 13",
    "os error 30",
    "os error 122",
)
_KIND: Final = re.compile(r"^(?:lance error: )?(?:LanceError\(\w+\): )?")
_CONFLICTS: Final = ("commit conflict", "concurrent", "preempted", "retryable")
_TRIES: Final = 5
_OURS: Final = (SutazAIError, AssertionError, NameError, AttributeError, TypeError, LookupError)
"""Failures with a message of their own, and mistakes in our code, which are no damage."""


@contextmanager
def told(name: str) -> Iterator[None]:
    """Says what went wrong with a collection in our words.

    Raises:
        CollectionUnwritable: the disk is full or closed to us.
        CollectionBroken: anything else that keeps LanceDB from its work.
    """
    try:
        yield
    except _OURS:
        raise
    except Exception as error:  # LanceDB has no classes of its own, and damaged files make it panic
        reason = " ".join(str(error).split())
        kind = CollectionUnwritable if any(each in reason.lower() for each in _UNWRITABLE) else CollectionBroken
        raise kind(name, _first_sentence(reason)) from error


def _first_sentence(reason: str) -> str:
    """Without the kind of the error and the place in LanceDB's own source, which say nothing to a user."""
    reason = _KIND.sub("", reason)
    return reason.split(", /root/", maxsplit=1)[0].split(", rust/", maxsplit=1)[0]


def is_conflict(error: Exception) -> bool:
    """Whether a commit lost against another one and may be tried again."""
    reason = str(error).lower()
    return any(each in reason for each in _CONFLICTS)


async def persistently(work: Any) -> Any:
    """Awaits `work()`, again where its commit lost against another one (`optimize` of another process)."""
    for _ in range(_TRIES - 1):
        try:
            return await work()
        except (RuntimeError, ValueError, OSError) as error:
            if not is_conflict(error):
                raise
    return await work()


class Engine:
    """The tables of one folder.

    Args:
        folder: where they lie; made when the first one is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._connection: lancedb.AsyncConnection | None = None
        self._tables: dict[str, AsyncTable] = {}
        self._connecting = asyncio.Lock()

    async def _connected(self) -> "lancedb.AsyncConnection":
        async with self._connecting:
            if self._connection is None:
                library = await asyncio.to_thread(load)
                # At once: a search must see what another process has just been promised.
                fresh = timedelta(0)
                self._connection = await library.connect_async(self._folder, read_consistency_interval=fresh)
            return self._connection

    async def table(self, name: str) -> "AsyncTable":
        """A table, opened once."""
        if name not in self._tables:
            self._tables[name] = await (await self._connected()).open_table(name)
        return self._tables[name]

    async def make(self, name: str, schema: "pa.Schema") -> "AsyncTable":
        """A new, empty table."""
        self._tables[name] = await (await self._connected()).create_table(name, schema=schema)
        return self._tables[name]

    def forget(self, name: str) -> None:
        """Closes a table that is no longer used."""
        table = self._tables.pop(name, None)
        if table is not None:
            table.close()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Closes everything; safe to call twice, and it opens again when used again."""
        for name in list(self._tables):
            self.forget(name)
        if self._connection is not None:
            self._connection.close()  # type: ignore[no-untyped-call]
            self._connection = None
