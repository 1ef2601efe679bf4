"""Conversations in the local store: a session is one row, its turns are kept as JSON."""

import json
import sqlite3
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from sutazai.sdk.session import Session, SessionTurn
from sutazai.store.local import LocalStore, as_time_text, encodable, insert, writing

_LISTED: Final = "id, title, agent, collection, started_at, updated_at"


class SessionStore:
    """The port `Sessions` over the local store.

    Args:
        local: the store that holds the file.
        keep: the sessions spoken in last are kept, so many.
    """

    def __init__(self, local: LocalStore, *, keep: int = 200) -> None:
        self._local = local
        self._keep = keep

    async def save(self, session: Session) -> None:
        """Keeps a session, in the place of its older state; the longest silent ones over the quota go.

        Raises:
            StoreError: the file cannot be used.
        """
        await self._local.write(lambda connection: _save(connection, session, self._keep))

    async def sessions(self, *, limit: int = 20) -> list[Session]:
        """The sessions spoken in last, the latest first, without their turns.

        Raises:
            StoreError: the file cannot be used.
        """
        return await self._local.read(lambda connection: _sessions(connection, limit), nothing=[])

    async def session(self, session_id: str) -> Session | None:
        """A session with its turns, by id or unique prefix of it.

        Raises:
            StoreError: the file cannot be used.
        """
        return await self._local.read(lambda connection: _session(connection, session_id), nothing=None)

    async def delete(self, session_id: str) -> bool:
        """Forgets a session by its whole id; tells whether there was one.

        Raises:
            StoreError: the file cannot be used.
        """
        return await self._local.read(lambda connection: _delete(connection, session_id), nothing=False)


def _save(connection: sqlite3.Connection, session: Session, keep: int) -> None:
    row = {
        "id": session.id,
        "title": encodable(session.title),
        "agent": session.agent,
        "collection": session.collection,
        "started_at": as_time_text(session.started_at),
        "updated_at": as_time_text(session.updated_at),
        "turns": json.dumps([asdict(turn) for turn in session.turns]),
    }
    with writing(connection):
        insert(connection, "sessions", row)
        latest = "SELECT id FROM sessions ORDER BY updated_at DESC, id DESC LIMIT ?"
        connection.execute(f"DELETE FROM sessions WHERE id NOT IN ({latest})", [max(1, keep)])  # noqa: S608 (our text)


def _sessions(connection: sqlite3.Connection, limit: int) -> list[Session]:
    order = "ORDER BY updated_at DESC, id DESC LIMIT ?"
    wanted = f"SELECT {_LISTED} FROM sessions {order}"  # noqa: S608 (our own names)
    return [_read(dict(row)) for row in connection.execute(wanted, [max(0, limit)])]


def _session(connection: sqlite3.Connection, session_id: str) -> Session | None:
    prefix = encodable(session_id.strip())
    wanted = "SELECT * FROM sessions WHERE substr(id, 1, length(?)) = ? ORDER BY length(id) LIMIT 2"
    rows = [dict(row) for row in connection.execute(wanted, [prefix, prefix])]
    found = [row for row in rows if row["id"] == prefix] or rows
    return _read(found[0]) if prefix and len(found) == 1 else None


def _delete(connection: sqlite3.Connection, session_id: str) -> bool:
    with writing(connection):
        gone = connection.execute("DELETE FROM sessions WHERE id = ?", [encodable(session_id)])
    return gone.rowcount > 0


def _read(row: dict[str, Any]) -> Session:
    turns = json.loads(row.pop("turns", "[]"))
    times = {key: datetime.fromisoformat(row[key]).astimezone(UTC) for key in ("started_at", "updated_at")}
    return Session(**{**row, **times, "turns": tuple(SessionTurn(**turn) for turn in turns)})
