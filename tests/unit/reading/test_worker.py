"""A parsing child as seen from outside: one that behaves, and one that does everything wrong."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from sutazai.reading import worker as worker_module
from sutazai.reading.wire import Failure
from sutazai.reading.worker import Worker
from sutazai.sdk.document import ParsedDocument

FOLDER = str(Path(__file__).parent)


@pytest.fixture
async def worker(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Worker]:
    monkeypatch.setattr(worker_module, "_MODULE", "harmful_child")
    monkeypatch.setenv("PYTHONPATH", FOLDER)
    worker = Worker(timeout_s=30, memory_bytes=1 << 40, max_file_bytes=1 << 20)
    yield worker
    await worker.close()


async def said(worker: Worker) -> list[str]:
    """The child's process id, how many documents it has had, and the rest."""
    answer = await worker.read("good", b"")
    assert isinstance(answer, ParsedDocument), answer
    return answer.text.split(" ", 2)


async def test_one_child_reads_many_documents(worker: Worker):
    first, second = await said(worker), await said(worker)
    assert first[0] == second[0]
    assert [first[1], second[1]] == ["1", "2"]


async def test_a_child_is_replaced_after_many_documents(worker: Worker, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker_module, "_DOCUMENTS_A_CHILD", 2)
    counts = [(await said(worker))[1] for _ in range(3)]
    assert counts == ["1", "2", "1"]


@pytest.mark.parametrize(
    ("deed", "kind", "reason"),
    [
        ("crash", "broken", "its parser crashed on it"),
        ("processor", "too-slow", "reading it takes too long"),
        ("babble", "too-large", "its text is too long"),
        ("lie", "broken", "the parser's answer cannot be understood"),
        ("spent", "too-large", "enough"),
    ],
)
async def test_a_child_that_does_harm_is_replaced(worker: Worker, deed: str, kind: str, reason: str):
    before = await said(worker)
    answer = await worker.read(deed, b"")
    assert isinstance(answer, Failure)
    assert (answer.kind, answer.reason) == (kind, reason)
    after = await said(worker)
    assert after[0] != before[0]
    assert not psutil.pid_exists(int(before[0]))


async def test_a_document_that_takes_too_long_is_given_up(worker: Worker):
    pid = (await said(worker))[0]
    worker._timeout_s = 0.05
    assert await worker.read("hang", b"") == Failure("too-slow", "reading it takes longer than 0.05 s")
    assert not psutil.pid_exists(int(pid))


async def test_a_child_that_swells_is_ended_also_without_limits_of_the_system(worker: Worker):
    worker._memory_bytes = 200 << 20
    assert await worker.read("swell", b"") == Failure("too-large", "reading it takes too much memory")


async def test_a_caller_that_gives_up_leaves_no_child_at_work(worker: Worker):
    pid = int((await said(worker))[0])
    task = asyncio.ensure_future(worker.read("hang", b""))
    while worker._answered is None or worker._answered.done():  # noqa: ASYNC110 (nothing else tells of it)
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert int((await said(worker))[0]) != pid
    assert not psutil.pid_exists(pid)


async def test_a_document_longer_than_any_frame_is_refused(worker: Worker):
    worker._frame_bytes = 1000
    answer = await worker.read("good", b"x" * 1001)
    assert answer == Failure("too-large", "larger than 1000 bytes")


async def test_progress_reaches_the_caller(worker: Worker):
    pages: list[int] = []
    await worker.read("good", b"", pages.append)
    assert pages == [20]


async def test_secrets_of_the_environment_stay_here(worker: Worker, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("PATH", os.environ["PATH"])
    text = (await said(worker))[2]
    assert "'PATH'" in text
    assert "OPENAI_API_KEY" not in text


async def test_a_child_that_cannot_start_is_a_failure(worker: Worker, monkeypatch: pytest.MonkeyPatch):
    async def start(_child: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(worker_module.Child, "start", start)
    answer = await worker.read("good", b"")
    assert isinstance(answer, Failure)
    assert "Resource temporarily unavailable" in answer.reason
