"""The port `ChatModel` over llama.cpp in a child process: when it is started, asked, started anew and ended.

A crash of the child is one clean error and a working next request. Never loads native code into this process; what is
said to the child is `link`'s, what the child does is `child`'s and `engine`'s.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path

from sutazai.errors.runtime import ModelFileBroken, ModelTimedOut, NotEnoughMemory
from sutazai.llm.link import Link
from sutazai.llm.memory import memory_needed
from sutazai.llm.turn import MachineTurn
from sutazai.llm.wire import Chunk, End, FromChild, Load
from sutazai.sdk.chat import ChatChunk, ChatRequest, ModelInfo


class EmbeddedChat:
    """A GGUF model in a process of its own.

    Args:
        model_path: the weights.
        name: as the user names the model.
        digest: sha256 of the weights, hex.
        context_tokens: tokens of prompt and reply together, for each slot.
        threads: threads to compute with, or a function that is asked at each start of the child.
        load_timeout_s: longest wait for the child to be ready, without the wait for another process.
        token_timeout_s: longest silence while it answers; reading a long prompt is no silence.
        slots: how many requests are answered at once; more wait for their turn.
        lock_path: file of the lock between processes that holds one model in memory per machine; None: no lock.
        on_wait: told in a sentence when another process holds the lock.
        free_memory: asked for the free bytes before each load; None: not checked.
        why: why this model and this runtime were chosen.
        grace_s: how long the child may take to end when asked to.
        child_module: the child's module; tests put theirs here.
    """

    def __init__(  # noqa: PLR0913 (each a setting of its own, given by name)
        self,
        model_path: Path,
        *,
        name: str,
        digest: str = "",
        context_tokens: int = 4096,
        threads: int | Callable[[], int] = 1,
        load_timeout_s: float = 120.0,
        token_timeout_s: float = 120.0,
        slots: int = 1,
        lock_path: Path | None = None,
        on_wait: Callable[[str], None] | None = None,
        free_memory: Callable[[], int] | None = None,
        why: str = "",
        grace_s: float = 2.0,
        child_module: str = "sutazai.llm.child",
    ) -> None:
        self._path = model_path
        self._info = ModelInfo(name, "embedded", digest, context_tokens, logprobs=True, why=why)
        self._asked_context = context_tokens
        self._threads = threads
        self._load_timeout_s = load_timeout_s
        self._token_timeout_s = token_timeout_s
        self._slots = slots
        self._free_memory = free_memory
        self._grace_s = grace_s
        self._child_module = child_module
        self._machine = None if lock_path is None else MachineTurn(lock_path, on_wait)
        self._opening = asyncio.Lock()
        self._free_slots = asyncio.Semaphore(slots)
        self._link: Link | None = None

    @property
    def info(self) -> ModelInfo:
        """Which model this is; `context_tokens` is what is served once it is open."""
        return self._info

    @property
    def pid(self) -> int | None:
        """The child's process id while there is one."""
        return None if self._link is None else self._link.pid

    async def open(self) -> None:
        """Starts the child and loads the weights; harmless when done already.

        Raises:
            ModelError: no runtime, no memory, a broken file, or a child that does not come up.
        """
        await self._opened()

    async def _opened(self) -> Link:
        async with self._opening:
            if self._link is None or not self._link.alive:
                await self._drop_link()
                try:
                    self._link = await self._started()
                except BaseException:
                    self._give_back()
                    raise
            return self._link

    async def _started(self) -> Link:
        size_bytes = self._size_bytes()
        if self._machine is not None:
            await self._machine.take()
        self._check_memory(size_bytes)
        link = Link(self._info.name, module=self._child_module, grace_s=self._grace_s)
        try:
            async with asyncio.timeout(self._load_timeout_s):
                ready = await link.load(self._load())
        except BaseException as error:
            link.kill("it was not wanted any more")
            await link.stop()
            if isinstance(error, TimeoutError):
                raise ModelTimedOut(self._info.name, "loading", self._load_timeout_s) from error
            raise
        self._info = replace(self._info, context_tokens=ready.context_tokens)
        return link

    def _load(self) -> Load:
        threads = self._threads() if callable(self._threads) else self._threads
        return Load(str(self._path.absolute()), self._asked_context, max(1, threads), self._slots)

    def _size_bytes(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError as error:
            raise ModelFileBroken(str(self._path), error.strerror or str(error)) from error

    def _check_memory(self, size_bytes: int) -> None:
        needed = memory_needed(size_bytes, self._asked_context, self._slots)
        if self._free_memory is not None and (free := self._free_memory()) < needed:
            raise NotEnoughMemory(self._info.name, needed, free)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatChunk, None]:
        """The reply, piece by piece; closing the generator cancels the work in the child.

        Raises:
            PromptTooLong: the prompt does not fit; nothing was cut.
            ModelError: no model, a crash, a silence, or a request that the runtime refuses.
        """
        async with self._free_slots:
            link = await self._opened()
            number = link.ask(_sayable(request), self._most_messages(request))
            unfinished = True
            try:
                while unfinished:
                    message = await self._next(link, number)
                    unfinished = not isinstance(message, End)
                    if (chunk := _chunk(message)) is not None:
                        yield chunk
            finally:
                link.forget(number, cancel=unfinished)

    def _most_messages(self, request: ChatRequest) -> int:
        return 2 * (request.max_tokens + self._info.context_tokens) + 16

    async def _next(self, link: Link, number: int) -> FromChild:
        try:
            async with asyncio.timeout(self._token_timeout_s):
                return await link.next(number)
        except TimeoutError as error:
            link.kill("it was silent for too long")
            raise ModelTimedOut(self._info.name, "answering", self._token_timeout_s) from error

    async def close(self) -> None:
        """Ends the child and gives the machine's lock back; safe to call twice."""
        if self._link is not None:
            await self._drop_link()
        self._give_back()

    async def _drop_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.stop()

    def _give_back(self) -> None:
        if self._machine is not None:
            self._machine.give_back()


def _chunk(message: FromChild) -> ChatChunk | None:
    match message:
        case Chunk(text=text, logprobs=logprobs):
            return ChatChunk(text, logprobs)
        case End(finish=finish, usage=usage):
            return ChatChunk(finish=finish, usage=usage)
        case _:
            return None


def _sayable(request: ChatRequest) -> ChatRequest:
    """The request with lone surrogates replaced, which no tokeniser can read."""
    return replace(
        request,
        prompt=None if request.prompt is None else _text(request.prompt),
        messages=tuple(replace(each, content=_text(each.content)) for each in request.messages),
    )


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
