"""Commands that a resident runs: nobody can tell them from commands that run in a process of their own."""

import fcntl
import json
import os
import pty
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.support.face import FAULTY, SUTAZAI, git, repository
from tests.support.resident import PATIENT, PROGRAM, Resident, environment, resident, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="residents are for Linux")

COMMANDS = [
    (("review", "app.py", "--no-model"), 1),
    (("review", "clean.py", "--no-model"), 0),
    (("review", "no.py", "--no-model"), 4),
    (("review", "--nope"), 2),
    (("review", "--help"), 0),
    (("--help",), 0),
    (("review", ".", "--no-model", "--no-cache", "--format", "json"), 1),
    (("review", "app.py", "--no-model", "--format", "sarif", "-o", "report.sarif"), 1),
    (("review", "app.py", "--no-model", "-o", "no/report.txt"), 4),
    (("review", "--staged", "--no-model", "--format", "jsonl"), 1),
    (("review", "-", "--no-model"), 1),
    (("run", "code.review", "--input", "-"), 1),
    (("agents",), 0),
    (("cache", "size"), 0),
    (("history", "--json"), 0),
    (("feedback", "accept", "nothing"), 2),
]
_REQUEST = b'{"paths": ["app.py"], "model": false}'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the residents below."""
    return tmp_path_factory.mktemp("resident")


@pytest.fixture(scope="module")
def real(home: Path) -> Iterator[Resident]:
    """The command line, ready."""
    with resident(home / "real", "real") as running:
        yield running


@pytest.fixture(scope="module")
def probe(home: Path) -> Iterator[Resident]:
    """Programs that tell of themselves."""
    with resident(home / "probe", "probe") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a faulty file that is staged."""
    repository(tmp_path / "project")
    (tmp_path / "project" / "app.py").write_text(FAULTY)
    (tmp_path / "project" / "clean.py").write_text("def twice(n):\n    return 2 * n\n")
    git(tmp_path / "project", "add", ".")
    return tmp_path / "project"


@pytest.mark.parametrize(("arguments", "code"), COMMANDS, ids=[" ".join(each) for each, _ in COMMANDS])
def test_a_command_says_and_returns_the_same_with_and_without(
    real: Resident, folder: Path, arguments: tuple[str, ...], code: int
) -> None:
    """Bytes of stdout and stderr, and the exit code; times apart."""
    stdin = git(folder, "diff", "--cached").encode() if "-" in arguments and "review" in arguments else _REQUEST
    before = real.served
    served = real.call(*arguments, cwd=folder, stdin=stdin)
    assert real.served == before + 1
    apart = real.call(*arguments, cwd=folder, stdin=stdin, env={"SUTAZAI_RESIDENT": "0"})
    assert real.served == before + 1
    assert (served.code, _lasting(served.err)) == (code, _lasting(apart.err))
    assert (apart.code, _lasting(served.out)) == (code, _lasting(apart.out))


def _lasting(text: str) -> str:
    """Without seconds and what is drawn anew each time."""
    return re.sub(r'\d+\.\d+|"(id|started_at|[a-z_]*TimeUtc)": ".*"|\d{4}-\d\d-\d\dT[\d:.+Z]+', "~", text)


@pytest.mark.parametrize("arguments", [("doctor",), ("config", "path"), ("models", "list"), ("--version",), ("nope",)])
def test_other_commands_run_in_their_own_process(real: Resident, folder: Path, arguments: tuple[str, ...]) -> None:
    before = real.served
    real.call(*arguments, cwd=folder)
    assert real.served == before


def test_completion_is_served(real: Resident, folder: Path) -> None:
    asked = {"_SUTAZAI_COMPLETE": "complete_bash", "COMP_WORDS": "sutazai rev", "COMP_CWORD": "1"}
    before = real.served
    assert real.call(cwd=folder, env=asked).out.strip() == "review"
    assert real.served == before + 1


def test_the_process_is_as_if_started_by_the_caller(probe: Resident, tmp_path: Path) -> None:
    """Its folder, umask, streams, signals, limits and descriptors are those of a program started directly."""
    options = {"cwd": tmp_path, "umask": 0o027}
    mine = {"ONLY": "mine", "TZ": "Asia/Tokyo"}
    served = probe.state(env=mine, **options)
    direct = json.loads(
        subprocess.run(
            [sys.executable, "-P", str(PROGRAM), "run", "state"],
            env=environment(probe.home, **mine),
            input=b"",
            capture_output=True,
            check=True,
            **options,  # type: ignore[call-overload]
        ).stdout
    )
    assert served.pop("argv")[1:] == direct.pop("argv")[1:]
    assert served == direct
    assert served["zone"][0] == "JST"


