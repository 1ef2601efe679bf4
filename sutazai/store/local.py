"""History, feedback and conversations of this machine in one SQLite file.

A review writes here, so reading and writing rows is plain sqlite3; sqlite-utils, slow to import, is loaded only where
the schema is made or changed. The file is precious: it is never deleted here, is copied before its schema changes, and
is readable by its owner alone, since reports hold code.
"""

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sutazai.errors.store import StoreBroken, StoreBusy, StoreTooNew
from sutazai.sdk.ports import RunRecord, Verdict
from sutazai.store.local_migrations import MIGRATIONS
from sutazai.store.owner_only import make_owner_only, with_sides

if TYPE_CHECKING:
    from sqlite_utils import Database

BUSY_S: Final = 5.0
_RETRY_S: Final = 0.02
_LISTED: Final = "id, capability, started_at, seconds, root, summary, exit_code"
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
Migration = Callable[["Database"], None]
T = TypeVar("T")


class LocalStore:
    """The ports `History` and `Feedback` over one file. Every call opens and closes it, in a thread.

    Args:
        path: the file; made, with its folder, when the first row is written.
        keep_runs: the newest so many runs are kept.
        migrations: the steps of the schema; another list only in tests.
        busy_s: how long to wait for another process.
    """

    def __init__(
        self,
        path: Path,
        *,
        keep_runs: int = 200,
        migrations: Sequence[Migration] = MIGRATIONS,
        busy_s: float = BUSY_S,
    ) -> None:
        self._path = path
        self._keep_runs = keep_runs
        self._migrations = migrations
        self._busy_s = busy_s

    async def record(self, run: RunRecord) -> None:
        """Keeps a run; older runs over the quota go.

        Raises:
            StoreError: the file cannot be used.
        """
        await self.write(lambda connection: _record(connection, run, self._keep_runs))

    async def runs(self, *, limit: int = 20, root: str | None = None) -> list[RunRecord]:
        """The newest runs first, without their reports.

        Raises:
            StoreError: the file cannot be used.
        """
        return await self.read(lambda connection: _runs(connection, limit, root), nothing=[])

    async def get(self, run_id: str) -> RunRecord | None:
        """A run with its report, by id or unique prefix of it.

        Raises:
            StoreError: the file cannot be used.
        """
        return await self.read(lambda connection: _get(connection, run_id), nothing=None)

    async def add(self, verdict: Verdict) -> None:
        """Keeps a verdict; the newest one for a fingerprint and root counts.

        Raises:
            StoreError: the file cannot be used.
        """
        await self.write(lambda connection: _add(connection, verdict))

    async def verdicts(self, root: str) -> list[Verdict]:
        """Every verdict that counts for a project, newest first.

        Raises:
            StoreError: the file cannot be used.
        """
        return await self.read(lambda connection: _verdicts(connection, root), nothing=[])

    async def move_aside(self) -> Path | None:
        """Moves the file away at the user's word, so that the next call begins anew; gives where it lies now."""
        return await asyncio.to_thread(self._move_aside)

    async def close(self) -> None:
        """Nothing stays open between calls."""

    def _move_aside(self) -> Path | None:
        if not self._path.exists():
            return None
        aside = _free_name(self._path, "broken")
        for old, new in zip(with_sides(self._path), with_sides(aside), strict=True):
            if old.exists():
                old.rename(new)
        return aside

    async def read(self, work: Callable[[sqlite3.Connection], T], *, nothing: T) -> T:
        """What `work` finds; `nothing` where no file is: making one takes longer than the review that asks.

        Raises:
            StoreError: the file cannot be used.
        """
        return await self.write(work) if self._path.exists() else nothing

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` gives, done in a thread on a connection to the file, which is made if need be.

        Raises:
            StoreError: the file cannot be used.
        """
        return await asyncio.to_thread(self._work, work)

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self._open() as connection:
                return work(connection)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
                raise StoreBusy(str(self._path)) from error
            raise StoreBroken(str(self._path), str(error)) from error
        except OSError as error:
            raise StoreBroken(str(self._path), error.strerror or str(error)) from error

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        make_owner_only(self._path)
        with closing(sqlite3.connect(self._path, timeout=self._busy_s)) as connection:
            _log_ahead(connection, self._busy_s)
            self._migrate(connection)
            connection.row_factory = sqlite3.Row
            yield connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        found = _version(connection)
        known, is_new = len(self._migrations), not found
        if found > known:
            raise StoreTooNew(str(self._path), found, known)
        while found < known:
            if not is_new:
                self._copy(connection, found)
            _step(connection, found, self._migrations[found])
            found = _version(connection)

    def _copy(self, connection: sqlite3.Connection, version: int) -> None:
        """A whole copy beside the file, also of what still lies in the write-ahead log."""
        copy = _free_name(self._path, f"v{version}")
        make_owner_only(copy)
        with closing(sqlite3.connect(copy)) as target:
            connection.backup(target)


def _log_ahead(connection: sqlite3.Connection, busy_s: float) -> None:
    """Sets write-ahead logging once. SQLite itself does not wait here for another process that does so just now."""
    latest = time.monotonic() + busy_s
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _BUSY or time.monotonic() > latest:
                raise
            time.sleep(_RETRY_S)


def _free_name(path: Path, tag: str) -> Path:
    names = (path.with_name(f"{path.name}.{tag}{'' if not n else f'-{n}'}") for n in range(10_000))
    return next(name for name in names if not name.exists())


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _step(connection: sqlite3.Connection, version: int, migration: Migration) -> None:
    """One step in one transaction; another process may have done it meanwhile."""
    from sqlite_utils import Database  # noqa: PLC0415 (loaded only when used)

    with writing(connection):
        if _version(connection) == version:
            migration(Database(connection))
            connection.execute(f"PRAGMA user_version = {version + 1}")


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that takes the lock at once: one that begins by reading cannot wait for another process."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _record(connection: sqlite3.Connection, run: RunRecord, keep: int) -> None:
    row = {
        "id": run.id,
        "capability": run.capability,
        "started_at": as_time_text(run.started_at),
        "seconds": run.seconds,
        "root": encodable(run.root),
        "summary": encodable(run.summary),
        "exit_code": int(run.exit_code),
        "report": json.dumps(run.report),
    }
    with writing(connection):
        insert(connection, "runs", row)
        newest = "SELECT id FROM runs ORDER BY started_at DESC, id DESC LIMIT ?"
        connection.execute(f"DELETE FROM runs WHERE id NOT IN ({newest})", [max(0, keep)])  # noqa: S608 (our own text)


def _runs(connection: sqlite3.Connection, limit: int, root: str | None) -> list[RunRecord]:
    where, values = ("WHERE root = ?", [encodable(root)]) if root is not None else ("", [])
    order = "ORDER BY started_at DESC, id DESC LIMIT ?"
    wanted = f"SELECT {_LISTED} FROM runs {where} {order}"  # noqa: S608 (our own names)
    rows = connection.execute(wanted, [*values, max(0, limit)])
    return [_run(dict(row)) for row in rows]


def _get(connection: sqlite3.Connection, run_id: str) -> RunRecord | None:
    prefix = encodable(run_id.strip())
    wanted = "SELECT * FROM runs WHERE substr(id, 1, length(?)) = ? ORDER BY length(id) LIMIT 2"
    rows = [dict(row) for row in connection.execute(wanted, [prefix, prefix])]
    found = [row for row in rows if row["id"] == prefix] or rows
    return _run(found[0]) if prefix and len(found) == 1 else None


def _run(row: dict[str, Any]) -> RunRecord:
    report = json.loads(row.pop("report", "{}"))
    return RunRecord(**{**row, "started_at": datetime.fromisoformat(row["started_at"]), "report": report})


def _add(connection: sqlite3.Connection, verdict: Verdict) -> None:
    row = {
        "root": encodable(verdict.root),
        "fingerprint": verdict.fingerprint,
        "rule": verdict.rule,
        "verdict": verdict.verdict,
        "reason": encodable(verdict.reason),
        "at": as_time_text(verdict.at),
        "engines": json.dumps(verdict.engines),
        "confidence": verdict.confidence,
    }
    with writing(connection):
        insert(connection, "verdicts", row)


def _verdicts(connection: sqlite3.Connection, root: str) -> list[Verdict]:
    wanted = "SELECT * FROM verdicts WHERE root = ? ORDER BY at DESC, fingerprint"
    return [
        Verdict(**{**dict(row), "at": datetime.fromisoformat(row["at"]), "engines": tuple(json.loads(row["engines"]))})
        for row in connection.execute(wanted, [encodable(root)])
    ]


def insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    """Puts a row into a table, in the place of an older one with its key."""
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({values})", row)  # noqa: S608 (our own names)


def as_time_text(at: datetime) -> str:
    """A time as text that sorts as the time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def encodable(text: str) -> str:
    """Text that SQLite can hold; a lone surrogate (of an undecodable file name) keeps its number."""
    return text.encode(errors="backslashreplace").decode()
