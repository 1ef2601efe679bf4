"""Runs one program to its end, with limits on time and output, and kills it with all its children if it breaks them.

Owns how programs are found and stopped. Must never use a shell and never read without a bound.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sutazai.errors.tools import ToolFailed, ToolMissing, ToolOutputTooLarge, ToolTimedOut

_CHUNK_BYTES: Final = 65536
_GRACE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Completed:
    """How a program ended. A negative `returncode` is the number of the signal that ended it."""

    returncode: int
    stdout: bytes
    stderr: bytes


def find_tool(name: str | Path) -> Path:
    """Where a program is: an absolute path as it is, a plain name on PATH.

    Relative entries of PATH and the current folder are not searched: they may lie in the code under review.

    Raises:
        ToolMissing: there is no such program, or it may not be executed.
    """
    given = str(name)
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    found = shutil.which(given, path=os.pathsep.join(each for each in entries if Path(each).is_absolute()))
    if found is None or not Path(found).is_absolute():
        raise ToolMissing(given)
    return Path(found)


async def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    timeout_s: float,
    max_output_bytes: int,
) -> Completed:
    """Runs a program to its end, without a shell.

    Args:
        argv: the program (a name on PATH or an absolute path) and its arguments.
        cwd: the folder it runs in; None: ours.
        stdin: what it reads; None: nothing.
        env: variables on top of ours.
        timeout_s: seconds until it is killed, with every process it started.
        max_output_bytes: of stdout and stderr together, before it is killed likewise.

    Returns:
        How it ended; a return code other than 0 is not an error here.

    Raises:
        ToolMissing: the program cannot be found.
        ToolTimedOut: it did not end in time.
        ToolOutputTooLarge: it wrote too much.
        ToolFailed: it could not be started.
    """
    name = Path(argv[0]).name
    process = await _start(name, [find_tool(argv[0]), *argv[1:]], cwd, env, piped=stdin is not None)
    try:
        async with _never_left_behind(process), asyncio.timeout(timeout_s):
            return await _communicate(process, stdin, _Budget(name, max_output_bytes))
    except TimeoutError as error:
        raise ToolTimedOut(name, timeout_s) from error
    except ExceptionGroup as group:
        raise group.exceptions[0] from None


@dataclass(slots=True)
class _Budget:
    tool: str
    max_bytes: int
    used_bytes: int = 0

    def spend(self, size_bytes: int) -> None:
        self.used_bytes += size_bytes
        if self.used_bytes > self.max_bytes:
            raise ToolOutputTooLarge(self.tool, self.max_bytes)


async def _start(
    name: str, argv: Sequence[str | Path], cwd: Path | None, env: Mapping[str, str] | None, *, piped: bool
) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            *argv,
            cwd=cwd,
            stdin=PIPE if piped else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise ToolFailed(name, f"it cannot be started: {error}") from error


async def _communicate(process: Process, stdin: bytes | None, budget: _Budget) -> Completed:
    async with asyncio.TaskGroup() as tasks:
        out = tasks.create_task(_read(process.stdout, budget))
        err = tasks.create_task(_read(process.stderr, budget))
        if stdin is not None:
            tasks.create_task(_feed(process.stdin, stdin))
    return Completed(await process.wait(), out.result(), err.result())


async def _read(stream: asyncio.StreamReader | None, budget: _Budget) -> bytes:
    held = bytearray()
    while stream is not None and (chunk := await stream.read(_CHUNK_BYTES)):
        budget.spend(len(chunk))
        held += chunk
    return bytes(held)


async def _feed(stream: asyncio.StreamWriter | None, data: bytes) -> None:
    # A program may end without reading all of its input: that is its right.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        if stream is not None:
            stream.write(data)
            await stream.drain()
            stream.close()
            await stream.wait_closed()


@contextlib.asynccontextmanager
async def _never_left_behind(process: Process) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        _kill_group(process.pid)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _GRACE_S)
        raise
    finally:
        # A grandchild that left the group may hold the pipes open for ever: let go of our ends.
        process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 (no public way)


def _kill_group(pid: int) -> None:
    if sys.platform == "win32":  # pragma: no cover (tests run on POSIX)
        import psutil  # noqa: PLC0415 (loaded only when used)

        with contextlib.suppress(psutil.Error):
            leader = psutil.Process(pid)
            for each in [*leader.children(recursive=True), leader]:
                each.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