def test_nothing_of_one_caller_is_seen_by_the_next(probe: Resident, tmp_path: Path) -> None:
    probe.state(cwd=tmp_path, env={"ONLY_HERE": "1", "PATH": "/elsewhere"}, umask=0)
    after = probe.state()
    assert "ONLY_HERE" not in after["environment"]
    assert after["environment"]["PATH"] == os.environ["PATH"]
    assert after["cwd"] == str(Path.cwd())
    assert after["umask"] != 0


def test_signals_that_the_caller_ignores_are_ignored(probe: Resident) -> None:
    """As `nohup` and a shell's background jobs have it."""
    line = "trap '' INT HUP; exec \"$@\""
    done = subprocess.run(
        ["sh", "-c", line, "sh", *PATIENT, "run", "state"],
        env=environment(probe.home),
        capture_output=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    state = json.loads(done.stdout)
    assert {signal.SIGINT, signal.SIGHUP} <= set(state["ignored"])
    assert not state["interrupt"]


@pytest.mark.parametrize("code", [0, 1, 2, 70, 130, 143, 255])
def test_every_exit_code_arrives(probe: Resident, code: int) -> None:
    assert probe.call("run", "exit", str(code)).code == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGABRT])
def test_death_by_a_signal_arrives(probe: Resident, number: int) -> None:
    ended = probe.call("run", "die", str(int(number)))
    assert ended.code == (-number if number != signal.SIGPIPE else 0)  # which Python ignores
    assert ended.err == ""


def test_an_exception_ends_as_in_python(probe: Resident) -> None:
    ended = probe.call("run", "raise")
    assert ended.code == 1
    assert ended.err.endswith("RuntimeError: as it is\n")


def test_signals_arrive_each_time(probe: Resident) -> None:
    """Ctrl-C once and twice, and what supervisors and terminals send."""
    sent = [signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGWINCH, signal.SIGUSR1]
    with probe.start("run", "signals", str(len(sent))) as process:
        assert process.stdout
        process.stdout.readline()
        for number in sent:
            os.kill(process.pid, number)
            assert int(process.stdout.readline()) == number  # before the next: two of a kind that wait are one
    assert process.returncode == len(sent)


def test_a_stop_stops_the_command_and_its_client_until_they_go_on(probe: Resident) -> None:
    """Ctrl-Z, and `fg`."""
    # A group of its own beside ours: one that nobody could let go on is never stopped.
    with probe.start("run", "signals", "1", process_group=0) as process:
        assert process.stdout
        worker = psutil.Process(int(process.stdout.readline()))
        os.kill(process.pid, signal.SIGTSTP)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert os.WSTOPSIG(status) == signal.SIGTSTP
        until(lambda: worker.status() == psutil.STATUS_STOPPED)
        os.kill(process.pid, signal.SIGCONT)
        assert process.stdout.read().split() == [str(int(signal.SIGCONT)).encode()]


def test_a_terminal_is_the_commands_terminal(real: Resident, folder: Path) -> None:
    """Colour within its width, as without a resident."""
    seen = []
    for more in ({}, {"SUTAZAI_RESIDENT": "0"}):
        before = real.served
        seen.append(_at_a_terminal(real, ["review", "app.py", "--no-model"], folder, more))
        assert real.served == before + (not more)
    served, apart = (text[text.rindex("\x1b[?25h") :].split("\n") for text in seen)
    assert "\x1b[1;31m HIGH" in seen[0]
    assert _lasting("".join(served)) == _lasting("".join(apart))


