"""The cache of results by content, on the standard library's sqlite3. Everything in it may be lost at any time.

Never an error for the user: a cache that cannot be read or written is silently off for the rest of the run.

Calls run on the caller's thread. Measured: a look-up takes 0.01 ms, a write 0.05 ms (no fsync in WAL mode with
`synchronous=NORMAL`), as much as handing work to a thread and back (0.04 ms); a file locked by another process
costs at most `BUSY_MS`, then the call counts as a miss.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from sutazai.store.owner_only import make_owner_only, with_sides

SCHEMA_VERSION: Final = 1
BUSY_MS: Final = 100
_ROW_BYTES: Final = 64
# Moving an entry to the front at most once an hour keeps look-ups free of writes.
_TOUCH_AFTER_S: Final = 3600
_ROOM: Final = 0.9
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_BROKEN: Final = frozenset(
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH}
)
_TABLES: Final = (
    "CREATE TABLE entries (key TEXT PRIMARY KEY, value TEXT NOT NULL, size INTEGER NOT NULL, used REAL NOT NULL)",
    "CREATE INDEX by_use ON entries (used)",
    "CREATE TABLE total (bytes INTEGER NOT NULL)",
    "INSERT INTO total VALUES (0)",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
_log: Final = logging.getLogger(__name__)
T = TypeVar("T")


class NullCache:
    """A cache that forgets everything."""

    async def get(self, key: str) -> str | None:  # noqa: ARG002 (the port's form)
        """Always a miss."""
        return None

    async def put(self, key: str, value: str) -> None:
        """Keeps nothing."""

    async def get_many(self, keys: Sequence[str]) -> dict[str, str]:  # noqa: ARG002 (the port's form)
        """Misses only."""
        return {}

    async def put_many(self, entries: Mapping[str, str]) -> None:
        """Keeps nothing."""


class SqliteCache:
    """Text by key in one file, the least recently used going first where the quota is reached.

    Args:
        path: the file; made, with its folder, at the first call.
        quota_bytes: of keys and values together; a larger value is not kept.
        now: seconds, for the order of use.
    """

    def __init__(self, path: Path, *, quota_bytes: int, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._quota_bytes = quota_bytes
        self._now = now
        self._connection: sqlite3.Connection | None = None
        self._off = False

    async def get(self, key: str) -> str | None:
        """The stored text, or None."""
        return self._safely(lambda connection: self._get(connection, key), None)

    async def put(self, key: str, value: str) -> None:
        """Stores text; losing it later is allowed."""
        await self.put_many({key: value})

    async def get_many(self, keys: Sequence[str]) -> dict[str, str]:
        """The stored texts by key; a key without one is left out."""
        found: dict[str, str | None] = self._safely(lambda c: {key: self._get(c, key) for key in keys}, {})
        return {key: value for key, value in found.items() if value is not None}

    async def put_many(self, entries: Mapping[str, str]) -> None:
        """Stores texts in one transaction; one that is larger than the quota is not kept."""
        sized = {
            key: len(key.encode(errors="replace")) + len(value.encode(errors="replace")) + _ROW_BYTES
            for key, value in entries.items()
        }
        fitting = [(key, entries[key], size) for key, size in sized.items() if size <= self._quota_bytes]
        if fitting:
            self._safely(lambda connection: self._put(connection, fitting), None)

    async def size(self) -> int:
        """Bytes on disk."""
        return sum(each.stat().st_size for each in with_sides(self._path) if each.is_file())

    async def clean(self) -> int:
        """Forgets everything; gives the bytes that this freed on disk."""
        before = await self.size()
        if before:
            self._safely(_empty, None)
        return max(0, before - await self.size())

    async def close(self) -> None:
        """Lets go of the file; safe to call twice, and the cache may be used again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _get(self, connection: sqlite3.Connection, key: str) -> str | None:
        row = connection.execute("SELECT value, used FROM entries WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        if row[1] < self._now() - _TOUCH_AFTER_S:
            connection.execute("UPDATE entries SET used = ? WHERE key = ?", (self._now(), key))
        return str(row[0])

    def _put(self, connection: sqlite3.Connection, entries: Sequence[tuple[str, str, int]]) -> None:
        with _Transaction(connection):
            for key, value, size in entries:
                self._put_one(connection, key, value, size)

    def _put_one(self, connection: sqlite3.Connection, key: str, value: str, size: int) -> None:
        old = connection.execute("SELECT size FROM entries WHERE key = ?", (key,)).fetchone()
        connection.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", (key, value, size, self._now()))
        connection.execute("UPDATE total SET bytes = bytes + ?", (size - (old[0] if old else 0),))
        ((total,),) = connection.execute("SELECT bytes FROM total").fetchall()
        if total > self._quota_bytes:
            self._evict(connection, key, total)

    def _evict(self, connection: sqlite3.Connection, newest: str, total: int) -> None:
        """Makes some room at once, so that not every later write has to."""
        going: list[tuple[str]] = []
        for key, size in connection.execute("SELECT key, size FROM entries WHERE key != ? ORDER BY used", (newest,)):
            if total <= self._quota_bytes * _ROOM:
                break
            going.append((key,))
            total -= size
        connection.executemany("DELETE FROM entries WHERE key = ?", going)
        connection.execute("UPDATE total SET bytes = ?", (total,))

    def _safely(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Does the work; a broken file is thrown away once, anything else switches the cache off."""
        for again in (True, False):
            if self._off:
                return otherwise
            try:
                return work(self._open())
            except sqlite3.Error as error:
                code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
                if code in _BUSY:
                    return otherwise
                if not (code in _BROKEN and again and self._discard()):
                    self._switch_off(error)
            except UnicodeEncodeError:
                return otherwise
            except OSError as error:
                self._switch_off(error)
        return otherwise

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            make_owner_only(self._path)
            connection = sqlite3.connect(
                self._path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False
            )
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _discard(self) -> bool:
        """Throws the files away; they are only a cache."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        _log.debug("the cache %s is broken and begun anew", self._path)
        try:
            for each in reversed(with_sides(self._path)):
                each.unlink(missing_ok=True)
        except OSError:
            return False
        return True

    def _switch_off(self, error: Exception) -> None:
        _log.debug("the cache %s is off: %s", self._path, error)
        self._off = True
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Transaction:
    """One write at a time: takes the lock at once, so that a read inside cannot go stale."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._connection.execute("COMMIT")
        elif self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if _version(connection) == SCHEMA_VERSION:
        return
    with _Transaction(connection):
        if _version(connection) != SCHEMA_VERSION:
            _begin_anew(connection)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _begin_anew(connection: sqlite3.Connection) -> None:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (name,) in names:
        quoted = name.replace('"', '""')
        connection.execute(f'DROP TABLE IF EXISTS "{quoted}"')
    for statement in _TABLES:
        connection.execute(statement)


def _empty(connection: sqlite3.Connection) -> None:
    with _Transaction(connection):
        connection.execute("DELETE FROM entries")
        connection.execute("UPDATE total SET bytes = 0")
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
