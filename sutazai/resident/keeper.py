"""One command: the process between the client and the command's own, which it starts, signals and waits for.

A process of its own, so that neither a client that says nothing nor the end of the resident disturbs another command.
"""

import atexit
import ctypes
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NoReturn

from sutazai.resident.adopt import TextForm, adopt, adopt_signals
from sutazai.resident.client import ACCEPTED, BEGIN, ENDED, HEARS, SIGNALLED, forwarded
from sutazai.resident.freshness import Snapshot
from sutazai.resident.likeness import Likeness, look_at, peer_of
from sutazai.resident.request import BadRequest, receive

Run = Callable[[], int]
_PATIENCE_S: Final = 2.0
_GRACE_S: Final = 5.0
_BEGIN_S: Final = 60.0
_REFUSED: Final = b"R"
_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG of prctl(2)
_FAILED: Final = 70
_INTERRUPTED: Final = 130
_UNFLUSHED: Final = 120  # CPython's own


@dataclass(frozen=True, slots=True)
class Resident:
    """What every keeper inherits.

    Attributes:
        character: what `place.character` said when the resident started.
        run: runs the command in `sys.argv` and gives its exit code.
    """

    pid: int
    character: tuple[str, ...]
    likeness: Likeness
    form: TextForm
    code: Snapshot
    run: Run


def keep(connection: socket.socket, resident: Resident) -> None:
    """Runs the command that the client sends, if it can be run here, to its end."""
    os.setsid()
    connection.settimeout(_PATIENCE_S)
    try:
        ignored = _prepare(connection, resident)
        gate, go = os.pipe()
        pid = os.fork()
    except (BadRequest, OSError, ValueError, KeyError):
        with suppress(OSError):
            connection.send(_REFUSED)
        return
    if pid == 0:
        os.close(go)
        connection.close()
        _work(gate, resident.run, ignored)
    os.close(gate)
    with open(go, "wb", buffering=0) as stream:  # noqa: PTH123 (a descriptor)
        begun = _told_to_begin(connection)
        if begun:
            with suppress(BrokenPipeError):  # it was killed meanwhile, as will be told
                stream.write(BEGIN)
    if begun:
        _Watch(connection, pid).until_the_end()


def _prepare(connection: socket.socket, resident: Resident) -> frozenset[int]:
    """Everything that can fail, before the client is told that nothing can any more."""
    connection.send(HEARS)
    request = receive(connection)
    peer = look_at(peer_of(connection)[0])
    if request.character != resident.character or peer.likeness != resident.likeness:
        raise BadRequest
    if resident.code.changed_nearby():
        os.kill(resident.pid, signal.SIGTERM)
        raise BadRequest
    adopt(request, resident.form, peer.umask)
    return peer.ignored


def _told_to_begin(connection: socket.socket) -> bool:
    """Whether the client wants it; one that does not has closed the connection."""
    try:
        connection.send(ACCEPTED)
        connection.settimeout(_BEGIN_S)
        return connection.recv(1) == BEGIN
    except OSError:
        return False


def _work(gate: int, run: Run, ignored: frozenset[int]) -> NoReturn:
    """The command's own process. Must never return into what its parent was doing."""
    code = _FAILED
    try:
        keeper = os.getppid()
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        adopt_signals(ignored)
        begun = os.read(gate, 1) == BEGIN
        os.close(gate)
        if begun and os.getppid() == keeper:
            code = ended(run)
    finally:
        os._exit(code)


def ended(run: Run) -> int:
    """The exit code of a whole Python program: threads joined, exit functions called, streams flushed."""
    code = _exit_code(run)
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 (as multiprocessing's children do)
    atexit._run_exitfuncs()  # noqa: SLF001 (likewise)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            return _UNFLUSHED
    return code


def _exit_code(run: Run) -> int:
    try:
        return run()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BaseException:  # noqa: BLE001 (as the interpreter does at its end)
        sys.excepthook(*sys.exc_info())
        return 1


class _Watch:
    """Between a client and a command at work: signals one way, the end the other way."""

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self._connection = connection
        self._pid = pid
        self._kill_at = 0.0

    def until_the_end(self) -> None:
        """Returns when the command has ended and the client was told."""
        ending = os.pidfd_open(self._pid)
        poll = select.poll()
        poll.register(ending, select.POLLIN)
        poll.register(self._connection, select.POLLIN)
        while not any(descriptor == ending for descriptor, _ in poll.poll(self._wait_ms())):
            if self._kill_at:
                self._kill_if_due()
            elif not self._hear():
                poll.unregister(self._connection)
                self._abandon()
        _, status = os.waitpid(self._pid, 0)
        self._tell(os.waitstatus_to_exitcode(status))

    def _wait_ms(self) -> float | None:
        return max(0.0, self._kill_at - time.monotonic()) * 1000 + 1 if self._kill_at else None

    def _hear(self) -> bool:
        """Passes on signals; false when the client is gone."""
        try:
            heard = self._connection.recv(64)
        except OSError:
            heard = b""
        for number in heard:
            if number in forwarded():
                # A stop of the terminal's kind means nothing to a process outside of the terminal's session.
                os.kill(self._pid, signal.SIGSTOP if number == signal.SIGTSTP else number)
        return bool(heard)

    def _abandon(self) -> None:
        """The client was killed: the command ends as well, in order if it can."""
        self._kill_at = time.monotonic() + _GRACE_S
        for number in (signal.SIGTERM, signal.SIGCONT):
            os.kill(self._pid, number)

    def _kill_if_due(self) -> None:
        if time.monotonic() >= self._kill_at:
            os.kill(self._pid, signal.SIGKILL)

    def _tell(self, code: int) -> None:
        with suppress(OSError):
            self._connection.send(ENDED + bytes([code]) if code >= 0 else SIGNALLED + bytes([-code]))
