"""The side of the command line: hands a command to a resident, and stands in for its process until it ends.

Loaded by every command, so it imports only what Python has loaded anyway, and `_socket`. Whatever goes wrong before the
resident was told to begin means that the command runs here, as it would without one; afterwards it never does.
"""

import os
import sys

from sutazai.resident import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from types import FrameType

MAGIC = "sutazai resident 1"
# Commands that are wanted at once, and ask nothing of the person at the terminal.
SERVED = ("review", "explain", "run", "history", "feedback", "agents", "cache", "--help", "-h")
OFF = ("0", "false", "f", "no", "n", "off")
HEARS, ACCEPTED, BEGIN, ENDED, SIGNALLED = b"H", b"A", b"G", b"E", b"S"
_COMPLETE = "_SUTAZAI_COMPLETE"
# Read while libraries are imported, by what a resident never imports.
_APART = ("COVERAGE_", "COV_CORE_", "PYDANTIC_")
# What a command sets for itself and the processes it starts.
_OURS = {"PYDANTIC_DISABLE_PLUGINS": "__all__"}
_HANDSHAKE_S = 0.5
_INTERNAL = 70
_CREDENTIALS_BYTES = 12


def ask(argv: list[str]) -> int | None:
    """The exit code of a command that suits, run by a resident; None: it was not, and nothing happened.

    Args:
        argv: the program's name and its arguments.
    """
    try:
        fields = place.character()
        connection = _connected(place.name_of(fields))
    except OSError:
        return None
    call = _Call(connection)
    try:
        call.prepare(_request(fields, argv))
    except OSError:
        call.give_up()
        return None
    return call.outcome()


def wanted(argv: list[str]) -> bool:
    """Whether the command is one that a resident may answer."""
    return argv[1] in SERVED if len(argv) > 1 else _COMPLETE in os.environ


def suits(argv: list[str]) -> bool:
    """Whether it is one of our commands, in a process that a resident can stand for."""
    environ = os.environ
    return (
        sys.platform == "linux"
        and wanted(argv)
        and environ.get("SUTAZAI_RESIDENT", "").lower() not in OFF
        and not any(name.startswith(_APART) and environ[name] != _OURS.get(name) for name in environ)
        and not (sys.stdin is None or sys.stdout is None or sys.stderr is None)
        and not any("/fd/" in each for each in argv)  # a descriptor of this process
        and not ("-" in argv and os.isatty(0))  # only the terminal's own jobs may read from it
        and sys.gettrace() is None
        and os.getuid() == os.geteuid()
    )


def _connected(name: str) -> "socket":
    import _socket  # noqa: PLC0415 (loaded only when used)

    folder = place.opened(place.folder(os.environ))
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(_HANDSHAKE_S)
        connection.connect(place.inside(folder, name))
        peer = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, _CREDENTIALS_BYTES)
        if int.from_bytes(peer[4:8], sys.byteorder) != os.geteuid():
            raise PermissionError(name)
    except OSError:
        connection.close()
        raise
    finally:
        os.close(folder)
    return connection


def _request(fields: list[str], argv: list[str]) -> bytes:
    parts = [MAGIC, str(len(fields)), *fields, str(len(argv)), *argv, sys.executable]
    parts += [f"{name}={value}" for name, value in os.environ.items()]
    whole = "\0".join(parts).encode("utf-8", "surrogateescape")
    return len(whole).to_bytes(4, "big") + whole


class _Call:
    """One command in the hands of a resident; this process passes on the signals it gets."""

    def __init__(self, connection: "socket") -> None:
        self._connection = connection
        self._begun = False
        self._pending = bytearray()
        self._before = {}  # type: ignore[var-annotated]  # (the type of a handler costs an import)

    def prepare(self, request: bytes) -> None:
        """Has the resident make everything ready.

        Raises:
            OSError: it did not, or not in time. Nothing was run.
        """
        self._forward_signals()
        # Streams on their way to somebody who does not take them would be kept open there.
        self._await(HEARS)
        self._send(request)
        self._await(ACCEPTED)
        self._connection.send(BEGIN)
        self._begun = True
        self._connection.settimeout(None)

    def _await(self, word: bytes) -> None:
        if self._connection.recv(1) != word:
            raise ConnectionRefusedError

    def _send(self, request: bytes) -> None:
        import _socket  # noqa: PLC0415 (loaded already)

        here = os.open(".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            handed = b"".join(each.to_bytes(4, sys.byteorder) for each in (0, 1, 2, here))
            sent = self._connection.sendmsg([request], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, handed)])
        finally:
            os.close(here)
        self._connection.sendall(request[sent:])

    def outcome(self) -> int:
        """Waits until the command has ended; ends by the signal that ended it."""
        for number in self._pending:
            self._forward(number, None)
        try:
            told = self._connection.recv(2)
        except OSError:
            told = b""
        self._restore()
        if told[:1] == SIGNALLED:
            _die_by(told[1])
        if told[:1] == ENDED and len(told) > 1:
            return told[1]
        sys.stderr.write("error: the process that ran this command was killed\n  → run it again\n")
        return _INTERNAL

    def give_up(self) -> None:
        """Back to how it was before: the command runs here, and gets the signals that came meanwhile."""
        self._connection.close()
        self._restore()
        for number in self._pending:
            os.kill(os.getpid(), number)

    def _forward_signals(self) -> None:
        import _signal  # noqa: PLC0415 (built in)

        for number in forwarded():
            # Whoever was stopped says himself that he goes on: a handler could run before he has stopped.
            if number != _signal.SIGCONT and _signal.getsignal(number) is not _signal.SIG_IGN:
                self._before[number] = _signal.signal(number, self._forward)

    def _restore(self) -> None:
        import _signal  # noqa: PLC0415 (built in)

        for number, action in self._before.items():
            _signal.signal(number, action)

    def _forward(self, number: int, _frame: "FrameType | None") -> None:
        if not self._begun:
            self._pending.append(number)
            return
        import _signal  # noqa: PLC0415 (built in)

        self._pass_on(number)
        if number == _signal.SIGTSTP:
            self._sleep_too()
            self._pass_on(_signal.SIGCONT)

    def _pass_on(self, number: int) -> None:
        try:  # noqa: SIM105 (contextlib is not imported here)
            self._connection.send(bytes([number]))
        except OSError:
            pass  # it has ended, as `outcome` is about to hear

    def _sleep_too(self) -> None:
        """Stops this process as well, so that the shell takes the terminal back; returns when it goes on."""
        import _signal  # noqa: PLC0415 (built in)

        _signal.signal(_signal.SIGTSTP, _signal.SIG_DFL)
        os.kill(os.getpid(), _signal.SIGTSTP)
        _signal.signal(_signal.SIGTSTP, self._forward)


def forwarded() -> tuple[int, ...]:
    """The signals that a process at a terminal, or under a supervisor, is sent and may live on with."""
    import _signal as s  # noqa: PLC0415 (built in)

    return (s.SIGINT, s.SIGTERM, s.SIGHUP, s.SIGQUIT, s.SIGTSTP, s.SIGCONT, s.SIGWINCH, s.SIGUSR1, s.SIGUSR2)


def _die_by(number: int) -> None:
    import _signal  # noqa: PLC0415 (built in)

    if number not in (_signal.SIGKILL, _signal.SIGSTOP):
        _signal.signal(number, _signal.SIG_DFL)
    os.kill(os.getpid(), number)
