"""Conversations with agents that can be taken up again, and the port that keeps them. Pure data, no I/O."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SessionTurn:
    """What was said once and what came back.

    Attributes:
        capability: what answered, e.g. `docs.answer`.
        sources: the numbered sources under the answer, as text, for showing it again.
    """

    question: str
    answer: str
    capability: str = ""
    sources: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation.

    Attributes:
        title: for lists; usually how the first question begins.
        agent: who is being talked to, e.g. `documentation-assistant`.
        collection: the documents that it is about; empty for none.
        turns: oldest first; empty in a list of sessions.
    """

    id: str
    title: str
    agent: str
    collection: str
    started_at: datetime
    updated_at: datetime
    turns: tuple[SessionTurn, ...] = ()


class Sessions(Protocol):
    """Keeps conversations."""

    async def save(self, session: Session) -> None:
        """Keeps a session, in the place of its older state."""

    async def sessions(self, *, limit: int = 20) -> list[Session]:
        """The sessions spoken in last, the latest first, without their turns."""

    async def session(self, session_id: str) -> Session | None:
        """A session with its turns, by id or unique prefix of it."""

    async def delete(self, session_id: str) -> bool:
        """Forgets a session by its whole id; tells whether there was one."""
