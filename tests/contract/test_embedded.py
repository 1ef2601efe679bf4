"""What is particular to the embedded runtime, on a real model: crashes, cancels, broken files, locks, memory."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from sutazai.errors.models import PromptTooLong
from sutazai.errors.runtime import ModelCrashed, ModelFileBroken, NotEnoughMemory
from sutazai.llm.llamacpp import EmbeddedChat
from sutazai.sdk.chat import ChatChunk, ChatRequest, Message

pytestmark = pytest.mark.model

LONG = ChatRequest(prompt="Once upon a time", max_tokens=900)
SHORT = ChatRequest(prompt="def add(a, b):\n    return a", max_tokens=1, top_logprobs=5)


@pytest.fixture
async def model(small_model: Path) -> AsyncIterator[EmbeddedChat]:
    one = EmbeddedChat(small_model, name="small", context_tokens=1024, threads=2, grace_s=30.0)
    yield one
    await one.close()


async def said(model: EmbeddedChat, request: ChatRequest) -> list[ChatChunk]:
    async with aclosing(model.stream(request)) as chunks:
        return [chunk async for chunk in chunks]


async def test_a_child_killed_in_the_middle_is_one_error_and_the_next_request_works(model: EmbeddedChat) -> None:
    """As the out-of-memory killer does it."""
    answer = model.stream(LONG)
    await anext(answer)
    assert model.pid is not None
    os.kill(model.pid, signal.SIGKILL)
    with pytest.raises(ModelCrashed, match=r"signal 9"):
        await _rest(answer)
    assert (await said(model, SHORT))[-1].finish == "length"


async def _rest(answer: AsyncGenerator[ChatChunk, None]) -> None:
    async for _ in answer:
        pass


@pytest.mark.parametrize("prompt", ["Once upon a time", "word " * 900])
async def test_a_cancel_frees_the_slot_while_reading_and_while_writing(model: EmbeddedChat, prompt: str) -> None:
    """The child stays the same, and what it did not write was not written."""
    await model.open()
    pid = model.pid
    answer = model.stream(ChatRequest(prompt=prompt, max_tokens=100))
    reading = asyncio.ensure_future(anext(answer))
    if len(prompt) < 100:
        await reading
    else:
        await asyncio.wait([reading], timeout=0.2)
        reading.cancel()
        await asyncio.wait([reading])
    await answer.aclose()
    assert (await said(model, SHORT))[-1].finish == "length"
    assert model.pid == pid


async def test_a_prompt_that_does_not_fit_is_refused_with_both_counts(model: EmbeddedChat) -> None:
    """Nothing is cut and nothing is shifted."""
    with pytest.raises(PromptTooLong, match=r"a prompt of \d{4} tokens does not fit the 1024 tokens of small"):
        await said(model, ChatRequest(prompt="word " * 3000))
    assert model.info.context_tokens == 1024


async def test_a_reply_ends_where_the_context_does(small_model: Path) -> None:
    """The start of the prompt is not pushed out."""
    model = EmbeddedChat(small_model, name="small", context_tokens=256, threads=2)
    last = (await said(model, ChatRequest(prompt="1 2 3 " * 35, max_tokens=5000)))[-1]
    await model.close()
    assert last.finish == "length"
    assert last.usage.prompt_tokens + last.usage.completion_tokens <= 256


async def test_a_shared_prefix_is_read_once(model: EmbeddedChat) -> None:
    """This is what makes the site probe affordable."""
    prefix = "def f(a, b):\n    return a + b\n\n" * 10
    await said(model, ChatRequest(prompt=prefix, max_tokens=1))
    last = (await said(model, ChatRequest(prompt=prefix + "def g(x):\n    return", max_tokens=1)))[-1]
    assert last.usage.cached_tokens > 90
    assert last.usage.prompt_tokens - last.usage.cached_tokens < 12


async def test_a_schema_holds_a_chat_reply_and_ends_it(model: EmbeddedChat) -> None:
    """The smallest model cannot do otherwise."""
    schema = {
        "type": "object",
        "properties": {"a": {"type": "boolean"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    request = ChatRequest(messages=(Message("user", "Tell a story"),), json_schema=schema, max_tokens=60)
    chunks = await said(model, request)
    assert "".join(chunk.text for chunk in chunks).replace(" ", "").replace("\n", "").startswith('{"a":')
    assert chunks[-1].finish == "stop"


async def test_nothing_listens_on_a_port(model: EmbeddedChat) -> None:
    """What the binding listens on is a socket without a name in the file system."""
    await model.open()
    sockets = psutil.Process(model.pid).net_connections(kind="all")
    assert [each for each in sockets if each.family.name != "AF_UNIX"] == []
    assert [each.laddr for each in sockets if Path(str(each.laddr)).exists()] == []


async def test_a_damaged_file_says_what_is_wrong_with_it(small_model: Path, tmp_path: Path) -> None:
    """A copy that was cut short."""
    with small_model.open("rb") as whole:
        (tmp_path / "cut.gguf").write_bytes(whole.read(20_000_000))
    with pytest.raises(ModelFileBroken, match=r"cut\.gguf cannot be used: .*corrupted or incomplete"):
        await EmbeddedChat(tmp_path / "cut.gguf", name="cut").open()


async def test_memory_is_checked_first(small_model: Path) -> None:
    """No child is started."""
    model = EmbeddedChat(small_model, name="small", free_memory=lambda: 100 * 2**20)
    with pytest.raises(NotEnoughMemory):
        await model.open()
    assert model.pid is None


HOLDER = """
import asyncio, sys
from pathlib import Path
from sutazai.llm.llamacpp import EmbeddedChat
async def main():
    model = EmbeddedChat(Path(sys.argv[1]), name="small", context_tokens=512, lock_path=Path(sys.argv[2]))
    await model.open()
    print(model.pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


async def test_the_lock_holds_between_processes_and_a_killed_parent_leaves_nothing(
    small_model: Path, tmp_path: Path
) -> None:
    """The second waits with a notice; the first is killed -9: its child goes, its lock is free."""
    lock = tmp_path / "lock"
    notices: asyncio.Queue[str] = asyncio.Queue()
    command = [sys.executable, "-P", "-c", HOLDER, str(small_model), str(lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:  # noqa: ASYNC220 (it outlives no test)
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        second = EmbeddedChat(small_model, name="small", context_tokens=512, lock_path=lock, on_wait=notices.put_nowait)
        async with asyncio.TaskGroup() as tasks:
            opening = tasks.create_task(second.open())
            assert "waiting" in await notices.get()
            assert not opening.done()
            parent.kill()
    await second.close()
    assert psutil.wait_procs([child], timeout=30)[1] == []
