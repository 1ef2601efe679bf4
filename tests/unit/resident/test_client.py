"""What goes through a resident, and what the client does where nothing answers as it should."""

import os
import signal
import sys

import pytest

from sutazai.resident import client, place

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="residents are for Linux")


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    for name in [each for each in os.environ if each.startswith(("COV", "PYDANTIC", "_SUTAZAI"))]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("SUTAZAI_RESIDENT", raising=False)
    monkeypatch.setattr(sys, "gettrace", lambda: None)


@pytest.mark.parametrize("words", [["review", "x.py"], ["--help"], ["run", "code.review"], ["agents"], ["history"]])
def test_commands_that_are_wanted_at_once_suit(words):
    assert client.suits(["sutazai", *words])


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["doctor"],
        ["config", "secret", "x"],
        ["fix", "x.py"],
        ["ask", "x"],
        ["nope"],
        ["review", "-i", "/dev/fd/63"],
    ],
)
def test_others_and_what_needs_this_process_do_not(words):
    assert not client.suits(["sutazai", *words])


@pytest.mark.parametrize(
    ("name", "value"),
    [("SUTAZAI_RESIDENT", "0"), ("SUTAZAI_RESIDENT", "False"), ("SUTAZAI_RESIDENT", "no"), ("COVERAGE_RUN", "1")],
)
def test_a_variable_keeps_commands_in_their_own_process(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert not client.suits(["sutazai", "review"])


def test_what_a_command_sets_for_those_it_starts_keeps_nothing_apart(monkeypatch):
    monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", "__all__")
    assert client.suits(["sutazai", "review"])
    monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", "one")
    assert not client.suits(["sutazai", "review"])


def test_completion_suits(monkeypatch):
    monkeypatch.setenv("_SUTAZAI_COMPLETE", "complete_bash")
    assert client.suits(["sutazai"])


def test_a_closed_stream_a_debugger_and_a_terminal_to_read_from_do_not(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)
        assert not client.suits(["sutazai", "review"])
    with monkeypatch.context() as patch:
        patch.setattr(os, "isatty", lambda _: True)
        assert client.suits(["sutazai", "review", "x.py"])
        assert not client.suits(["sutazai", "review", "-"])
    monkeypatch.setattr(sys, "gettrace", lambda: print)
    assert not client.suits(["sutazai", "review"])


def test_nobody_there_means_that_nothing_happened(tmp_path, monkeypatch):
    assert client.ask(["sutazai", "agents"]) is None
    monkeypatch.setattr(place, "character", lambda: (_ for _ in ()).throw(OSError()))
    assert client.ask(["sutazai", "agents"]) is None


class Scripted:
    """The other end of a connection, from a list of what it says."""

    def __init__(self, *says):
        self.says, self.sent, self.closed = list(says), [], False

    def recv(self, _size):
        said = self.says.pop(0) if self.says else b""
        if isinstance(said, Exception):
            raise said
        if callable(said):
            said()
            return self.recv(_size)
        return said

    def send(self, data):
        if self.closed:
            raise BrokenPipeError
        self.sent.append(data)

    sendall = send

    def sendmsg(self, parts, _ancillary):
        self.sent.append(b"".join(parts))
        return len(self.sent[-1])

    def settimeout(self, seconds):
        self.timeout = seconds

    def close(self):
        self.closed = True


def asked(monkeypatch, scripted):
    monkeypatch.setattr(client, "_connected", lambda _name: scripted)
    return client.ask(["sutazai", "agents"])


def test_the_command_begins_when_everything_is_ready_and_its_code_is_ours(monkeypatch):
    scripted = Scripted(b"H", b"A", b"E\x07")
    assert asked(monkeypatch, scripted) == 7
    assert scripted.sent[1:] == [b"", b"G"]
    assert b"sutazai\0agents" in scripted.sent[0]
    assert scripted.timeout is None


@pytest.mark.parametrize("says", [[], [b"R"], [b"H", b"R"], [b"H"], [TimeoutError()], [b"H", ConnectionResetError()]])
def test_a_refusal_silence_or_error_before_that_means_that_nothing_happened(monkeypatch, says):
    before = signal.getsignal(signal.SIGTERM)
    scripted = Scripted(*says)
    assert asked(monkeypatch, scripted) is None
    assert b"G" not in scripted.sent
    assert scripted.closed
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("says", [b"", b"E", b"?", ConnectionResetError()])
def test_an_end_that_nobody_tells_of_is_an_error_never_a_second_run(monkeypatch, capsys, says):
    assert asked(monkeypatch, Scripted(b"H", b"A", says)) == 70
    assert "was killed" in capsys.readouterr().err


def test_signals_that_come_early_are_passed_on_later_or_met_here(monkeypatch):
    heard = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: heard.append(number))
    try:
        kill = lambda: os.kill(os.getpid(), signal.SIGUSR1)  # noqa: E731 (one line)
        scripted = Scripted(kill, b"H", b"A", kill, b"E\x00")
        assert asked(monkeypatch, scripted) == 0
        assert scripted.sent[2:] == [b"G", bytes([signal.SIGUSR1]), bytes([signal.SIGUSR1])]
        assert heard == []
        assert asked(monkeypatch, Scripted(kill, b"R")) is None
        assert heard == [signal.SIGUSR1]
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_signal_for_a_command_that_just_ended_is_lost_on_nobody(monkeypatch):
    scripted = Scripted(b"H", b"A", lambda: (scripted.close(), os.kill(os.getpid(), signal.SIGWINCH)), b"E\x00")
    assert asked(monkeypatch, scripted) == 0


def test_the_signal_that_ended_the_command_ends_the_client(monkeypatch):
    sent = []
    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patch:
        patch.setattr(os, "kill", lambda pid, number: sent.append(number))
        assert asked(monkeypatch, Scripted(b"H", b"A", bytes([ord("S"), signal.SIGKILL]))) == 70
        assert asked(monkeypatch, Scripted(b"H", b"A", bytes([ord("S"), signal.SIGTERM]))) == 70
    signal.signal(signal.SIGTERM, before)
    assert sent == [signal.SIGKILL, signal.SIGTERM]


def test_a_stop_stops_the_client_too_and_both_go_on(monkeypatch):
    stops = []
    monkeypatch.setattr(os, "kill", lambda pid, number: stops.append((pid, number)))
    scripted = Scripted()
    call = client._Call(scripted)
    call._begun = True
    before = signal.getsignal(signal.SIGTSTP)
    try:
        call._forward(signal.SIGTSTP, None)
        assert signal.getsignal(signal.SIGTSTP) == call._forward
    finally:
        signal.signal(signal.SIGTSTP, before)
    assert stops == [(os.getpid(), signal.SIGTSTP)]
    assert scripted.sent == [bytes([signal.SIGTSTP]), bytes([signal.SIGCONT])]
