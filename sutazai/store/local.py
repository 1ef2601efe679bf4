"""History and feedback of this machine in one SQLite file, by sqlite-utils, which is loaded at the first call.

The file is precious: it is never deleted here, is copied before its schema changes, and is readable by its owner
alone, since reports hold code.
"""

import asyncio
import json
import sqlite3
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
_LISTED: Final = "id, capability, started_at, seconds, root, summary, exit_code"
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
Migration = Callable[["Database"], None]
T = TypeVar("T")


class LocalStore:
    """The ports `History` and `Feedback` over one file. Every call opens and closes it, in a thread.

    Args:
        path: the file; made, with its folder, at the first call.
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
        await self._in_thread(lambda database: _record(database, run, self._keep_runs))

    async def runs(self, *, limit: int = 20, root: str | None = None) -> list[RunRecord]:
        """The newest runs first, without their reports.

        Raises:
            StoreError: the file cannot be used.
        """
        return await self._in_thread(lambda database: _runs(database, limit, root))

    async def get(self, run_id: str) -> RunRecord | None:
        """A run with its report, by id or unique prefix of it.

        Raises:
            StoreError: the file cannot be used.
        """
        return await self._in_thread(lambda database: _get(database, run_id))

    async def add(self, verdict: Verdict) -> None:
        """Keeps a verdict; the newest one for a fingerprint and root counts.

        Raises:
            StoreError: the file cannot be used.
        """
        await self._in_thread(lambda database: _add(database, verdict))

    async def verdicts(self, root: str) -> list[Verdict]:
        """Every verdict that counts for a project, newest first.

        Raises:
            StoreError: the file cannot be used.
        """
        return await self._in_thread(lambda database: _verdicts(database, root))

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

    async def _in_thread(self, work: Callable[["Database"], T]) -> T:
        return await asyncio.to_thread(self._work, work)

    def _work(self, work: Callable[["Database"], T]) -> T:
        try:
            with self._open() as database:
                return work(database)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
                raise StoreBusy(str(self._path)) from error
            raise StoreBroken(str(self._path), str(error)) from error
        except OSError as error:
            raise StoreBroken(str(self._path), error.strerror or str(error)) from error

    @contextmanager
    def _open(self) -> Iterator["Database"]:
        from sqlite_utils import Database  # noqa: PLC0415 (loaded only when used)

        make_owner_only(self._path)
        with closing(sqlite3.connect(self._path, timeout=self._busy_s)) as connection:
            # SQLite does not wait here for another process that opens the file at the same time: it is set already.
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                connection.execute("PRAGMA journal_mode = WAL")
            database = Database(connection)
            self._migrate(database)
            yield database

    def _migrate(self, database: "Database") -> None:
        found = _version(database.conn)
        known = len(self._migrations)
        if found > known:
            raise StoreTooNew(str(self._path), found, known)
        while found < known:
            if found:
                self._copy(database.conn, found)
            _step(database, found, self._migrations[found])
            found = _version(database.conn)

    def _copy(self, connection: sqlite3.Connection, version: int) -> None:
        """A whole copy beside the file, also of what still lies in the write-ahead log."""
        copy = _free_name(self._path, f"v{version}")
        make_owner_only(copy)
        with closing(sqlite3.connect(copy)) as target:
            connection.backup(target)


def _free_name(path: Path, tag: str) -> Path:
    names = (path.with_name(f"{path.name}.{tag}{'' if not n else f'-{n}'}") for n in range(10_000))
    return next(name for name in names if not name.exists())


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _step(database: "Database", version: int, migration: Migration) -> None:
    """One step in one transaction; another process may have done it meanwhile."""
    with _writing(database):
        if _version(database.conn) == version:
            migration(database)
            database.conn.execute(f"PRAGMA user_version = {version + 1}")


@contextmanager
def _writing(database: "Database") -> Iterator[None]:
    """One transaction that takes the lock at once: one that begins by reading cannot wait for another process."""
    database.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.conn.rollback()
        raise
    database.conn.commit()


def _record(database: "Database", run: RunRecord, keep: int) -> None:
    row = {
        "id": run.id,
        "capability": run.capability,
        "started_at": _text(run.started_at),
        "seconds": run.seconds,
        "root": _encodable(run.root),
        "summary": _encodable(run.summary),
        "exit_code": int(run.exit_code),
        "report": json.dumps(run.report),
    }
    with _writing(database):
        database.table("runs").insert(row, replace=True)
        newest = "SELECT id FROM runs ORDER BY started_at DESC, id DESC LIMIT ?"
        database.table("runs").delete_where(f"id NOT IN ({newest})", [max(0, keep)])


def _runs(database: "Database", limit: int, root: str | None) -> list[RunRecord]:
    where, values = ("root = ?", [_encodable(root)]) if root is not None else (None, [])
    rows = database.table("runs").rows_where(
        where, values, order_by="started_at DESC, id DESC", limit=max(0, limit), select=_LISTED
    )
    return [_run(row) for row in rows]


def _get(database: "Database", run_id: str) -> RunRecord | None:
    prefix = _encodable(run_id.strip())
    where = "substr(id, 1, length(?)) = ?"
    rows = list(database.table("runs").rows_where(where, [prefix, prefix], limit=2, order_by="length(id)"))
    found = [row for row in rows if row["id"] == prefix] or rows
    return _run(found[0]) if prefix and len(found) == 1 else None


def _run(row: dict[str, Any]) -> RunRecord:
    report = json.loads(row.pop("report", "{}"))
    return RunRecord(**{**row, "started_at": datetime.fromisoformat(row["started_at"]), "report": report})


def _add(database: "Database", verdict: Verdict) -> None:
    row = {
        "root": _encodable(verdict.root),
        "fingerprint": verdict.fingerprint,
        "rule": verdict.rule,
        "verdict": verdict.verdict,
        "reason": _encodable(verdict.reason),
        "at": _text(verdict.at),
        "engines": json.dumps(verdict.engines),
        "confidence": verdict.confidence,
    }
    with _writing(database):
        database.table("verdicts").insert(row, replace=True)


def _verdicts(database: "Database", root: str) -> list[Verdict]:
    rows = database.table("verdicts").rows_where("root = ?", [_encodable(root)], order_by="at DESC, fingerprint")
    return [
        Verdict(**{**row, "at": datetime.fromisoformat(row["at"]), "engines": tuple(json.loads(row["engines"]))})
        for row in rows
    ]


def _text(at: datetime) -> str:
    """A time as text that sorts as the time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _encodable(text: str) -> str:
    """Text that SQLite can hold; a lone surrogate (of an undecodable file name) keeps its number."""
    return text.encode(errors="backslashreplace").decode()
