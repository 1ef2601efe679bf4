"""One command from its request to its end, with the process itself made up where that would be this one."""

import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from sutazai.resident import keeper
from sutazai.resident.adopt import text_form
from sutazai.resident.client import _request
from sutazai.resident.freshness import Snapshot
from sutazai.resident.keeper import Resident, _Watch, ended, keep
from sutazai.resident.likeness import look_at, peer_of
from sutazai.resident.request import BadRequest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="residents are for Linux")


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def resident():
    mine = look_at(os.getpid()).likeness
    return Resident(os.getpid(), ("c",), mine, text_form(), Snapshot({}, {}), lambda: 0)


def ask(connection, character="c"):
    data = _request([character], ["sutazai", "agents"])
    socket.send_fds(connection, [data], [0, 1, 2, 0])


def prepared(monkeypatch, pair, resident, **options):
    """What `_prepare` gives for a request; nothing is adopted."""
    ours, theirs = pair
    adopted = []
    monkeypatch.setattr(keeper, "adopt", lambda request, _form, umask: adopted.append((request, umask)))
    ask(ours, **options)
    try:
        return keeper._prepare(theirs, resident), adopted
    finally:
        for request, _ in adopted:
            for each in request.descriptors:
                os.close(each)


def test_a_request_is_taken_over_with_what_the_kernel_says_of_its_sender(monkeypatch, pair, resident):
    ignored, adopted = prepared(monkeypatch, pair, resident)
    assert signal.SIGPIPE in ignored
    assert adopted[0][0].argv == ("sutazai", "agents")
    mask = os.umask(0)
    os.umask(mask)
    assert adopted[0][1] == mask


@pytest.mark.parametrize(("says", "begins"), [(b"G", True), (b"?", False), (b"", False)])
def test_nothing_is_run_before_the_client_says_go(monkeypatch, pair, resident, says, begins):
    ours, theirs = pair
    told = []
    monkeypatch.setattr(os, "setsid", lambda: None)
    monkeypatch.setattr(os, "fork", lambda: 123)
    monkeypatch.setattr(keeper, "_prepare", lambda *_: frozenset())
    monkeypatch.setattr(keeper._Watch, "until_the_end", lambda self: told.append(self._pid))
    ours.sendall(says)
    ours.shutdown(socket.SHUT_WR)
    keep(theirs, resident)
    assert ours.recv(10) == b"A"
    assert told == ([123] if begins else [])


def test_a_process_that_cannot_be_had_is_a_refusal(monkeypatch, pair, resident):
    monkeypatch.setattr(os, "setsid", lambda: None)
    monkeypatch.setattr(os, "fork", fail_to_write)
    monkeypatch.setattr(keeper, "_prepare", lambda *_: frozenset())
    keep(pair[1], resident)
    assert pair[0].recv(10) == b"R"


def test_a_client_that_is_gone_wants_nothing(pair):
    pair[0].close()
    assert not keeper._told_to_begin(pair[1])


def test_another_character_likeness_or_code_is_refused(monkeypatch, pair, resident):
    with pytest.raises(BadRequest):
        prepared(monkeypatch, pair, resident, character="d")
    with pytest.raises(BadRequest):
        prepared(monkeypatch, pair, replace(resident, likeness=replace(resident.likeness, root=(0, 0))))
    told = []
    monkeypatch.setattr(os, "kill", lambda *call: told.append(call))
    with pytest.raises(BadRequest):
        prepared(monkeypatch, pair, replace(resident, code=Snapshot({"/nowhere": (1, 1, 1)}, {})))
    assert told == [(os.getpid(), signal.SIGTERM)]  # the resident ends


def test_what_is_refused_is_told_and_nothing_is_forked(monkeypatch, pair, resident):
    monkeypatch.setattr(os, "setsid", lambda: None)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("forked"))
    pair[0].sendall(b"GET /")
    keep(pair[1], resident)
    assert pair[0].recv(10) == b"HR"


def test_the_kernel_says_who_is_at_the_other_end(pair):
    assert peer_of(pair[0]) == (os.getpid(), os.geteuid())


@pytest.mark.parametrize(
    ("program", "told"),
    [("raise SystemExit(7)", b"E\x07"), ("import os; os.kill(os.getpid(), 9)", b"S\x09"), ("", b"E\x00")],
)
def test_the_end_of_a_command_is_told(pair, program, told):
    process = subprocess.Popen([sys.executable, "-c", program])
    _Watch(pair[1], process.pid).until_the_end()
    process.returncode = 0
    assert pair[0].recv(10) == told


def test_signals_are_passed_on_and_others_are_not(pair):
    process = subprocess.Popen(["sleep", "60"])
    pair[0].send(bytes([signal.SIGKILL, 0, 255, signal.SIGTSTP, signal.SIGCONT, signal.SIGTERM]))
    _Watch(pair[1], process.pid).until_the_end()
    process.returncode = 0
    assert pair[0].recv(10) == b"S\x0f"


@pytest.mark.parametrize("deaf", [False, True])
def test_without_its_client_a_command_ends(pair, monkeypatch, deaf):
    monkeypatch.setattr(keeper, "_GRACE_S", 0.01)
    command = ["sh", "-c", 'trap "" TERM; exec sleep 60'] if deaf else ["sleep", "60"]
    process = subprocess.Popen(command)
    pair[0].close()
    _Watch(pair[1], process.pid).until_the_end()
    process.returncode = 0
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def leave(code):
    raise SystemExit(code)


def fail():
    raise RuntimeError("as it is")


def interrupted():
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("run", "code"),
    [(lambda: 5, 5), (lambda: leave(3), 3), (lambda: leave(None), 0), (lambda: leave("x"), 1), (interrupted, 130)],
)
def test_the_exit_code_is_that_of_a_python_program(monkeypatch, run, code):
    monkeypatch.setattr(threading, "_shutdown", lambda: None)
    monkeypatch.setattr("atexit._run_exitfuncs", lambda: None)
    assert ended(run) == code


def test_a_failure_is_printed_and_an_output_that_cannot_be_written_counts(monkeypatch, capsys):
    monkeypatch.setattr(threading, "_shutdown", lambda: None)
    monkeypatch.setattr("atexit._run_exitfuncs", lambda: None)
    assert ended(fail) == 1
    assert "RuntimeError: as it is" in capsys.readouterr().err
    with monkeypatch.context() as patch:
        patch.setattr(sys.stdout, "flush", fail_to_write)
        assert ended(lambda: 0) == 120


def fail_to_write():
    raise OSError(28, "full")
