"""Part of the test kit: conversations in memory."""

from collections.abc import Sequence
from dataclasses import replace

from sutazai.sdk.session import Session


class MemorySessions:
    """Sessions that live as long as the test."""

    def __init__(self, sessions: Sequence[Session] = ()) -> None:
        self.kept = {each.id: each for each in sessions}

    async def save(self, session: Session) -> None:
        """Keeps a session."""
        self.kept[session.id] = session

    async def sessions(self, *, limit: int = 20) -> list[Session]:
        """The latest first, without their turns."""
        latest = sorted(self.kept.values(), key=lambda each: (each.updated_at, each.id), reverse=True)
        return [replace(each, turns=()) for each in latest[: max(0, limit)]]

    async def session(self, session_id: str) -> Session | None:
        """A session by its id or a unique prefix of it."""
        found = [each for key, each in self.kept.items() if session_id and key.startswith(session_id)]
        return self.kept.get(session_id) or (found[0] if len(found) == 1 else None)

    async def delete(self, session_id: str) -> bool:
        """Forgets a session."""
        return self.kept.pop(session_id, None) is not None
