"""The test kit: a scripted model, stores in memory and `collect()`, for plugin authors and for ourselves.

Ships with the package because whoever writes an agent needs it; opens no socket and no file.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sutazai.errors.files import TargetMissing
from sutazai.errors.fixes import NothingToUndo, TargetChanged
from sutazai.errors.usage import UnknownCapability
from sutazai.sdk.agent import Agent, AgentContext
from sutazai.sdk.chat import ChatChunk, ChatReply, ChatRequest, ModelInfo, TokenLogprob, Usage
from sutazai.sdk.events import Event
from sutazai.sdk.ports import Analyzer, Application, CommandEnded, FileChange, RunRecord, Verdict
from sutazai.sdk.principal import local_principal
from sutazai.sdk.profile import ModelProfile
from sutazai.sdk.source import Collection, Selection, SourceFile
from sutazai.sdk.testing_documents import DocumentPorts

Scripted = str | ChatReply | BaseException


class ScriptedChat:
    """A model that answers from a queue, or from a function of the request, and remembers what it was asked.

    Args:
        replies: the answers in order: text, a whole `ChatReply`, or an exception; or a function that gives one.
        info: what the model says of itself.
    """

    def __init__(
        self, replies: Sequence[Scripted] | Callable[[ChatRequest], Scripted] = (), *, info: ModelInfo | None = None
    ) -> None:
        self.info = info or ModelInfo(name="scripted", runtime="scripted", digest="0" * 64, why="a test")
        self.requests: list[ChatRequest] = []
        self.opened = self.closed = 0
        self._function = replies if callable(replies) else None
        self._queue = [] if callable(replies) else list(replies)

    async def open(self) -> None:
        """Counts the call."""
        self.opened += 1

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """The next reply, in two chunks."""
        self.requests.append(request)
        reply = self._next(request)
        if isinstance(reply, BaseException):
            raise reply
        if isinstance(reply, str):
            usage = Usage(prompt_tokens=_words(request), completion_tokens=len(reply.split()))
            reply = ChatReply(reply, "stop", usage=usage)
        yield ChatChunk(reply.text, reply.logprobs)
        yield ChatChunk(finish=reply.finish, usage=reply.usage)

    def _next(self, request: ChatRequest) -> Scripted:
        if self._function is not None:
            return self._function(request)
        if not self._queue:
            raise AssertionError(f"the script has no reply left for {request}")
        return self._queue.pop(0)

    async def close(self) -> None:
        """Counts the call."""
        self.closed += 1


def _words(request: ChatRequest) -> int:
    return len((request.prompt or " ".join(each.content for each in request.messages)).split())


def next_token(*alternatives: tuple[str, float]) -> ChatReply:
    """A one-token reply with these (token, log-probability) alternatives, best first."""
    top = tuple(TokenLogprob(token, logprob) for token, logprob in alternatives)
    best = top[0]
    return ChatReply(best.token, "length", (TokenLogprob(best.token, best.logprob, top),), Usage(1, 1))


class MemoryCache:
    """A cache that lives as long as the test."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        """The stored text, or None."""
        return self.entries.get(key)

    async def put(self, key: str, value: str) -> None:
        """Stores text."""
        self.entries[key] = value

    async def get_many(self, keys: Sequence[str]) -> dict[str, str]:
        """The stored texts by key."""
        return {key: self.entries[key] for key in keys if key in self.entries}

    async def put_many(self, entries: Mapping[str, str]) -> None:
        """Stores texts."""
        self.entries.update(entries)


class MemoryHistory:
    """A history that lives as long as the test."""

    def __init__(self) -> None:
        self.records: list[RunRecord] = []

    async def record(self, run: RunRecord) -> None:
        """Keeps a run."""
        self.records.append(run)

    async def runs(self, *, limit: int = 20, root: str | None = None) -> list[RunRecord]:
        """The newest first, without their reports."""
        ours = (run for run in reversed(self.records) if root in (None, run.root))
        return [replace(run, report={}) for run in islice(ours, limit)]

    async def get(self, run_id: str) -> RunRecord | None:
        """A run by its id or a unique prefix of it."""
        found = [run for run in self.records if run.id == run_id]
        found = found or [run for run in self.records if run.id.startswith(run_id)]
        return found[0] if len(found) == 1 else None


class MemoryFeedback:
    """Feedback that lives as long as the test."""

    def __init__(self) -> None:
        self.given: list[Verdict] = []

    async def add(self, verdict: Verdict) -> None:
        """Keeps a verdict in the place of an older one for the same finding."""
        same = (verdict.fingerprint, verdict.root)
        self.given = [each for each in self.given if (each.fingerprint, each.root) != same]
        self.given.append(verdict)

    async def verdicts(self, root: str) -> list[Verdict]:
        """The newest first."""
        return [each for each in reversed(self.given) if each.root == root]


class MemoryProfiles:
    """The same profile for every model until another is saved."""

    def __init__(self, profile: ModelProfile | None = None) -> None:
        self.profile = profile or ModelProfile()

    def of(self, info: ModelInfo) -> ModelProfile:  # noqa: ARG002 (the port's form)
        """The one profile."""
        return self.profile

    def save(self, info: ModelInfo, profile: ModelProfile) -> None:  # noqa: ARG002 (the port's form)
        """Replaces the one profile."""
        self.profile = profile


class MemoryWorkspace:
    """Files that exist only in the test; the language is taken from the ending `.py`.

    Args:
        files: text by path, or whole `SourceFile`s.
    """

    def __init__(self, files: Mapping[str, str] | Sequence[SourceFile] = ()) -> None:
        if isinstance(files, Mapping):
            files = [SourceFile(p, text, "python" if p.endswith(".py") else "") for p, text in files.items()]
        self.files = tuple(files)
        self.selections: list[Selection] = []
        self.written: dict[str, str] = {}

    async def collect(self, selection: Selection) -> Collection:
        """All the files, whatever was selected."""
        self.selections.append(selection)
        return Collection(Path("/memory"), self.files)

    async def read(self, path: str) -> str | None:
        """What was written, or the file of that path."""
        return self.written.get(path, next((each.text for each in self.files if each.path == path), None))

    async def write(self, path: str, text: str) -> None:
        """Keeps the text."""
        self.written[path] = text


class MemoryEditor:
    """Changes the files of a `MemoryWorkspace`, for which it makes bytes of their text."""

    def __init__(self, files: Callable[[], MemoryWorkspace]) -> None:
        self._files = files
        self.replaced: list[FileChange] = []

    async def read(self, root: Path, path: str) -> bytes:  # noqa: ARG002 (the port's form)
        """The bytes of a file."""
        text = await self._files().read(path)
        if text is None:
            raise TargetMissing(path)
        return text.encode()

    async def replace(self, root: Path, change: FileChange) -> None:
        """Puts `after` in the place of `before`."""
        if await self.read(root, change.path) != change.before:
            raise TargetChanged(change.path)
        self.replaced.append(change)
        await self._files().write(change.path, change.after.decode())


class MemoryUndo:
    """Applications that live as long as the test, the newest last."""

    def __init__(self) -> None:
        self.applications: list[Application] = []
        self._count = 0

    async def keep(self, root: Path, changes: Sequence[FileChange]) -> str:
        """Keeps an application."""
        self._count += 1
        key = str(self._count)
        self.applications.append(Application(key, root, datetime(2026, 1, 1, tzinfo=UTC), tuple(changes)))
        return key

    async def last(self, paths: Sequence[str] = ()) -> Application:
        """The newest one, wherever it was made."""
        if not self.applications:
            raise NothingToUndo(", ".join(paths) or ".")
        return self.applications[-1]

    async def forget(self, application: str) -> None:
        """Drops one."""
        self.applications = [each for each in self.applications if each.id != application]


class MemoryCommands:
    """Commands that end as the test says: with 0, or as `ends` tells from the words of the command."""

    def __init__(self, ends: Callable[[Sequence[str]], CommandEnded | BaseException] | None = None) -> None:
        self.ends = ends
        self.asked: list[tuple[str, ...]] = []

    async def run(self, argv: Sequence[str], *, timeout_s: float) -> CommandEnded:  # noqa: ARG002
        """How the command ended."""
        self.asked.append(tuple(argv))
        ended = self.ends(argv) if self.ends else CommandEnded(0, "")
        if isinstance(ended, BaseException):
            raise ended
        return ended


class FixedClock:
    """A clock that moves only when told, or by `step_s` at each look at `monotonic`."""

    def __init__(self, *, step_s: float = 0.0) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)
        self.step_s = step_s
        self._seconds = 0.0

    def now(self) -> datetime:
        """The fixed time."""
        return self.time

    def monotonic(self) -> float:
        """Seconds since the start, moved by one step."""
        self._seconds += self.step_s
        return self._seconds

    def advance(self, seconds: float) -> None:
        """Moves both times."""
        self._seconds += seconds
        self.time += timedelta(seconds=seconds)


@dataclass
class MemoryPorts(DocumentPorts):
    """Every port in memory; replace what the test is about. `model` may be an exception: then no model can be had."""

    model: ScriptedChat | BaseException = field(default_factory=ScriptedChat)
    engines: Sequence[Analyzer] = ()
    files: MemoryWorkspace = field(default_factory=MemoryWorkspace)
    store: MemoryCache = field(default_factory=MemoryCache)
    past: MemoryHistory = field(default_factory=MemoryHistory)
    said: MemoryFeedback = field(default_factory=MemoryFeedback)
    measured: MemoryProfiles = field(default_factory=MemoryProfiles)
    edits: MemoryEditor | None = None
    kept: MemoryUndo = field(default_factory=MemoryUndo)
    tools: MemoryCommands = field(default_factory=MemoryCommands)

    async def chat(self) -> ScriptedChat:
        """The scripted model."""
        if isinstance(self.model, BaseException):
            raise self.model
        return self.model

    async def analyzers(self) -> Sequence[Analyzer]:
        """The given engines."""
        return self.engines

    async def workspace(self) -> MemoryWorkspace:
        """The given files."""
        return self.files

    async def editor(self) -> MemoryEditor:
        """Changes the given files."""
        self.edits = self.edits or MemoryEditor(lambda: self.files)
        return self.edits

    async def undo(self) -> MemoryUndo:
        """What was kept."""
        return self.kept

    async def commands(self) -> MemoryCommands:
        """The commands."""
        return self.tools

    async def cache(self) -> MemoryCache:
        """The cache."""
        return self.store

    async def history(self) -> MemoryHistory:
        """The history."""
        return self.past

    async def feedback(self) -> MemoryFeedback:
        """The feedback."""
        return self.said

    async def profiles(self) -> MemoryProfiles:
        """The profiles."""
        return self.measured


@dataclass(frozen=True, slots=True)
class Collected:
    """What one run gave: its result and its events, in order, numbered as the runtime would."""

    result: Any
    events: list[Event]

    def of(self, kind: str) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if event.kind == kind]


async def collect(
    agent: Agent,
    capability: str,
    request: BaseModel,
    ports: MemoryPorts | None = None,
    clock: FixedClock | None = None,
    *,
    project_settings: Sequence[str] = (),
) -> Collected:
    """Runs one capability of an agent over ports in memory; an error of the capability is raised as it is."""
    events: list[Event] = []
    clock = clock or FixedClock()

    def emit(event: Event) -> None:
        events.append(event.model_copy(update={"task": "test", "seq": len(events) + 1, "at": clock.now()}))

    async def call(capability: str, request: BaseModel) -> BaseModel:
        found = agent.capabilities.get(capability)
        if found is None:
            raise UnknownCapability(capability, list(agent.capabilities))
        return await found.function(request, context_of(capability))

    def context_of(name: str) -> AgentContext:
        return AgentContext(
            capability=name,
            permissions=agent.capabilities[name].permissions,
            ports=ports or MemoryPorts(),
            emit=emit,
            principal=local_principal(),
            clock=clock,
            call=call,
            project_settings=project_settings,
        )

    return Collected(await call(capability, request), events)
