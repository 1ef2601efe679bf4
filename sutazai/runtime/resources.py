"""Opens what a run needs, on first use. The only module, with `models`, that picks adapters."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sutazai.runtime.registry import Registry
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
from sutazai.settings.load import Loaded
from sutazai.settings.model import Settings

if TYPE_CHECKING:
    from sutazai.runtime.knowledge import KnowledgeResources
    from sutazai.sdk.knowledge import DocumentReader, DocumentStore, Embedder, Reranker
    from sutazai.sdk.session import Sessions
    from sutazai.store.local import LocalStore

Emit = Callable[[Event], None]


class Resources:
    """Everything that can be opened, each once.

    Attributes:
        loaded: the settings in force and the folders in use.
        folder: the caller's current folder.
    """

    def __init__(self, loaded: Loaded, folder: Path, stack: AsyncExitStack, clock: Clock, registry: Registry) -> None:
        self.loaded = loaded
        self.folder = folder
        self.clock = clock
        self._stack = stack
        self._registry = registry
        self._cache: Cache | None = None
        self._local: LocalStore | None = None
        self._chat: ChatModel | None = None
        self._knowledge: KnowledgeResources | None = None
        self._choosing = asyncio.Lock()

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.loaded.settings

    @property
    def project_settings(self) -> tuple[str, ...]:
        """The keys in force that the project's file set."""
        return tuple(sorted(self.loaded.project))

    def ports(self, emit: Emit) -> Ports:
        """The ports of one run; what opening them has to say goes to `emit`."""
        return _RunPorts(self, emit)

    async def chat(self, emit: Emit) -> ChatModel:
        """The chosen model, its weights fetched; not opened. Two runs at once get the same one."""
        from sutazai.runtime.models import choose_model  # noqa: PLC0415 (loaded only when used)

        async with self._choosing:
            if self._chat is None:
                self._chat = await choose_model(self.loaded, emit)
                self._stack.push_async_callback(self._chat.close)
        return self._chat

    async def analyzers(self) -> Sequence[Analyzer]:
        """The static engines that are switched on."""
        from sutazai.runtime.engines import chosen_engines  # noqa: PLC0415 (loaded only when used)

        return chosen_engines(self.loaded, self._registry.entries)

    async def workspace(self) -> Workspace:
        """The files of the caller's folder."""
        from sutazai.workspace.files import FileWorkspace  # noqa: PLC0415 (loaded only when used)

        return FileWorkspace(self.folder)

    async def editor(self) -> Editor:
        """Changes the caller's files."""
        from sutazai.workspace.editing import FileEditor  # noqa: PLC0415 (loaded only when used)

        return FileEditor()

    async def undo(self) -> Undo:
        """What changed files held before."""
        from sutazai.store.undo import UndoStore  # noqa: PLC0415 (loaded only when used)

        return UndoStore(self.loaded.folders.undo, caller=self.folder, clock=self.clock)

    async def commands(self) -> Commands:
        """Runs commands that the caller named."""
        from sutazai.workspace.commands import ProcessCommands  # noqa: PLC0415 (loaded only when used)

        return ProcessCommands(self.folder)

    async def cache(self) -> Cache:
        """The cache, or one that forgets everything."""
        if self._cache is None:
            from sutazai.store.cache import NullCache, SqliteCache  # noqa: PLC0415 (loaded only when used)

            settings = self.settings.cache
            if not settings.enabled:
                self._cache = NullCache()
            else:
                self._cache = cache = SqliteCache(self.loaded.folders.cache_file, quota_bytes=settings.quota_bytes)
                self._stack.push_async_callback(cache.close)
        return self._cache

    async def history(self) -> History:
        """What was run on this machine."""
        return await self.local()

    async def feedback(self) -> Feedback:
        """What people said of findings."""
        return await self.local()

    async def sessions(self) -> "Sessions":
        """Conversations on this machine."""
        from sutazai.store.sessions import SessionStore  # noqa: PLC0415 (loaded only when used)

        return SessionStore(await self.local(), keep=self.settings.history.keep)

    async def local(self) -> "LocalStore":
        """History, feedback and conversations in one file."""
        if self._local is None:
            from sutazai.store.local import LocalStore  # noqa: PLC0415 (loaded only when used)

            self._local = LocalStore(self.loaded.folders.local_file, keep_runs=self.settings.history.keep)
            self._stack.push_async_callback(self._local.close)
        return self._local

    @property
    def knowledge(self) -> "KnowledgeResources":
        """What documents need."""
        if self._knowledge is None:
            from sutazai.runtime.knowledge import KnowledgeResources  # noqa: PLC0415 (loaded only when used)

            self._knowledge = KnowledgeResources(self.loaded, self.folder, self._stack, self.clock)
        return self._knowledge

    async def documents(self, tenant: str) -> "DocumentStore":
        """The collections of a tenant."""
        return await self.knowledge.documents(tenant)

    async def embedder(self, emit: Emit) -> "Embedder":
        """The chosen embedding model, its weights fetched; not opened."""
        return await self.knowledge.embedder(emit)

    async def reranker(self, emit: Emit) -> "Reranker | None":
        """The chosen cross-encoder, if any."""
        return await self.knowledge.reranker(emit)

    async def reader(self, emit: Emit) -> "DocumentReader":
        """Turns the caller's files into text; each run has its own."""
        return await self.knowledge.reader(emit)

    async def profiles(self) -> Profiles:
        """What models were measured to be good for."""
        from sutazai.runtime.models import profiles  # noqa: PLC0415 (loaded only when used)

        return profiles(self.loaded)


class _RunPorts:
    """The ports as one run sees them."""

    def __init__(self, resources: Resources, emit: Emit) -> None:
        self._resources = resources
        self._emit = emit
        self.analyzers = resources.analyzers
        self.workspace = resources.workspace
        self.editor = resources.editor
        self.undo = resources.undo
        self.commands = resources.commands
        self.cache = resources.cache
        self.history = resources.history
        self.feedback = resources.feedback
        self.profiles = resources.profiles
        self.documents = resources.documents
        self._reader: DocumentReader | None = None

    async def chat(self) -> ChatModel:
        """The chosen model; a download tells its progress to this run."""
        return await self._resources.chat(self._emit)

    async def embedder(self) -> "Embedder":
        """The chosen embedding model; a download tells its progress to this run."""
        return await self._resources.embedder(self._emit)

    async def reranker(self) -> "Reranker | None":
        """The chosen cross-encoder, if any; a download is announced to this run."""
        return await self._resources.reranker(self._emit)

    async def reader(self) -> "DocumentReader":
        """Turns the caller's files into text; how far it is goes to this run."""
        if self._reader is None:
            self._reader = await self._resources.reader(self._emit)
        return self._reader
