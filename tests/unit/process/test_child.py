"""A long-lived child that speaks in frames."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from sutazai.process.child import Child, ChildEnd
from sutazai.process.frames import FrameTooLarge

FOLDER = str(Path(__file__).parent)


class Talk:
    """A child with what it said."""

    def __init__(self, grace_s: float = 20.0) -> None:
        self.frames: asyncio.Queue[bytes] = asyncio.Queue()
        self.ended: asyncio.Queue[ChildEnd] = asyncio.Queue()
        self.child = Child(
            "echoing_child",
            on_frame=self.frames.put_nowait,
            on_end=self.ended.put_nowait,
            env={**os.environ, "PYTHONPATH": FOLDER},
            frame_limit=100_000,
            grace_s=grace_s,
        )

    async def ask(self, frame: bytes) -> bytes:
        self.child.send(frame)
        return await self.frames.get()


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    one = Talk()
    await one.child.start()
    yield one
    one.child.kill()
    await one.child.stop()


async def test_frames_go_there_and_back_whole(talk: Talk) -> None:
    """Also one that is larger than a pipe."""
    for frame in (b"", b"hello", bytes(range(256)) * 300):
        assert await talk.ask(frame) == frame


async def test_end_of_input_ends_the_child(talk: Talk) -> None:
    """Stopping needs no kill when the child listens."""
    await talk.ask(b"x")
    await talk.child.stop()
    assert await talk.ended.get() == ChildEnd(0, "", ())
    assert not psutil.pid_exists(talk.child.pid or 0)


async def test_stopping_twice_or_before_the_start_is_harmless(talk: Talk) -> None:
    """Whoever cleans up need not know how far things got."""
    await talk.child.stop()
    await talk.child.stop()
    unstarted = Talk().child
    unstarted.kill()
    await unstarted.stop()
    assert unstarted.pid is None


async def test_a_child_that_does_not_listen_is_killed_after_the_grace() -> None:
    """It sleeps for minutes."""
    talk = Talk(grace_s=0.05)
    await talk.child.start()
    await talk.ask(b"stay")
    await talk.child.stop()
    assert (await talk.ended.get()).returncode == -9


async def test_a_child_that_exits_by_itself_is_told_with_its_code_and_last_lines(talk: Talk) -> None:
    """This is what an error shows."""
    await talk.ask(b"complain 100")
    talk.child.send(b"exit 7")
    end = await talk.ended.get()
    assert end.returncode == 7
    assert end.stderr == tuple(f"complaint {number}" for number in range(60, 100))


async def test_a_killed_child_is_told_with_its_signal(talk: Talk) -> None:
    """The out-of-memory killer ends a process like this."""
    talk.child.send(b"die")
    assert (await talk.ended.get()).returncode == -9


async def test_a_flood_on_stderr_is_kept_only_in_part(talk: Talk) -> None:
    """A megabyte without a line break."""
    await talk.ask(b"shout 1000000")
    await talk.child.stop()
    assert [len(line) for line in (await talk.ended.get()).stderr] == [1000, 3]


async def test_text_on_the_pipe_ends_the_child_with_the_reason(talk: Talk) -> None:
    """After it nothing can be told apart any more, so it is not read."""
    talk.child.send(b"print")
    end = await talk.ended.get()
    assert "it sent a frame of" in end.reason
    assert end.returncode == -9
    assert talk.frames.empty()


async def test_nothing_is_delivered_once_the_child_was_killed_for_something(talk: Talk) -> None:
    """What it said before it died is not believed."""
    talk.child.kill("it was wrong")
    talk.child._protocol.pipe_data_received(1, b"\0\0\0\1x")
    assert (await talk.ended.get()).reason == "it was wrong"
    assert talk.frames.empty()


async def test_a_frame_over_the_limit_is_refused_before_it_is_sent(talk: Talk) -> None:
    """The child goes on."""
    with pytest.raises(FrameTooLarge):
        talk.child.send(b"x" * 100_001)
    assert await talk.ask(b"still there") == b"still there"


async def test_a_frame_to_a_child_that_has_ended_is_dropped(talk: Talk) -> None:
    """Its end is told once, by `on_end`."""
    talk.child.send(b"exit 0")
    await talk.ended.get()
    talk.child.send(b"anybody?")
    assert talk.ended.empty()


async def test_a_grandchild_that_holds_the_pipes_open_hides_no_end(talk: Talk) -> None:
    """The child is gone, whoever still holds its pipes."""
    grandchild = psutil.Process(int(await talk.ask(b"leave grandchild")))
    assert (await talk.ended.get()).returncode == 0
    grandchild.kill()


async def test_a_child_that_cannot_be_started_is_an_os_error() -> None:
    """For the caller to name."""
    child = Talk().child
    child._argv = ("/nonexistent/python",)
    with pytest.raises(OSError, match="No such file"):
        await child.start()


def test_a_child_dies_with_a_parent_that_is_killed() -> None:
    """The parent has no time to clean up: the end of its pipe does."""
    program = (
        "import asyncio, os, signal\n"
        "from sutazai.process.child import Child\n"
        "async def main():\n"
        "    spoken = asyncio.Event()\n"
        "    child = Child('echoing_child', on_frame=lambda _: spoken.set(), on_end=print)\n"
        "    await child.start()\n"
        "    child.send(b'x')\n"
        "    await spoken.wait()\n"
        "    print(child.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    env = {**os.environ, "PYTHONPATH": FOLDER}
    parent = subprocess.run([sys.executable, "-P", "-c", program], env=env, capture_output=True, check=False)
    assert parent.returncode == -9
    _, alive = psutil.wait_procs(_processes(int(parent.stdout)), timeout=30)
    assert alive == []


def _processes(pid: int) -> list[psutil.Process]:
    try:
        return [psutil.Process(pid)]
    except psutil.NoSuchProcess:
        return []
