"""The agent contract: an agent is a named bundle of capabilities, a capability one async function over ports.

Request and result are pydantic models, so every face can build its own form of them (help, REST body, MCP tool). A
request field that is None means "as configured": the runtime fills it in from the settings section named here.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, get_type_hints, runtime_checkable

from pydantic import BaseModel

from sutazai.errors.base import ExitCode
from sutazai.errors.usage import PermissionMissing, ScopeMissing
from sutazai.sdk.events import Event
from sutazai.sdk.ports import (
    Analyzer,
    Cache,
    ChatModel,
    Clock,
    Commands,
    Editor,
    Feedback,
    History,
    Ports,
    Profiles,
    Undo,
    Workspace,
)
from sutazai.sdk.principal import Principal

if TYPE_CHECKING:
    from sutazai.sdk.knowledge import DocumentLibrary, DocumentReader, DocumentStore, Embedder, Reranker

PERMISSIONS: Final = {
    "files:read": "read the files that the request names",
    "files:write": "change the files that the request names",
    "commands:run": "run the command that the request names, as the person who asks",
    "model:chat": "talk to the chosen model",
    "documents:read": "search and read the collections of documents",
    "documents:write": "add, change and remove documents of the collections",
    "history:read": "read the history of earlier runs",
    "feedback:read": "read what people said of findings",
    "agents:call": "call capabilities of other agents",
}

RequestT = TypeVar("RequestT", bound=BaseModel)
ResultT = TypeVar("ResultT", bound=BaseModel)


@runtime_checkable
class Recorded(Protocol):
    """A result that history keeps: it can say itself in one line and how the run ended."""

    root: str

    def summary(self) -> str:
        """One line for lists of runs."""

    def outcome(self) -> ExitCode:
        """What a process that ends with this result returns."""


class Caller(Protocol):
    """Runs another capability on behalf of this one."""

    async def __call__(self, capability: str, request: BaseModel) -> BaseModel:
        """The result of `capability`, its events passed on."""


class AgentContext:
    """What a capability may use: ports, opened on first use, if its permissions name them and its caller has them.

    Attributes:
        project_settings: keys that the project's file set: it came with the files at hand and may be hostile, so a
            result that it can change names them.
    """

    def __init__(  # noqa: PLR0913 (each given by name)
        self,
        *,
        capability: str,
        permissions: frozenset[str],
        ports: Ports,
        emit: Callable[[Event], None],
        principal: Principal,
        clock: Clock,
        call: Caller,
        project_settings: Sequence[str] = (),
    ) -> None:
        self.project_settings = tuple(project_settings)
        self.capability = capability
        self.principal = principal
        self.clock = clock
        self.emit = emit
        self.log = logging.getLogger(f"sutazai.agents.{capability}")
        self._permissions = permissions
        self._ports = ports
        self._call = call

    def _need(self, permission: str) -> None:
        if permission not in self._permissions:
            raise PermissionMissing(self.capability, permission)
        if not self.principal.may(permission):
            raise ScopeMissing(self.principal.name, self.capability, permission)

    async def chat(self) -> ChatModel:
        """The chosen model; `open` it before asking. Needs `model:chat`."""
        self._need("model:chat")
        return await self._ports.chat()

    async def profiles(self) -> Profiles:
        """What models were measured to be good for. Needs `model:chat`."""
        self._need("model:chat")
        return await self._ports.profiles()

    async def analyzers(self) -> Sequence[Analyzer]:
        """The static engines. Needs `files:read`."""
        self._need("files:read")
        return await self._ports.analyzers()

    async def workspace(self) -> Workspace:
        """The caller's files. Needs `files:read`."""
        self._need("files:read")
        return await self._ports.workspace()

    async def editor(self) -> Editor:
        """Changes the caller's files. Needs `files:write`."""
        self._need("files:write")
        return await self._ports.editor()

    async def undo(self) -> Undo:
        """What changed files held before. Needs `files:write`."""
        self._need("files:write")
        return await self._ports.undo()

    async def commands(self) -> Commands:
        """Runs commands that the request names. Needs `commands:run`."""
        self._need("commands:run")
        return await self._ports.commands()

    async def documents(self) -> "DocumentLibrary":
        """The tenant's collections, for reading. Needs `documents:read`."""
        self._need("documents:read")
        return await self._ports.documents(self.principal.tenant)

    async def document_store(self) -> "DocumentStore":
        """The tenant's collections, for changing. Needs `documents:write`."""
        self._need("documents:write")
        return await self._ports.documents(self.principal.tenant)

    async def embedder(self) -> "Embedder":
        """The chosen embedding model; `open` it before asking. Needs `documents:read`."""
        self._need("documents:read")
        return await self._ports.embedder()

    async def reranker(self) -> "Reranker | None":
        """The chosen cross-encoder, None where none is configured. Needs `documents:read`."""
        self._need("documents:read")
        return await self._ports.reranker()

    async def reader(self) -> "DocumentReader":
        """Turns files into text. Needs `files:read`."""
        self._need("files:read")
        return await self._ports.reader()

    async def cache(self) -> Cache:
        """Disposable results by content. Needs nothing."""
        return await self._ports.cache()

    async def history(self) -> History:
        """Earlier runs. Needs `history:read`."""
        self._need("history:read")
        return await self._ports.history()

    async def feedback(self) -> Feedback:
        """What people said of findings. Needs `feedback:read`."""
        self._need("feedback:read")
        return await self._ports.feedback()

    async def call(self, capability: str, request: BaseModel) -> BaseModel:
        """Runs another capability. Needs `agents:call`."""
        self._need("agents:call")
        return await self._call(capability, request)


