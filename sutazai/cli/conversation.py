"""One conversation: who is asked, about which documents, what was said so far. Kept after every answer."""

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from sutazai.cli.passage_text import sources_text
from sutazai.errors.store import SessionMissing
from sutazai.rag.report import Source
from sutazai.runtime.talkers import DEFAULT_AGENT, talker
from sutazai.sdk.session import Session, SessionTurn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sutazai.cli.live import View
    from sutazai.runtime.run import Runtime

LAST: Final = "last"
_TITLE: Final = 60


@dataclass(frozen=True, slots=True)
class Scope:
    """What a question is put to: an agent, and which passages of which collection, or which files.

    Attributes:
        collection: None is the configured one.
        paths: files that are talked about, for agents that take some.
    """

    agent: str = DEFAULT_AGENT
    collection: str | None = None
    where: str = ""
    model: bool = True
    paths: tuple[str, ...] = ()


class Conversation:
    """Asks, remembers and keeps what was said.

    Attributes:
        scope: what the next question is put to.
        session: what was said; its id stays when it is taken up again.
        last: the last result.
    """

    def __init__(self, runtime: "Runtime", scope: Scope) -> None:
        self.scope = scope
        self.last: BaseModel | None = None
        self._runtime = runtime
        self.session = self._new()

    async def ask(self, question: str, sink: "View") -> BaseModel:
        """The result of one more question."""
        found = talker(self._runtime.registry, self.scope.agent).capability
        request = self._request(found.request, question)
        result = await self._runtime.run(found.key, request, on_event=sink)
        self.last = result
        answer = str(getattr(result, "text", ""))
        turn = SessionTurn(question, answer, found.key, sources_text(sources_of(result)))
        await self._keep(turn)
        return result

    @property
    def takes_files(self) -> bool:
        """Whether the agent reads the files that a question is about. Others know only what a collection holds."""
        return "paths" in talker(self._runtime.registry, self.scope.agent).capability.request.model_fields

    def begin(self) -> None:
        """Forgets what was said and the files: the next question begins a new conversation."""
        self.put_to(paths=())
        self.session, self.last = self._new(), None

    def put_to(self, **changes: Any) -> None:
        """Changes the scope of what is asked from now on.

        Raises:
            UnknownCapability: the agent is not installed, or cannot be talked to.
        """
        scope = replace(self.scope, **changes)
        talker(self._runtime.registry, scope.agent)
        self.scope = scope

    async def sessions(self) -> list[Session]:
        """The conversations spoken in last."""
        return await (await self._runtime.resources.sessions()).sessions()

    async def resume(self, session_id: str) -> None:
        """Goes on with an earlier conversation: `last`, its id, or the beginning of that.

        Raises:
            SessionMissing: there is no single one.
        """
        store = await self._runtime.resources.sessions()
        listed = await store.sessions(limit=1) if session_id == LAST else []
        wanted = listed[0].id if listed else session_id
        found = await store.session(wanted) if wanted else None
        if found is None:
            raise SessionMissing(session_id)
        self.put_to(agent=found.agent, collection=found.collection or None, paths=())
        self.session, self.last = found, None

    async def _keep(self, turn: SessionTurn) -> None:
        self.session = replace(
            self.session,
            title=self.session.title or " ".join(turn.question.split())[:_TITLE],
            agent=self.scope.agent,
            collection=self.scope.collection or "",
            updated_at=self._runtime.resources.clock.now(),
            turns=(*self.session.turns, turn),
        )
        if self._runtime.resources.settings.history.enabled:
            await (await self._runtime.resources.sessions()).save(self.session)

    def _request(self, model: type[BaseModel], question: str) -> dict[str, Any]:
        said = [{"question": each.question, "answer": each.answer} for each in self.session.turns]
        fields: Mapping[str, Any] = {
            "question": question,
            "history": said,
            "collection": self.scope.collection,
            "where": self.scope.where,
            "model": self.scope.model,
            "paths": self.scope.paths,
        }
        return {key: value for key, value in fields.items() if key in model.model_fields}

    def _new(self) -> Session:
        now = self._runtime.resources.clock.now()
        return Session(secrets.token_hex(6), "", self.scope.agent, self.scope.collection or "", now, now)


def sources_of(result: BaseModel) -> tuple[Source, ...]:
    """The numbered sources of a result, if it has any."""
    found = getattr(result, "sources", ())
    return tuple(each for each in found if isinstance(each, Source))
