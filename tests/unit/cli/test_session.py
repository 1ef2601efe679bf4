"""How a call of the command line ends."""

import asyncio
import os
import signal

import pytest

from sutazai.cli.session import run_async


async def _interrupted_while_something_else_cancels() -> None:
    task = asyncio.current_task()
    assert task is not None
    os.kill(os.getpid(), signal.SIGINT)
    task.cancel()
    await asyncio.Event().wait()


def test_ctrl_c_is_an_interrupt_even_where_the_work_was_being_cancelled_already() -> None:
    """A task group that fails at the same moment cancels its task too; asyncio alone would then hide Ctrl-C."""
    with pytest.raises(KeyboardInterrupt):
        run_async(_interrupted_while_something_else_cancels())
