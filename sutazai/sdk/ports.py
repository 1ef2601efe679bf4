"""What features need of the outside, as protocols. Adapters implement them, only `runtime` joins the two.

An adapter never imports a feature, a feature never imports an adapter: they meet here.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sutazai.sdk.chat import ChatChunk, ChatRequest, ModelInfo
from sutazai.sdk.finding import Finding
from sutazai.sdk.profile import ModelProfile
from sutazai.sdk.rule import Rule
from sutazai.sdk.source import Collection, Selection, Skipped, SourceFile

if TYPE_CHECKING:
    from sutazai.sdk.knowledge import DocumentReader, DocumentStore, Embedder, Reranker


class ChatModel(Protocol):
    """A model that continues text. One contract suite runs over every implementation."""

    @property
    def info(self) -> ModelInfo:
        """Which model this is; complete only after `open`."""

    async def open(self) -> None:
        """Makes the model ready (starts the child, loads the weights); harmless when done already.

        Raises:
            ModelError: the model cannot be had; the subclass says why and what to do.
        """

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """The reply, piece by piece; the last chunk has `finish` set. Closing the generator cancels the work.

        Raises:
            PromptTooLong: the prompt does not fit; nothing was cut.
            ModelError: anything else that keeps the model from answering.
        """

    async def close(self) -> None:
        """Frees everything; safe to call twice."""


class Analyzer(Protocol):
    """A static engine: looks at files, never at a model.

    An engine that follows calls from file to file sets `across_files = True`: its results are reused only where no
    file of the batch changed. One that is sooner done with several batches at once sets `batches_at_once = True`.
    """

    @property
    def name(self) -> str:
        """The engine's name as it stands in `Finding.engines`."""

    @property
    def version(self) -> str:
        """Changes whenever results could change: part of cache keys."""

    def accepts(self, source: SourceFile) -> bool:
        """Whether this engine can say anything about the file."""

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules this engine can report, by id."""

    async def analyze(self, files: Sequence[SourceFile]) -> "AnalyzerReport":
        """Everything found in `files` (all accepted). Never raises for bad input: that file goes into `failed`."""


@dataclass(frozen=True, slots=True)
class AnalyzerReport:
    """What an engine found, and the files it could not analyse, with reasons."""

    findings: tuple[Finding, ...] = ()
    failed: tuple[Skipped, ...] = ()


class Workspace(Protocol):
    """The files a person works on: reading, never outside the root."""

    async def collect(self, selection: Selection) -> Collection:
        """The files of a selection.

        Raises:
            TargetError: nothing of what was asked for can be read.
            UsageError: a diff that is none, no repository where one is needed, an unknown revision.
        """

    async def read(self, path: str) -> str | None:
        """The text of a small file under the root (a baseline), None if it is not there.

        Raises:
            TargetError: the path leaves the root, or the file cannot be read.
        """

    async def write(self, path: str, text: str) -> None:
        """Replaces a file under the root atomically.

        Raises:
            TargetError: the path leaves the root, or the file cannot be written.
        """


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file under a root, before and after a change: its bytes, so that byte-order mark and line ends survive."""

    path: str
    before: bytes
    after: bytes


