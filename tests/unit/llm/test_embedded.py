"""The embedded model over a fake child: every way a child can behave, without a model."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import psutil
import pytest

from sutazai.errors.models import ModelError, PromptTooLong
from sutazai.errors.runtime import (
    ModelClosed,
    ModelCrashed,
    ModelFileBroken,
    ModelRefused,
    ModelRuntimeMismatch,
    ModelRuntimeMissing,
    ModelTimedOut,
    NotEnoughMemory,
)
from sutazai.llm.llamacpp import EmbeddedChat
from sutazai.llm.turn import MachineTurn
from sutazai.sdk.chat import ChatChunk, ChatRequest, Message, TokenLogprob, Usage

Make = Callable[..., EmbeddedChat]


@pytest.fixture
def loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setenv("FAKE_LOADS", str(tmp_path / "loads"))
    (tmp_path / "loads").touch()
    return tmp_path / "loads"


@pytest.fixture
async def make(tmp_path: Path, loads: Path) -> Any:
    made: list[EmbeddedChat] = []
    (tmp_path / "model.gguf").write_bytes(b"GGUF")

    def one(**options: Any) -> EmbeddedChat:
        options = {"context_tokens": 1000, "child_module": "fake_child", "grace_s": 30.0, "name": "tiny"} | options
        made.append(EmbeddedChat(options.pop("path", tmp_path / "model.gguf"), **options))
        return made[-1]

    yield one
    for each in made:
        await each.close()


async def said(model: EmbeddedChat, prompt: str, **options: Any) -> list[ChatChunk]:
    async with aclosing(model.stream(ChatRequest(prompt=prompt, **options))) as chunks:
        return [chunk async for chunk in chunks]


async def test_an_answer_comes_in_chunks_and_ends_with_usage(make: Make, loads: Path) -> None:
    """The first use starts the child; the served context is known from then on."""
    model = make(digest="d", why="w", threads=3, slots=2)
    assert (model.pid, model.info.context_tokens) == (None, 1000)
    assert await said(model, "one two", top_logprobs=1) == [
        ChatChunk("one", (TokenLogprob("one", -0.5),)),
        ChatChunk("two", (TokenLogprob("two", -0.5),)),
        ChatChunk(finish="stop", usage=Usage(2, 2, 1)),
    ]
    assert (model.info.context_tokens, model.info.runtime, model.info.logprobs) == (1024, "embedded", True)
    assert loads.read_text() == "3 2\n"


async def test_opening_twice_loads_once(make: Make, loads: Path) -> None:
    """Two that open at once share one child."""
    model = make()
    await asyncio.gather(model.open(), model.open())
    assert loads.read_text() == "1 1\n"


async def test_messages_are_sent_with_lone_surrogates_replaced(make: Make) -> None:
    """No tokeniser can read them."""
    async with aclosing(make().stream(ChatRequest(messages=(Message("user", "a\ud800b"),)))) as chunks:
        assert (await anext(chunks)).text == "a?b"


async def test_what_native_code_prints_disturbs_no_frame(make: Make) -> None:
    """Standard output is claimed for frames."""
    assert [chunk.text for chunk in await said(make(), "PRINT STRAY done")] == ["PRINT", "STRAY", "done", ""]


async def test_a_crash_is_one_clean_error_and_the_next_request_works(make: Make, loads: Path) -> None:
    """The child is started anew."""
    model = make()
    with pytest.raises(ModelCrashed, match=r"tiny ended unasked \(signal 9\): ggml_abort: something native"):
        await said(model, "CRASH")
    assert [chunk.text for chunk in await said(model, "fine")] == ["fine", ""]
    assert loads.read_text() == "1 1\n1 1\n"


@pytest.mark.parametrize(
    ("order", "reason"),
    [("GARBAGE", "no message of ours"), ("HUGE", "a frame of 4294967295 bytes"), ("FLOOD", "more than was asked for")],
)
async def test_a_child_that_talks_nonsense_is_ended(make: Make, order: str, reason: str) -> None:
    """And the next request works."""
    model = make()
    with pytest.raises(ModelCrashed, match=reason):
        await _slowly_said(model, ChatRequest(prompt=f"one {order}", max_tokens=1))
    assert len(await said(model, "fine")) == 2


async def _slowly_said(model: EmbeddedChat, request: ChatRequest) -> None:
    # A slow reader: a child that says too much fills the inbox meanwhile, and is ended for it.
    async with aclosing(model.stream(request)) as chunks:
        async for _ in chunks:
            await _until(lambda: model._link is None or not model._link.alive)


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 (another process tells, by a file or by ending)
            await asyncio.sleep(0)


async def test_an_error_inside_the_child_fails_the_request_only(make: Make, loads: Path) -> None:
    """The child goes on."""
    model = make()
    with pytest.raises(ModelCrashed, match=r"failed \(RuntimeError: a bug\)"):
        await said(model, "RAISE")
    await said(model, "fine")
    assert loads.read_text() == "1 1\n"


async def test_a_prompt_that_does_not_fit_says_both_counts(make: Make) -> None:
    """Nothing is cut."""
    with pytest.raises(PromptTooLong, match="900 tokens does not fit the 100 tokens of tiny"):
        await said(make(), "TOO-LONG")


async def test_a_refused_request_says_why(make: Make) -> None:
    """The runtime's words."""
    with pytest.raises(ModelRefused, match="not so"):
        await said(make(), "REFUSE")


