"""The command line as a process: signals, closed pipes, closed and full streams, completion."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.face import FAULTY, SHELL, SUTAZAI, Ended, called, started

SLOW = "".join(f"def f{n}(x):\n    return eval(x) == {n}\n\n\n" for n in range(300))
MANY = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one faulty file."""
    (tmp_path / "app.py").write_text(FAULTY)
    return tmp_path


def _stopped(folder: Path, number: signal.Signals, *arguments: str) -> Ended:
    """A review that is sent a signal while it is at work: after its first finding."""
    for place in range(MANY):
        (folder / f"m{place}.py").write_text(SLOW)
    request = json.dumps({"model": False, "cache": False, "min_confidence": 0}).encode()
    with started("run", "code.review", "--events", "-i", "-", *arguments, cwd=folder) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(request)
        process.stdin.close()
        for line in process.stdout:
            if b'"progress"' in line:
                break
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        out, err = process.stdout.read(), process.stderr.read()
    _, left = psutil.wait_procs(children, timeout=10)  # killed with it, but perhaps not gone at once
    assert not left
    return Ended(process.returncode, out.decode(), err.decode())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_a_review_with_130_and_one_word(folder: Path) -> None:
    """The engines' processes are gone, too."""
    ended = _stopped(folder, signal.SIGINT)
    assert (ended.code, ended.err) == (130, "sutazai: interrupted\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without telling them")
def test_sigterm_ends_a_review_with_143_and_silently(folder: Path) -> None:
    """The engines' processes are gone, too."""
    ended = _stopped(folder, signal.SIGTERM)
    assert (ended.code, ended.err) == (143, "")


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    """`sutazai review | head -1`: the review's own exit code, and nothing said."""
    for arguments, code in ((("review", "--no-model"), 1), (("review", "--help"), 0), (("agents", "code.review"), 0)):
        reading, writing = os.pipe()
        os.close(reading)
        ended = called(*arguments, cwd=folder, stdout=writing)
        os.close(writing)
        assert (ended.code, ended.err) == (code, "")


def test_nobody_listening_to_stderr_changes_nothing(folder: Path) -> None:
    """Neither the report nor the exit code."""
    reading, writing = os.pipe()
    os.close(reading)
    ended = called("review", "app.py", "no.py", "--offline", "--format", "json", cwd=folder, stderr=writing)
    os.close(writing)
    assert ended.code == 1
    assert SHELL in ended.rules


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize(("streams", "code"), [("<&- >&- 2>&-", 1), (">&-", 1), ("2>&-", 1), ("<&-", 1)])
def test_closed_streams_are_no_error(folder: Path, streams: str, code: int) -> None:
    """And no file that is opened later takes their place."""
    line = f'"$0" -P -m sutazai review --no-model {streams}'
    ended = subprocess.run(["sh", "-c", line, sys.executable], cwd=folder, check=False, capture_output=True)
    assert (ended.returncode, ended.stderr) == (code, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments", [("review", "--no-model"), ("review", "--help"), ("history",), ("doctor", "--json")]
)
def test_a_full_disk_behind_stdout_ends_with_4_and_no_crash_file(folder: Path, arguments: tuple[str, ...]) -> None:
    """It is no fault of ours."""
    with Path("/dev/full").open("wb") as full:
        ended = called(*arguments, cwd=folder, stdout=full)
    assert ended.code == 4
    assert "No space left on device" in ended.err
    assert not list(Path(os.environ["SUTAZAI_HOME"]).rglob("crash-*"))


def test_completion_of_every_shell_answers(folder: Path) -> None:
    """With commands, their own commands, and flags; also behind a word that is no command."""
    for words, expected in (
        ("rev", "review"), ("models pu", "pull"), ("review --min-s", "--min-severity"), ("nope x", ""),
    ):  # fmt: skip
        count = str(len(words.split()))
        environment = {"_SUTAZAI_COMPLETE": "complete_bash", "COMP_WORDS": f"sutazai {words}", "COMP_CWORD": count}
        ended = called(cwd=folder, env=environment)
        assert (ended.code, ended.out.strip(), ended.err) == (0, expected, "")
    environment = {"_SUTAZAI_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "sutazai fee"}
    assert "feedback" in called(cwd=folder, env=environment).out
    undetected = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    for shell in ("bash", "zsh", "fish"):
        ended = called("--show-completion", shell, cwd=folder, env=undetected)
        assert ended.code == 0
        assert f"_SUTAZAI_COMPLETE=complete_{shell}" in ended.out


def test_an_internal_error_leaves_a_crash_file_and_no_traceback(folder: Path) -> None:
    """Exit code 70; without a place for the file the trace is told, made harmless."""
    code = (
        "import sys; import sutazai.cli.cache as c; from sutazai.cli.session import run_face\n"
        "async def fail(): raise RuntimeError('a\\x1b[31mb')\n"
        "c._size = fail; sys.exit(run_face(['cache', 'size']))"
    )
    home = Path(os.environ["SUTAZAI_HOME"])
    command = [sys.executable, "-P", "-c", code]
    ended = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert ended.returncode == 70
    assert ended.stderr.startswith("error: internal error: RuntimeError: a\\x1b[31mb\n  → please report it with ")
    crash = next(home.rglob("crash-*"))
    assert str(crash) in ended.stderr
    assert "Traceback" in crash.read_text()
    (folder / "file").touch()
    environment = {**os.environ, "SUTAZAI_HOME": str(folder / "file")}
    ended = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, env=environment)
    assert ended.returncode == 70
    assert "Traceback" in ended.stderr
    assert "\x1b" not in ended.stderr


def test_a_dumb_terminal_gets_plain_lines(folder: Path) -> None:
    """No colour, no cursor, with TERM=dumb and with NO_COLOR alike, and never where it is piped."""
    for environment in ({"TERM": "dumb"}, {"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}):
        ended = called("review", "--no-model", cwd=folder, env=environment)
        assert ended.code == 1
        assert "\x1b" not in ended.out + ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_terminal_gets_colour_within_its_width_and_a_clean_screen(folder: Path) -> None:
    """At 60 columns; the cursor is shown again, and nothing is left of the live view."""
    text = _at_a_terminal(folder, {"TERM": "xterm-256color"}, 60)
    assert "\x1b[1;31m HIGH" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    report = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text[text.rindex("\x1b[?25h") :])
    assert max(len(line.rstrip("\r")) for line in report.split("\n")) <= 60
    assert "app.py · 2 findings" in report


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_at_a_terminal_no_color_and_dumb_are_heeded(folder: Path) -> None:
    """No colour by NO_COLOR; nothing but text on a dumb one."""
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", _at_a_terminal(folder, {"TERM": "xterm", "NO_COLOR": "1"}, 80))
    assert "\x1b" not in _at_a_terminal(folder, {"TERM": "dumb"}, 80)


def _at_a_terminal(folder: Path, environment: dict[str, str], width: int) -> str:
    """What a review writes to a terminal of this width."""
    import fcntl  # noqa: PLC0415 (POSIX only)
    import pty  # noqa: PLC0415
    import struct  # noqa: PLC0415
    import termios  # noqa: PLC0415

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    keep = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
    command = [*SUTAZAI, "review", "--no-model", "--no-cache"]
    with subprocess.Popen(
        command, cwd=folder, env=keep | environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        pieces = []
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so that the other side is closed
                break
            if not piece:
                break
            pieces.append(piece)
    os.close(ours)
    assert process.returncode == 1
    return b"".join(pieces).decode()