class Editor(Protocol):
    """Changes files that exist, never others and never outside of the root."""

    async def read(self, root: Path, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            TargetError: the path leaves the root, or the file cannot be read.
        """

    async def replace(self, root: Path, change: FileChange) -> None:
        """Puts `after` in the place of `before`, whole or not at all.

        Raises:
            TargetChanged: the file no longer holds `before`; nothing was written.
            TargetError: the path leaves the root, or the file cannot be read or written.
        """


@dataclass(frozen=True, slots=True)
class Application:
    """Changes that were made to files under one root."""

    id: str
    root: Path
    at: datetime
    changes: tuple[FileChange, ...]


class Undo(Protocol):
    """Keeps what files held before they were changed, so that the change can be taken back."""

    async def keep(self, root: Path, changes: Sequence[FileChange]) -> str:
        """Keeps an application and gives its id. Called before the first file is written; older ones go at a limit.

        Raises:
            UndoUnusable: nothing can be kept.
        """

    async def last(self, paths: Sequence[str] = ()) -> Application:
        """The newest application around the given paths (none: the caller's folder), above or below them.

        Raises:
            NothingToUndo: there is none.
            UndoUnusable: what was kept cannot be read.
        """

    async def forget(self, application: str) -> None:
        """Drops an application that was taken back."""


@dataclass(frozen=True, slots=True)
class CommandEnded:
    """How a command ended. `output` is the last of what it wrote."""

    returncode: int
    output: str


class Commands(Protocol):
    """Runs a command that the caller named, without a shell."""

    async def run(self, argv: Sequence[str], *, timeout_s: float) -> CommandEnded:
        """How it ended; it runs in the caller's folder.

        Raises:
            ToolError: it cannot be found or started, wrote too much, or did not end in time.
        """


class Cache(Protocol):
    """Disposable results by content: a miss is always right."""

    async def get(self, key: str) -> str | None:
        """The stored text, or None."""

    async def put(self, key: str, value: str) -> None:
        """Stores text; losing it later is allowed."""

    async def get_many(self, keys: Sequence[str]) -> dict[str, str]:
        """The stored texts by key; a key without one is left out."""

    async def put_many(self, entries: Mapping[str, str]) -> None:
        """Stores texts in one go."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One finished run, as history keeps it. `report` is the capability's result, dumped for JSON."""

    id: str
    capability: str
    started_at: datetime
    seconds: float
    root: str
    summary: str
    exit_code: int
    report: dict[str, Any] = field(default_factory=dict)


class History(Protocol):
    """What was run on this machine."""

    async def record(self, run: RunRecord) -> None:
        """Keeps a run; older runs over the quota go."""

    async def runs(self, *, limit: int = 20, root: str | None = None) -> list[RunRecord]:
        """The newest runs first, without their reports."""

    async def get(self, run_id: str) -> RunRecord | None:
        """A run with its report, by id or unique prefix of it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person said of a finding. `verdict` is `accepted` or `dismissed`."""

    fingerprint: str
    rule: str
    verdict: str
    reason: str
    root: str
    at: datetime
    engines: tuple[str, ...] = ()
    confidence: float = 0.0


class Feedback(Protocol):
    """What people said of findings."""

    async def add(self, verdict: Verdict) -> None:
        """Keeps a verdict; the newest one for a fingerprint and root counts."""

    async def verdicts(self, root: str) -> list[Verdict]:
        """Every verdict that counts for a project, newest first."""


class Profiles(Protocol):
    """What was measured of models."""

    def of(self, info: ModelInfo) -> ModelProfile:
        """The measured profile of a model, or the cautious default of an unmeasured one."""

    def save(self, info: ModelInfo, profile: ModelProfile) -> None:
        """Keeps a profile measured on this machine."""


class Clock(Protocol):
    """Time, so that tests can hold it."""

    def now(self) -> datetime:
        """The time of day, with zone."""

    def monotonic(self) -> float:
        """Seconds that never go back, for measuring."""


class Ports(Protocol):
    """Opens ports on first use. `runtime` gives the real ones, the test kit those in memory."""

    async def chat(self) -> ChatModel:
        """The chosen model, its weights at hand; `open` it before asking.

        Raises:
            ModelError: no model can be had.
        """

    async def analyzers(self) -> Sequence[Analyzer]:
        """Every static engine that is installed and switched on."""

    async def workspace(self) -> Workspace:
        """The caller's files."""

    async def editor(self) -> Editor:
        """Changes the caller's files."""

    async def undo(self) -> Undo:
        """What changed files held before."""

    async def commands(self) -> Commands:
        """Runs commands that the caller named."""

    async def cache(self) -> Cache:
        """The cache, or one that forgets everything when caching is off."""

    async def documents(self, tenant: str) -> "DocumentStore":
        """The collections of a tenant."""

    async def embedder(self) -> "Embedder":
        """The chosen embedding model, its weights at hand.

        Raises:
            ModelError: none can be had.
        """

    async def reranker(self) -> "Reranker | None":
        """The chosen cross-encoder, None where none is configured."""

    async def reader(self) -> "DocumentReader":
        """Turns the caller's files into text."""

    async def history(self) -> History:
        """What was run."""

    async def feedback(self) -> Feedback:
        """What people said of findings."""

    async def profiles(self) -> Profiles:
        """What models were measured to be good for."""
