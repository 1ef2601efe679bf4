"""A function handed to a thread, a pool or an event loop is followed like one that is called on the spot."""

import textwrap

import pytest

HEAD = """
import asyncio, functools, os, subprocess, threading
from pathlib import Path
from anyio import to_thread
from flask import request
from starlette.concurrency import run_in_threadpool

def work(command):
    os.system("tug " + command)

def forever():
    while True:
        pass

def read(name):
    return open("/srv/" + os.path.basename(name)).name

async def serve(loop, pool, tasks, form):
    x = request.args["berth"]
"""

REACHED = {
    "a thread of asyncio": "await asyncio.to_thread(os.system, 'tug ' + x)",
    "an executor": "await loop.run_in_executor(None, os.system, x)",
    "an executor with a partial": "await loop.run_in_executor(None, functools.partial(subprocess.run, x, shell=True))",
    "a worker of anyio": "await to_thread.run_sync(work, x)",
    "a pool of starlette": "await run_in_threadpool(work, x)",
    "a pool": "pool.submit(work, x)",
    "a background task": "tasks.add_task(work, x)",
    "a callback": "loop.call_later(3, work, x)",
    "a thread": "threading.Thread(target=work, args=(x,)).start()",
    "a thread with unknown arguments": "threading.Thread(target=work, args=list(x)).start()",
    "a method": "await asyncio.to_thread(Path(x).read_text)",
    "what it gives": "y = await asyncio.to_thread(str, x)\nos.system(y)",
    "code behind one that never ends": "threading.Thread(target=forever).start()\nos.system(x)",
    "code behind one that ends the program": "later = functools.partial(os._exit, 1)\nos.system(x)",
}
HARMLESS = {
    "another argument": "pool.submit(work, 'nine')",
    "a list without a shell": "await asyncio.to_thread(subprocess.run, ['tug', x])",
    "a thread without arguments": "threading.Thread(target=work).start()",
    "a thread without a function": "threading.Thread(args=(x,)).start()",
    "a function that cleans": "y = await asyncio.to_thread(int, x)\nos.system(str(y))",
    "a followed function that cleans": "await loop.run_in_executor(None, read, x)",
    "no function": "form.submit(x)",
    "nothing at all": "form.submit()",
    "an executor by name": "loop.run_in_executor(executor=None, func=x)",
}


def _surest(body: str, found) -> float:
    findings = found(HEAD + textwrap.indent(body, "    ") + "\n")
    return max(each.confidence for each in findings)


@pytest.mark.parametrize("way", REACHED)
def test_what_a_runner_is_handed_reaches_the_function(way: str, found) -> None:
    assert _surest(REACHED[way], found) > _surest("pass", found)


@pytest.mark.parametrize("way", HARMLESS)
def test_a_runner_alone_is_no_fault(way: str, found) -> None:
    assert _surest(HARMLESS[way], found) == _surest("pass", found)
