"""A Python module as a long-lived child that speaks in frames over its standard streams.

Owns starting it, its frames, the last lines of its stderr, and its end. Knows nothing of what the frames say, opens no
port and leaves no process behind: end of input ends the child, also when this process is killed.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sutazai.process.frames import FRAME_LIMIT, FrameDecoder, FrameTooLarge, encode_frame

_LINES: Final = 40
_LINE_BYTES: Final = 1000
_DRAIN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class ChildEnd:
    """How a child ended. A negative `returncode` is the number of the signal that ended it.

    Attributes:
        reason: what it did wrong before it was ended for it; empty if it ended by itself or was asked to.
        stderr: the last lines it wrote there.
    """

    returncode: int | None
    reason: str
    stderr: tuple[str, ...]


class Child:
    """One child process; used once.

    Args:
        module: what `python -P -m` runs. It must end when its standard input does.
        on_frame: called with each frame of the child.
        on_end: called once, after the last frame, however the child ends.
        env: the child's whole environment; None: ours.
        frame_limit: longest frame in bytes, either way; a longer one ends the child.
        grace_s: how long `stop` waits before it kills.
    """

    def __init__(
        self,
        module: str,
        *,
        on_frame: Callable[[bytes], None],
        on_end: Callable[[ChildEnd], None],
        env: Mapping[str, str] | None = None,
        frame_limit: int = FRAME_LIMIT,
        grace_s: float = 2.0,
    ) -> None:
        self._argv = (sys.executable, "-P", "-m", module)
        self._env = None if env is None else dict(env)
        self._frame_limit = frame_limit
        self._grace_s = grace_s
        self._protocol = _Protocol(on_frame, on_end, self.kill, frame_limit)
        self._transport: asyncio.SubprocessTransport | None = None

    async def start(self) -> None:
        """Starts the process, in a group of its own so that Ctrl-C reaches only us.

        Raises:
            OSError: it cannot be started.
        """
        options: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":  # pragma: no cover (tests run on POSIX)
            options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.subprocess_exec(lambda: self._protocol, *self._argv, env=self._env, **options)

    @property
    def pid(self) -> int | None:
        """The process id, None before the start."""
        return None if self._transport is None else self._transport.get_pid()

    @property
    def alive(self) -> bool:
        """Whether it runs and was not killed."""
        return self._transport is not None and not self._protocol.reason and not self._protocol.exited.is_set()

    @property
    def stderr(self) -> tuple[str, ...]:
        """The last lines of its stderr so far."""
        return self._protocol.stderr()

    def send(self, payload: bytes) -> None:
        """Hands the child a frame; one to a child that has ended is dropped, `on_end` tells of that.

        Raises:
            FrameTooLarge: the payload is over the limit.
        """
        frame = encode_frame(payload, self._frame_limit)
        pipe = self._pipe(0)
        if pipe is not None and not pipe.is_closing():
            pipe.write(frame)

    async def stop(self) -> None:
        """Ends the child: its input ends, and after the grace it is killed. Harmless when it has ended."""
        if self._transport is None:
            return
        pipe = self._pipe(0)
        if pipe is not None:
            pipe.close()
        try:
            async with asyncio.timeout(self._grace_s):
                await self._protocol.exited.wait()
        except TimeoutError:
            self.kill()
            await self._protocol.exited.wait()
        finally:
            self.kill()
            self._transport.close()
            await self._protocol.closed.wait()

    def kill(self, reason: str = "") -> None:
        """Kills the child and all it started, at once; `reason` becomes that of its end."""
        self._protocol.reason = self._protocol.reason or reason
        if self._transport is None or self._transport.get_returncode() is not None:
            return
        if sys.platform == "win32":  # pragma: no cover (tests run on POSIX)
            self._transport.kill()
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._transport.get_pid(), signal.SIGKILL)

    def _pipe(self, number: int) -> Any:  # asyncio types pipes too widely to say more
        return None if self._transport is None else self._transport.get_pipe_transport(number)


class _Protocol(asyncio.SubprocessProtocol):
    def __init__(
        self,
        on_frame: Callable[[bytes], None],
        on_end: Callable[[ChildEnd], None],
        kill: Callable[[str], None],
        frame_limit: int,
    ) -> None:
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()
        self.reason = ""
        self._on_frame = on_frame
        self._on_end = on_end
        self._kill = kill
        self._decoder = FrameDecoder(frame_limit)
        self._lines: deque[bytes] = deque(maxlen=_LINES)
        self._line = b""
        self._transport: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.SubprocessTransport):
            self._transport = transport

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 1:
            self._receive(data)
        else:
            self._keep(data)

    def _receive(self, data: bytes) -> None:
        try:
            for frame in () if self.reason else self._decoder.feed(data):
                if not self.reason:
                    self._on_frame(frame)
        except FrameTooLarge as error:
            self._kill(f"it sent {error}")

    def _keep(self, data: bytes) -> None:
        *whole, rest = (self._line + data).split(b"\n")
        self._lines.extend(line[:_LINE_BYTES] for line in whole[-_LINES:])
        self._line = rest[:_LINE_BYTES]

    def stderr(self) -> tuple[str, ...]:
        lines = (line.decode("utf-8", "replace").strip() for line in (*self._lines, self._line))
        return tuple(line for line in lines if line)

    def process_exited(self) -> None:
        self.exited.set()
        if self._transport is not None:
            # A grandchild may hold the pipes open for ever: what was written is read soon, then we let go.
            asyncio.get_running_loop().call_later(_DRAIN_S, self._transport.close)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (the base's form)
        returncode = None if self._transport is None else self._transport.get_returncode()
        self.closed.set()
        self._on_end(ChildEnd(returncode, self.reason, self.stderr()))
