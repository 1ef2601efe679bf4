"""The schema of the local store, step by step. A step that was released is never changed: a new one is added."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlite_utils import Database


def _runs_and_verdicts(database: "Database") -> None:
    database.table("runs").create(
        {
            "id": str,
            "capability": str,
            "started_at": str,
            "seconds": float,
            "root": str,
            "summary": str,
            "exit_code": int,
            "report": str,
        },
        pk="id",
    ).create_index(["started_at"])
    database.table("verdicts").create(
        {
            "root": str,
            "fingerprint": str,
            "rule": str,
            "verdict": str,
            "reason": str,
            "at": str,
            "engines": str,
            "confidence": float,
        },
        pk=("root", "fingerprint"),
    )


def _sessions(database: "Database") -> None:
    database.table("sessions").create(
        {
            "id": str,
            "title": str,
            "agent": str,
            "collection": str,
            "started_at": str,
            "updated_at": str,
            "turns": str,
        },
        pk="id",
    ).create_index(["updated_at"])


MIGRATIONS: Final[tuple[Callable[["Database"], None], ...]] = (_runs_and_verdicts, _sessions)