def _at_a_terminal(running: Resident, arguments: list[str], folder: Path, more: dict[str, str]) -> str:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    env = {"TERM": "xterm-256color", **more}
    process = running.start(*arguments, cwd=folder, env=env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    text = _drained(ours)
    assert process.wait(60) == 1
    return text.decode()


def _drained(terminal: int) -> bytes:
    text = b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            chunk = b""
        if not chunk:
            os.close(terminal)
            return text
        text += chunk


def test_ctrl_c_at_a_terminal_and_a_new_size_reach_the_command(probe: Resident) -> None:
    """From the terminal's own keys and size, to the job that stands in front of it."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(  # noqa: S606 (after a fork, as it must be)
            sys.executable, [*PATIENT, "run", "signals", "2"], environment(probe.home)
        )
    until(lambda: b"\n" in os.read(terminal, 100))
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
    until(lambda: b"28 77 33" in os.read(terminal, 100))
    os.write(terminal, b"\x03")
    text = _drained(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 2
    assert text.replace(b"^C", b"").split()[-3:] == [b"2", b"77", b"33"]


def test_a_command_that_reads_from_the_terminal_runs_in_its_own_process(probe: Resident) -> None:
    """Only jobs of the terminal may read from it."""
    before = probe.served
    ours, theirs = pty.openpty()
    process = probe.start("run", "code.review", "-i", "-", stdin=theirs)
    os.close(theirs)
    os.write(ours, b"\x04")
    process.communicate(timeout=60)
    os.close(ours)
    assert probe.served == before


def test_a_killed_client_ends_its_command(probe: Resident) -> None:
    """And nothing is left of it."""
    process = probe.start("run", "wait")
    assert process.stdout
    worker, keeper = (psutil.Process(int(each)) for each in process.stdout.readline().split())
    process.kill()
    process.wait()
    until(lambda: not worker.is_running() and not keeper.is_running())
    process.communicate()


def test_a_killed_command_is_told_of_and_a_killed_keeper_too(probe: Resident) -> None:
    """Nothing is left of the command, and it is not run again."""
    for kill_keeper in (False, True):
        before = probe.served
        process = probe.start("run", "wait")
        assert process.stdout
        worker, keeper = (psutil.Process(int(each)) for each in process.stdout.readline().split())
        (keeper if kill_keeper else worker).kill()
        _, said = process.communicate(timeout=30)
        until(lambda worker=worker: not worker.is_running())
        assert process.returncode == (70 if kill_keeper else -9)
        assert (b"was killed" in said) == kill_keeper
        assert probe.served == before + 1


def test_a_killed_resident_disturbs_no_command(tmp_path: Path) -> None:
    """The one at work goes on; the next runs by itself."""
    with resident(tmp_path, "probe") as running:
        with running.start("run", "signals", "1") as process:
            assert process.stdout
            process.stdout.readline()
            running.process.kill()
            running.process.wait()
            process.send_signal(signal.SIGUSR1)
            assert process.wait(30) == 1
        assert running.socket.exists()
        assert running.call("cache", "size", env={"CI": "true"}).code == 0
        assert running.served == 1


def test_a_stopped_resident_delays_a_command_and_no_more(tmp_path: Path) -> None:
    with resident(tmp_path, "probe") as running:
        os.kill(running.process.pid, signal.SIGSTOP)
        assert running.call("cache", "size", env={"CI": "true"}, program=SUTAZAI).out == "0.0 MB\n"
        os.kill(running.process.pid, signal.SIGCONT)
        until(lambda: running.state()["cwd"])
        assert running.served == 1


def test_garbage_at_the_socket_is_refused(probe: Resident) -> None:
    """Also a connection that says nothing, and one that promises much."""
    before = probe.served
    kept = []
    for data in (b"", b"\0" * 100, b"GET / HTTP/1.1\r\n\r\n", b"\xff\xff\xff\xff", os.urandom(5000)):
        kept.append(socket.socket(socket.AF_UNIX))
        kept[-1].connect(str(probe.socket))
        if data:
            kept[-1].sendall(data)
    assert probe.call("run", "exit", "3").code == 3
    for each in kept:
        with each:
            each.settimeout(10)
            heard = b"".join(iter(lambda each=each: each.recv(10), b""))
            assert heard in {b"H", b"HR"}
    assert probe.served == before + 1


def test_twenty_clients_at_once_each_get_their_own(probe: Resident) -> None:
    def one(number: int) -> tuple[int, str]:
        ended = probe.call("run", "echo", stdin=str(number).encode())
        return ended.code, ended.out

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(one, range(20))) == [(0, str(number)) for number in range(20)]


def test_a_resident_gathers_nothing(probe: Resident) -> None:
    """No descriptor, no process, after many commands."""
    probe.call("run", "exit", "0")
    process = psutil.Process(probe.process.pid)
    until(lambda: not process.children())
    before = process.num_fds()
    for _ in range(40):
        assert probe.call("run", "exit", "7").code == 7
    until(lambda: not process.children())
    assert process.num_fds() == before
    assert process.num_threads() == 1


def test_an_idle_resident_ends(tmp_path: Path) -> None:
    with resident(tmp_path, "probe", idle_s=0.3) as running:
        until(running.gone)


def test_a_resident_whose_socket_is_gone_ends(tmp_path: Path) -> None:
    with resident(tmp_path, "probe", idle_s=600) as running:
        running.socket.unlink()
        running.process.send_signal(signal.SIGTERM)
        until(running.gone)


def test_changed_code_is_never_run(tmp_path: Path) -> None:
    """The resident ends, and the command runs by itself."""
    package = tmp_path / "packages"
    package.mkdir()
    root = Path(__file__).parents[2]
    for name in ("sutazai", "plugins/sutazai_agents"):
        subprocess.run(["cp", "-r", str(root / name), str(package)], check=True)
    env = {"PYTHONPATH": str(package)}
    with resident(tmp_path / "home", "probe", env=env) as running:
        assert running.state(env=env)["path"][0] == str(package)
        assert running.served == 1
        with (package / "sutazai" / "cli" / "cache.py").open("a") as stream:
            stream.write("\n")
        assert running.call("cache", "size", env={**env, "CI": "1"}).out == "0.0 MB\n"
        until(running.gone)
        assert running.served == 1


@pytest.mark.parametrize(
    "env",
    [{"SUTAZAI_RESIDENT": "0"}, {"PYTHONUTF8": "1"}, {"LC_ALL": "POSIX"}, {"COVERAGE_X": "1"}, {"PYDANTIC_X": "1"}],
)
def test_a_process_of_another_kind_is_not_served(probe: Resident, env: dict[str, str]) -> None:
    before = probe.served
    assert probe.call("cache", "size", env={**env, "CI": "1"}).code == 0
    assert probe.served == before


def test_a_process_with_other_limits_or_priority_is_not_served(probe: Resident) -> None:
    """It must not get what its caller took from it."""
    before = probe.served
    number = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2
    env = {"CI": "1"}
    for line in (f"ulimit -n {number}; ", "exec nice -n 3 "):
        command = ["sh", "-c", f'{line}"$@"', "sh", *PATIENT, "cache", "size"]
        subprocess.run(command, env=environment(probe.home, **env), check=True, capture_output=True)
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        mine = os.sched_getaffinity(0)
        try:
            os.sched_setaffinity(0, {min(mine)})
            probe.call("cache", "size", env=env)
        finally:
            os.sched_setaffinity(0, mine)
    assert probe.served == before


def test_a_folder_that_others_may_use_is_not_trusted(tmp_path: Path) -> None:
    with resident(tmp_path, "probe") as running:
        for mode in (0o755, 0o770, 0o701):
            running.folder.chmod(mode)
            assert running.call("cache", "size", env={"CI": "1"}).code == 0
        running.folder.chmod(0o700)
        moved = running.folder.rename(tmp_path / "moved")
        running.folder.symlink_to(moved)
        assert running.call("cache", "size", env={"CI": "1"}).code == 0
        running.folder.unlink()
        moved.rename(running.folder)
        assert running.served == 0
        assert running.call("run", "exit", "3").code == 3


def test_only_one_starts_at_a_time(tmp_path: Path) -> None:
    with resident(tmp_path, "probe") as running:
        command = running.process.args
        second = subprocess.run(command, env=environment(tmp_path), timeout=30, check=False)  # type: ignore[call-overload]
        assert second.returncode == 0
        assert running.call("run", "exit", "3").code == 3


def test_a_command_starts_one_for_the_next_and_it_can_be_stopped(folder: Path, tmp_path: Path) -> None:
    """It holds none of the caller's streams: the command's output ends with the command."""
    env = environment(tmp_path / "home")
    first = subprocess.run([*SUTAZAI, "agents"], env=env, capture_output=True, cwd=folder, timeout=60, check=True)
    status = [*SUTAZAI, "resident", "status", "--json"]
    try:
        found = until(lambda: json.loads(subprocess.run(status, env=env, capture_output=True, check=True).stdout))
        process = psutil.Process(found[0]["pid"])
        assert process.cwd() == "/"
        assert {each.path for each in process.open_files() if "/dev/" in each.path} == set()
        assert all(str(Path(f"/proc/{process.pid}/fd/{number}").readlink()) == "/dev/null" for number in range(3))
        second = subprocess.run([*SUTAZAI, "agents"], env=env, capture_output=True, cwd=folder, timeout=60, check=True)
        assert second.stdout == first.stdout
        text = subprocess.run([*SUTAZAI, "resident", "status"], env=env, capture_output=True, check=True).stdout
        assert text.startswith(f"process {process.pid}, for 0 min, ".encode())
    finally:
        said = subprocess.run([*SUTAZAI, "resident", "stop"], env=env, capture_output=True, check=True).stderr
    assert said == f"sutazai: ended: process {process.pid}\n".encode()
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    again = subprocess.run([*SUTAZAI, "resident", "stop"], env=env, capture_output=True, check=True).stderr
    assert again == b"sutazai: none was running\n"


@pytest.mark.parametrize("more", [{"CI": "true"}, {"SUTAZAI_RESIDENT": "0"}, {"SUTAZAI_RESIDENT": "maybe"}])
def test_none_is_started_where_none_is_wanted(folder: Path, tmp_path: Path, more: dict[str, str]) -> None:
    env = environment(tmp_path / "home", **more)
    subprocess.run([*SUTAZAI, "agents"], env=env, capture_output=True, cwd=folder, check=True)
    subprocess.run([*SUTAZAI, "config", "path"], env=environment(tmp_path / "home"), capture_output=True, check=False)
    assert not (tmp_path / "home" / "cache" / "resident").exists()