async def test_a_request_too_large_to_send_is_refused(make: Make) -> None:
    """Before a byte of it is written."""
    model = make()
    with pytest.raises(ModelRefused, match="over the limit"):
        await said(model, "x" * (17 * 2**20))
    assert len(await said(model, "fine")) == 2


async def test_closing_the_answer_cancels_the_work_in_the_child(make: Make, loads: Path) -> None:
    """The slot is free for the next request."""
    model = make()
    async with aclosing(model.stream(ChatRequest(prompt="first UNTIL-CANCELLED"))) as chunks:
        assert (await anext(chunks)).text == "first"
    assert len(await said(model, "fine")) == 2
    await _until(lambda: "cancelled" in loads.read_text())


async def test_a_cancelled_task_cancels_the_work_in_the_child(make: Make, loads: Path) -> None:
    """Ctrl-C in a terminal arrives like this."""
    model = make()
    await model.open()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await said(model, "UNTIL-CANCELLED")
    await _until(lambda: "cancelled" in loads.read_text())
    assert len(await said(model, "fine")) == 2


async def test_requests_beyond_the_slots_wait_for_their_turn(make: Make) -> None:
    """One slot: the second request is sent only after the first."""
    model = make()
    first = model.stream(ChatRequest(prompt="first UNTIL-CANCELLED"))
    await anext(first)
    async with asyncio.TaskGroup() as tasks:
        second = tasks.create_task(said(model, "second"))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not second.done()
        await first.aclose()
    assert len(second.result()) == 2


async def test_two_slots_answer_side_by_side(make: Make) -> None:
    """The second is answered while the first still runs."""
    model = make(slots=2)
    async with aclosing(model.stream(ChatRequest(prompt="first UNTIL-CANCELLED"))) as first:
        await anext(first)
        assert len(await said(model, "second")) == 2


async def test_silence_while_answering_ends_the_child(make: Make) -> None:
    """And the next request works."""
    model = make(token_timeout_s=0.5)
    with pytest.raises(ModelTimedOut, match=r"tiny was answering for over 0\.5 s"):
        await said(model, "HANG")
    model._token_timeout_s = 60.0
    assert len(await said(model, "fine")) == 2


@pytest.mark.parametrize(
    ("how", "error", "says"),
    [
        ("old", ModelRuntimeMismatch, "speaks version 0 of our protocol, not 1"),
        ("text", ModelCrashed, "it sent a frame of"),
        ("gone", ModelCrashed, r"exit code 1\): ImportError: libfoo"),
        ("rude", ModelCrashed, "did not say its version"),
        ("parrot", ModelCrashed, "answered loading with 'cancel'"),
        ("fails:runtime-missing", ModelRuntimeMissing, "cannot be loaded: no good"),
        ("fails:file-broken", ModelFileBroken, r"model\.gguf cannot be used: it smells"),
        ("fails:internal", ModelCrashed, "answered loading with 'failure'"),
    ],
)
async def test_a_child_that_does_not_come_up_says_why_and_is_gone(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: str, error: type[ModelError], says: str
) -> None:
    """No process and no lock is left, and another try may work."""
    monkeypatch.setenv("FAKE_CHILD", how)
    model = make(lock_path=tmp_path / "lock")
    before = psutil.Process().children()
    with pytest.raises(error, match=says):
        await model.open()
    assert psutil.Process().children() == before
    other = MachineTurn(tmp_path / "lock")
    assert other._taken()
    other.give_back()
    monkeypatch.delenv("FAKE_CHILD")
    assert len(await said(model, "fine")) == 2


