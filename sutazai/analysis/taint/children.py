"""Children that follow data beside this process: threads share one processor for their Python, processes do not.

Owns how many there are, how long they live, and what the end of one means. They are started for the first files and
ended with the last: while nobody waits for an answer there are none. Never decides what is found.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from sutazai.analysis.taint.wire import (
    FRAME_BYTES,
    STARTED,
    Request,
    WireError,
    decode_number,
    decode_report,
    encode_request,
)
from sutazai.process.child import Child, ChildEnd
from sutazai.process.environment import bare_environment
from sutazai.process.frames import FrameTooLarge
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.source import Skipped

_MODULE: Final = "sutazai.analysis.taint.child"
_START_S: Final = 60.0
_PATIENCE_S: Final = 60.0
_TRIES: Final = 3


class Unstartable(Exception):
    """No child can do this: none starts, or it is more than can be handed over."""


class _Lost(Exception):
    """A child that gave no answer; `at` is the number of the file that it was following, None before the first."""

    def __init__(self, reason: str, at: int | None) -> None:
        super().__init__(reason)
        self.reason, self.at = reason, at


class Children:
    """Up to so many children, each with one request at a time.

    Args:
        most: how many there may be.
        module: what they run.
        patience_s: how long one at work may be silent, besides the time that a file may take.
    """

    def __init__(self, most: int, *, module: str = _MODULE, patience_s: float = _PATIENCE_S) -> None:
        self._turns = asyncio.Semaphore(most)
        self._module = module
        self._patience_s = patience_s
        self._idle: list[_Worker] = []
        self._asking = 0

    async def survey(self, request: Request) -> AnalyzerReport:
        """What a child finds. A file that ends its child is named and left out, the others are looked at again.

        Raises:
            Unstartable: there is none that could look.
        """
        self._asking += 1
        try:
            async with self._turns, self._worker() as worker:
                return await _persistent(worker, request)
        finally:
            self._asking -= 1
            while self._idle and not self._asking:
                await self._idle.pop().close()

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator["_Worker"]:
        worker = self._idle.pop() if self._idle else _Worker(self._module, self._patience_s)
        try:
            yield worker
        finally:
            self._idle.append(worker)


async def _persistent(worker: "_Worker", request: Request) -> AnalyzerReport:
    failed: list[Skipped] = []
    reason = ""
    for _ in range(_TRIES):
        try:
            report = await worker.survey(request)
        except Unstartable:
            if not reason:
                raise
            break  # one of the files ended a child: this process would be the next
        except _Lost as lost:
            reason = lost.reason
            if lost.at is not None and lost.at < len(request.files):
                failed.append(Skipped(request.files[lost.at].path, reason))
                request = replace(request, files=request.files[: lost.at] + request.files[lost.at + 1 :])
        else:
            return AnalyzerReport(report.findings, (*failed, *report.failed))
    return AnalyzerReport(failed=(*failed, *(Skipped(each.path, reason) for each in request.files)))


class _Worker:
    """One child after the other: the next starts when the one before has ended."""

    def __init__(self, module: str, patience_s: float) -> None:
        self._module = module
        self._patience_s = patience_s
        self._child: Child | None = None
        self._heard: asyncio.Queue[bytes | ChildEnd] = asyncio.Queue()

    async def survey(self, request: Request) -> AnalyzerReport:
        """What the child finds; after anything else than an answer there is no child any more."""
        try:
            child = await self._started()
            child.send(encode_request(request))
            return decode_report(await self._answer(request.seconds), request.files)
        except FrameTooLarge as error:
            raise Unstartable from error
        except WireError as error:
            await self.close()
            raise _Lost(str(error), None) from error
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Ends the child, whatever it is at."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            await child.stop()

    async def _started(self) -> Child:
        if self._child is None or not self._child.alive:
            await self.close()
            self._heard = asyncio.Queue()
            hear = self._heard.put_nowait
            environment = bare_environment()
            self._child = Child(self._module, on_frame=hear, on_end=hear, env=environment, frame_limit=FRAME_BYTES)
            try:
                await self._child.start()
                async with asyncio.timeout(_START_S):
                    first = await self._heard.get()
            except OSError as error:  # a timeout is one too
                raise Unstartable from error
            if first != STARTED:
                raise Unstartable
        return self._child

    async def _answer(self, file_s: float) -> bytes:
        at: int | None = None
        while True:
            try:
                async with asyncio.timeout(self._patience_s + file_s):
                    heard = await self._heard.get()
            except TimeoutError as error:
                raise _Lost("it takes too long to follow", at) from error
            if isinstance(heard, ChildEnd):
                raise _Lost(f"its process {_meaning(heard)}", at)
            number = decode_number(heard)
            if number is None:
                return heard
            at = number


def _meaning(end: ChildEnd) -> str:
    """How a child ended that should not have."""
    code = end.returncode or 0
    if end.reason:
        return f"was ended: {end.reason}"
    return f"was ended by {_signal(-code)}" if code < 0 else f"ended with {code}"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
