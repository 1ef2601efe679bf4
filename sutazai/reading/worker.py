"""One parsing child after the other, each used for many documents and killed for the first that does harm.

Owns the limits on time and memory as seen from outside, and what a child's end means. Never parses anything itself.
"""

import asyncio
import contextlib
import math
import signal
import sys
from collections.abc import Callable
from typing import Final

from sutazai.process.child import Child, ChildEnd
from sutazai.process.environment import bare_environment
from sutazai.process.frames import FrameTooLarge
from sutazai.reading.wire import (
    ANSWER_BYTES,
    Answer,
    Failure,
    PageRead,
    Request,
    WireError,
    decode_answer,
    encode_request,
)

SLOW: Final = "too-slow"
_MODULE: Final = "sutazai.reading.child"
_DOCUMENTS_A_CHILD: Final = 100
_WATCH_S: Final = 0.1
# Ending a child takes a moment too.
_MARGIN: Final = 0.97
# One arena: memory is counted in address space, of which each further one takes a large piece.
_OURS: Final = {"MALLOC_ARENA_MAX": "1", "PYTHONDONTWRITEBYTECODE": "1"}


class Worker:
    """Reads one document at a time.

    Args:
        timeout_s: longest time for one document, the start of its child not counted.
        memory_bytes: most memory of a child.
        max_file_bytes: longest document.
    """

    def __init__(self, *, timeout_s: float, memory_bytes: int, max_file_bytes: int) -> None:
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._frame_bytes = max(max_file_bytes, ANSWER_BYTES)
        self._child: Child | None = None
        self._answered: asyncio.Future[Answer] | None = None
        self._on_page: Callable[[int], None] | None = None
        self._documents = 0

    async def read(self, name: str, data: bytes, on_page: Callable[[int], None] | None = None) -> Answer:
        """What the child makes of a document; whatever happens to the child is a failure like any other."""
        try:
            child = await self._ready()
        except OSError as error:
            return Failure("failed", f"no process can be started for it: {error.strerror}")
        self._answered, self._on_page = asyncio.get_running_loop().create_future(), on_page
        try:
            answer = await self._ask(child, name, data, self._answered)
        except BaseException:
            child.kill("nobody waits for it")
            raise
        if isinstance(answer, Failure) and not answer.is_orderly:
            # It may hold memory that it cannot give back, or be in a state that nobody knows.
            await self.close()
        return answer

    async def close(self) -> None:
        """Ends the child; another starts with the next document."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            await child.stop()

    async def _ready(self) -> Child:
        if self._child is None or not self._child.alive or self._documents >= _DOCUMENTS_A_CHILD:
            await self.close()
            self._child = Child(
                _MODULE,
                on_frame=self._heard,
                on_end=self._ended,
                env=bare_environment() | _OURS,
                frame_limit=self._frame_bytes,
            )
            self._documents = 0
            await self._child.start()
        self._documents += 1
        return self._child

    async def _ask(self, child: Child, name: str, data: bytes, answered: "asyncio.Future[Answer]") -> Answer:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._timeout_s * _MARGIN
        try:
            child.send(encode_request(Request(name, math.ceil(self._timeout_s) + 1, self._memory_bytes)))
            child.send(data)
        except FrameTooLarge:
            return Failure("too-large", f"larger than {self._frame_bytes} bytes")
        while not answered.done():
            if (left := until - loop.time()) <= 0:
                return Failure(SLOW, f"reading it takes longer than {self._timeout_s:g} s")
            await asyncio.wait({answered}, timeout=min(left, _WATCH_S))
            if not answered.done() and _memory_of(child.pid) > self._memory_bytes:
                return Failure("too-large", "reading it takes too much memory")
        return answered.result()

    def _heard(self, frame: bytes) -> None:
        try:
            answer = decode_answer(frame)
        except WireError as error:
            answer = Failure("broken", str(error))
        if isinstance(answer, PageRead):
            if self._on_page is not None:
                self._on_page(answer.number)
        else:
            self._settle(answer)

    def _ended(self, end: ChildEnd) -> None:
        self._settle(_meaning(end))

    def _settle(self, answer: Answer) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(answer)


def _meaning(end: ChildEnd) -> Failure:
    """What the end of a child says of the document that it was reading."""
    if end.returncode is not None and sys.platform != "win32" and end.returncode == -signal.SIGXCPU:
        return Failure(SLOW, "reading it takes too long")
    if end.reason:
        return Failure("too-large", "its text is too long")
    return Failure("broken", "its parser crashed on it")


def _memory_of(pid: int | None) -> int:
    import psutil  # noqa: PLC0415 (loaded only when used)

    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0