async def test_a_child_that_takes_too_long_to_load_is_ended(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading has a limit of its own."""
    monkeypatch.setenv("FAKE_CHILD", "mute")
    before = psutil.Process().children()
    with pytest.raises(ModelTimedOut, match=r"tiny was loading for over 0\.2 s"):
        await make(load_timeout_s=0.2).open()
    assert psutil.Process().children() == before


async def test_loading_can_be_cancelled(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left behind."""
    monkeypatch.setenv("FAKE_CHILD", "mute")
    before = psutil.Process().children()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await make().open()
    assert psutil.Process().children() == before


async def test_a_program_that_cannot_be_started_is_said(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation of Python."""
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    with pytest.raises(ModelCrashed, match="cannot be started"):
        await make().open()


async def test_a_missing_file_is_said_without_starting_anything(make: Make, tmp_path: Path, loads: Path) -> None:
    """The path as it was named."""
    with pytest.raises(ModelFileBroken, match=r"none\.gguf cannot be used: No such file"):
        await make(path=tmp_path / "none.gguf").open()
    assert loads.read_text() == ""


async def test_too_little_memory_is_refused_before_loading(make: Make, loads: Path) -> None:
    """With both figures."""
    with pytest.raises(NotEnoughMemory, match="tiny needs about 191 MiB of memory, 190 MiB are free"):
        await make(free_memory=lambda: 191 * 2**20 - 1, context_tokens=1000).open()
    assert loads.read_text() == ""
    await make(free_memory=lambda: 192 * 2**20).open()


async def test_threads_are_asked_for_at_each_start_and_never_below_one(make: Make, loads: Path) -> None:
    """They follow the machine's load."""
    counts = iter([4, 0])
    model = make(threads=lambda: next(counts))
    await model.open()
    await model.close()
    await model.open()
    assert loads.read_text() == "4 1\n1 1\n"


async def test_closing_ends_the_child_and_can_be_done_twice(make: Make) -> None:
    """No zombie is left."""
    model = make()
    await model.open()
    pid = model.pid
    await model.close()
    await model.close()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert model.pid is None


async def test_closing_while_it_answers_tells_the_reader(make: Make) -> None:
    """It is no crash."""
    model = make()
    async with aclosing(model.stream(ChatRequest(prompt="first UNTIL-CANCELLED"))) as chunks:
        await anext(chunks)
        await model.close()
        with pytest.raises(ModelClosed, match="tiny was closed while it answered"):
            await anext(chunks)


async def test_a_request_to_a_child_that_died_unseen_is_a_clean_error(make: Make) -> None:
    """Its end is noticed while the request is sent."""
    model = make()
    await model.open()
    assert model._link is not None
    link = model._link
    link.kill("a test")
    await _until(lambda: link._end is not None)
    with pytest.raises(ModelCrashed, match="was ended: a test"):
        await link.next(link.ask(ChatRequest(prompt="x"), 8))


async def test_one_model_is_in_memory_and_the_second_waits_with_a_notice(make: Make, tmp_path: Path) -> None:
    """The wait ends when the first closes."""
    notices: asyncio.Queue[str] = asyncio.Queue()
    first, second = (make(lock_path=tmp_path / "locks" / "model", on_wait=notices.put_nowait) for _ in range(2))
    await first.open()
    async with asyncio.TaskGroup() as tasks:
        opening = tasks.create_task(second.open())
        assert "waiting for it" in await notices.get()
        assert not opening.done()
        await first.close()
    assert len(await said(second, "fine")) == 2
    assert notices.empty()


async def test_waiting_for_the_lock_can_be_cancelled(make: Make, tmp_path: Path, loads: Path) -> None:
    """Nothing was started, and whoever holds the lock keeps it."""
    first, second = make(lock_path=tmp_path / "lock"), make(lock_path=tmp_path / "lock")
    await first.open()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await second.open()
    assert loads.read_text() == "1 1\n"
    assert not MachineTurn(tmp_path / "lock")._taken()


async def test_the_lock_is_kept_over_a_crash(make: Make, tmp_path: Path) -> None:
    """Taking it again could mean a long wait in the middle of a review."""
    model = make(lock_path=tmp_path / "lock")
    with pytest.raises(ModelCrashed):
        await said(model, "CRASH")
    assert not MachineTurn(tmp_path / "lock")._taken()
    assert len(await said(model, "fine")) == 2
