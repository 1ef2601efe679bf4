"""The resident: waits for clients, forks a keeper for each, and ends when it is of no more use.

One process without threads: a fork copies only the thread that calls it. Must never run a command itself.
"""

import gc
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from sutazai.resident import place
from sutazai.resident.adopt import text_form
from sutazai.resident.freshness import snapshot
from sutazai.resident.keeper import Resident, Run, keep
from sutazai.resident.likeness import look_at, peer_of
from sutazai.resident.lock import Lock

IDLE_S: Final = 600.0
_TICK_S: Final = 30.0
_MAX_BYTES: Final = 200 * 2**20
_BACKLOG: Final = 64
_OBJECTS_BETWEEN_COLLECTIONS: Final = 100_000


def serve(folder: Path, name: str, preload: Callable[[], None], run: Run, *, idle_s: float = IDLE_S) -> None:
    """Answers for commands until it was idle for so long, the code changes, or it is asked to end.

    Args:
        folder: where the socket goes; made if missing.
        name: of the socket, as whoever wants a resident calls it.
        preload: imports what commands need; must leave no thread, open file or event loop behind.
        run: runs the command in `sys.argv` and gives its exit code.
        idle_s: seconds without a command after which it ends.

    Raises:
        OSError: the folder is not its owner's alone, or the system lacks something.
    """
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    inside = place.opened(str(folder))
    with Lock(inside, name) as lock:
        # A name that is not ours: we were started in another way than our client was, and would never suit it.
        if lock.held and name == place.name_of(place.character()):
            os.close(os.pidfd_open(os.getpid()))  # an old kernel says no here
            preload()
            resident = _resident(run)
            _settle()
            with closing(_Listener(inside, name)) as listener:
                lock.ready()
                _Server(listener, lock, resident, idle_s).until_the_end()


def _resident(run: Run) -> Resident:
    myself = look_at(os.getpid()).likeness
    return Resident(os.getpid(), tuple(place.character()), myself, text_form(), snapshot(), run)


def _settle() -> None:
    """The state in which forks are cheap and safe."""
    if threading.active_count() != 1 or len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208
        raise RuntimeError("something preloaded has started a thread")
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)  # as `sutazai.__main__` has it
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for keepers


class _Listener:
    def __init__(self, folder: int, name: str) -> None:
        self._folder, self._name = folder, name
        self._unlink()  # what a resident that was killed has left
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(place.inside(folder, name))
        self.socket.listen(_BACKLOG)
        self.socket.setblocking(False)  # noqa: FBT003 (the standard library's form)
        self._inode = self._found()

    def _found(self) -> int:
        try:
            return os.stat(self._name, dir_fd=self._folder, follow_symlinks=False).st_ino
        except OSError:
            return 0

    @property
    def reachable(self) -> bool:
        """Whether clients still find it."""
        return self._found() == self._inode

    def let_go(self) -> None:
        """In a child: nobody is accepted there."""
        self.socket.close()
        os.close(self._folder)

    def close(self) -> None:
        """Nobody finds it any more."""
        self._unlink()
        self.socket.close()

    def _unlink(self) -> None:
        with suppress(OSError):
            os.unlink(self._name, dir_fd=self._folder)


class _Server:
    def __init__(self, listener: _Listener, lock: Lock, resident: Resident, idle_s: float) -> None:
        self._listener = listener
        self._lock = lock
        self._resident = resident
        self._idle_s = idle_s
        self._last = time.monotonic()
        # By a pipe: an exception out of a handler is lost where it meets the hooks that Python runs around a fork.
        self._end_asked, self._ask_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(self._ask_end)
        signal.signal(signal.SIGTERM, lambda *_: None)

    def until_the_end(self) -> None:
        """Serves until there is a reason not to."""
        poll = select.poll()
        poll.register(self._end_asked, select.POLLIN)
        poll.register(self._listener.socket, select.POLLIN)
        while self._useful():
            ready = [descriptor for descriptor, _ in poll.poll(min(_TICK_S, self._idle_s) * 1000)]
            if self._end_asked in ready:
                return
            if ready:
                with suppress(BlockingIOError, ConnectionError):
                    self._answer(self._listener.socket.accept()[0])

    def _useful(self) -> bool:
        return (
            time.monotonic() - self._last < self._idle_s
            and self._listener.reachable
            and not self._resident.code.changed()
            and _resident_bytes() < _MAX_BYTES
        )

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            if peer_of(connection)[1] != os.geteuid():
                return
            self._last = time.monotonic()
            with suppress(BlockingIOError, MemoryError):  # no process to be had: the client helps itself
                if os.fork() == 0:
                    self._become_keeper(connection)

    def _become_keeper(self, connection: socket.socket) -> None:
        try:
            signal.set_wakeup_fd(-1)
            os.close(self._end_asked)
            os.close(self._ask_end)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._listener.let_go()
            self._lock.let_go()
            keep(connection, self._resident)
        finally:
            os._exit(0)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
