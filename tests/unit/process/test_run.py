"""Running a program: what comes back, and that nothing is left behind when a limit is broken."""

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from sutazai.errors import ExitCode
from sutazai.errors.tools import ToolFailed, ToolMissing, ToolOutputTooLarge, ToolTimedOut
from sutazai.process.run import find_tool, run

LIMITS = {"timeout_s": 30.0, "max_output_bytes": 1_000_000}


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


async def until(condition):
    """Waits for what another process does; the test's own time limit is the bound."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (another process gives no event)
            await asyncio.sleep(0.01)


async def test_output_errors_and_return_code_come_back():
    """Nothing is interpreted: the caller decides what a return code means."""
    done = await run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"), **LIMITS)
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (3, b"out", b"err")


async def test_input_larger_than_a_pipe_passes_through():
    """Reading and writing go on at once, so neither side waits for the other."""
    data = os.urandom(300_000)
    done = await run(python("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"), stdin=data, **LIMITS)
    assert done.stdout == data


async def test_a_program_that_does_not_read_its_input_is_no_error():
    """A closed pipe while writing is the program's choice."""
    done = await run(python("import os; os.close(0); print('done')"), stdin=b"x" * 5_000_000, **LIMITS)
    assert (done.returncode, done.stdout.strip()) == (0, b"done")


async def test_no_input_means_an_empty_one():
    """A program must never wait for our terminal."""
    done = await run(python("import sys; print(len(sys.stdin.read()))"), **LIMITS)
    assert done.stdout.strip() == b"0"


async def test_variables_and_folder_are_passed_on(tmp_path: Path):
    """Extra variables stand beside ours."""
    code = "import os; print(os.getcwd(), os.environ['SUTAZAI_TEST'], 'PATH' in os.environ)"
    done = await run(python(code), cwd=tmp_path, env={"SUTAZAI_TEST": "yes"}, **LIMITS)
    assert done.stdout.decode().split() == [os.path.realpath(tmp_path), "yes", "True"]


async def test_arguments_reach_no_shell():
    """What a shell would run stays a plain argument."""
    done = await run([*python("import sys; print(sys.argv[1])"), "$(id); `id` && id"], **LIMITS)
    assert done.stdout.strip() == b"$(id); `id` && id"


async def test_a_missing_program_says_what_to_do():
    """The hint names the program."""
    with pytest.raises(ToolMissing, match="no-such-program") as caught:
        await run(["no-such-program"], **LIMITS)
    assert "install no-such-program" in caught.value.hint
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_program_beside_the_code_under_review_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Relative entries of PATH point into whatever folder the user stands in."""
    trap = tmp_path / "trap-tool"
    trap.write_text("#!/bin/sh\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([".", ""]))
    for name in ("trap-tool", "./trap-tool"):
        with pytest.raises(ToolMissing):
            find_tool(name)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    right = trap.rename(elsewhere / "trap-tool")
    trap.symlink_to(right)
    monkeypatch.setenv("PATH", os.pathsep.join([".", str(elsewhere)]))
    assert find_tool("trap-tool") == right


async def test_a_folder_that_is_not_there_is_a_clear_failure(tmp_path: Path):
    """The operating system's reason is passed on."""
    with pytest.raises(ToolFailed, match="cannot be started"):
        await run(python("pass"), cwd=tmp_path / "gone", **LIMITS)


async def test_an_argument_with_a_zero_byte_is_a_clear_failure():
    """No argument can hold one; it must not end in a traceback."""
    with pytest.raises(ToolFailed, match="cannot be started"):
        await run([*python("pass"), "a\0b"], **LIMITS)


FAMILY = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
{then}
"""
SLEEP = FAMILY.format(then="time.sleep(600)")


async def test_a_time_limit_kills_the_whole_family(tmp_path: Path):
    """The grandchild dies too."""
    note = tmp_path / "pid"
    with pytest.raises(ToolTimedOut, match="2 s"):
        await run([*python(SLEEP), note], timeout_s=2, max_output_bytes=100)
    await until(lambda: not alive(int(note.read_text())))


async def test_a_grandchild_that_holds_the_pipes_is_killed_at_the_time_limit(tmp_path: Path):
    """The program itself ended, yet its output never would."""
    note = tmp_path / "pid"
    with pytest.raises(ToolTimedOut):
        await run([*python(FAMILY.format(then="")), note], timeout_s=2, max_output_bytes=100)
    await until(lambda: not alive(int(note.read_text())))


async def test_a_grandchild_that_left_the_group_keeps_nobody_waiting(tmp_path: Path):
    """It cannot be killed with the group, so its pipes are dropped."""
    note = tmp_path / "pid"
    escaped = FAMILY.format(then="").replace('600)"]', '600)"], start_new_session=True')
    with pytest.raises(ToolTimedOut):
        await run([*python(escaped), note], timeout_s=1, max_output_bytes=100)
    await until(note.exists)
    os.kill(int(note.read_text()), signal.SIGKILL)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_too_much_output_kills_the_whole_family(stream: str, tmp_path: Path):
    """Memory stays bounded whatever a program writes, on either stream."""
    note = tmp_path / "pid"
    flood = FAMILY.format(then=f"while True: sys.{stream}.write('x' * 1000)")
    with pytest.raises(ToolOutputTooLarge, match="50000 bytes"):
        await run([*python(flood), note], timeout_s=30, max_output_bytes=50_000)
    await until(lambda: not alive(int(note.read_text())))


async def test_cancelling_kills_the_whole_family(tmp_path: Path):
    """Ctrl-C leaves nothing running."""
    note = tmp_path / "pid"
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(run([*python(SLEEP), note], **LIMITS))
        await until(lambda: note.exists() and note.read_text())
        task.cancel()
    assert task.cancelled()
    await until(lambda: not alive(int(note.read_text())))


async def test_a_signal_shows_as_a_negative_return_code():
    """The caller can tell a crash from an error."""
    done = await run(python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"), **LIMITS)
    assert done.returncode == -signal.SIGKILL


def test_a_failure_without_a_reason_still_reads_well():
    """Some programs fail silently."""
    assert ToolFailed("git", " ").message == "git failed: no reason given"