CapabilityFunction = Callable[[Any, AgentContext], Awaitable[BaseModel]]


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing an agent can do.

    Attributes:
        key: the address of runs, routes and tools, e.g. `code.review`.
        settings: the settings section whose values fill request fields that are None; empty for none.
    """

    key: str
    summary: str
    function: CapabilityFunction
    request: type[BaseModel]
    result: type[BaseModel]
    permissions: frozenset[str]
    settings: str = ""


@dataclass(slots=True)
class Agent:
    """A named bundle of capabilities; what a plugin exports.

    Example:
        >>> greeter = Agent("greeter", summary="Says hello")
        >>> @greeter.capability("greet.hello")
        ... async def hello(request: Hello, context: AgentContext) -> Greeting: ...
    """

    name: str
    summary: str
    capabilities: dict[str, Capability] = field(default_factory=dict)

    def capability(
        self, key: str, *, permissions: frozenset[str] | set[str] = frozenset(), settings: str = ""
    ) -> Callable[
        [Callable[[RequestT, AgentContext], Awaitable[ResultT]]], Callable[[RequestT, AgentContext], Awaitable[ResultT]]
    ]:
        """Registers the decorated async function as `key`; its annotations are the request and result models.

        Raises:
            TypeError: the function lacks annotations, a permission is unknown, or the key is taken.
        """
        unknown = set(permissions) - set(PERMISSIONS)
        if unknown or key in self.capabilities:
            reason = f"unknown permissions {sorted(unknown)}" if unknown else "the key is taken"
            raise TypeError(f"capability {key!r} of {self.name!r}: {reason}")

        def register(
            function: Callable[[RequestT, AgentContext], Awaitable[ResultT]],
        ) -> Callable[[RequestT, AgentContext], Awaitable[ResultT]]:
            request, result = _models_of(function, key)
            summary = ((function.__doc__ or "").strip() or key).splitlines()[0]
            self.capabilities[key] = Capability(
                key, summary, function, request, result, frozenset(permissions), settings
            )
            return function

        return register


def _models_of(function: Callable[..., Any], key: str) -> tuple[type[BaseModel], type[BaseModel]]:
    hints = get_type_hints(function)
    result = hints.pop("return", None)
    request = next(iter(hints.values()), None)
    for model in (request, result):
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise TypeError(f"capability {key!r}: request and result must be annotated with pydantic models")
    return request, result  # type: ignore[return-value]
