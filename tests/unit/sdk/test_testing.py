"""The test kit keeps the promises of the ports it stands for."""

from dataclasses import replace
from pathlib import Path

import pytest

from sutazai.sdk.chat import ChatReply, ChatRequest, Message, ModelInfo
from sutazai.sdk.ports import RunRecord, Verdict
from sutazai.sdk.profile import ModelProfile
from sutazai.sdk.source import Selection, SourceFile
from sutazai.sdk.structured import complete
from sutazai.sdk.testing import (
    FixedClock,
    MemoryCache,
    MemoryFeedback,
    MemoryHistory,
    MemoryPorts,
    MemoryProfiles,
    MemoryWorkspace,
    ScriptedChat,
    next_token,
)

ASK = ChatRequest((Message("user", "a b c"),))


async def test_a_scripted_model_answers_in_order_and_remembers_what_it_was_asked():
    chat = ScriptedChat(["one two", ChatReply("cut", "length"), ValueError("broken")])
    await chat.open()
    first = await complete(chat, ASK)
    assert (first.text, first.finish, first.usage.prompt_tokens, first.usage.completion_tokens) == (
        "one two",
        "stop",
        3,
        2,
    )
    assert (await complete(chat, ChatRequest(prompt="x"))).finish == "length"
    with pytest.raises(ValueError, match="broken"):
        await complete(chat, ASK)
    with pytest.raises(AssertionError, match="no reply left"):
        await complete(chat, ASK)
    await chat.close()
    assert (len(chat.requests), chat.opened, chat.closed) == (4, 1, 1)


async def test_a_scripted_model_can_answer_by_a_function():
    chat = ScriptedChat(lambda request: request.messages[0].content.upper())
    assert (await complete(chat, ASK)).text == "A B C"


async def test_a_next_token_comes_with_its_alternatives():
    reply = await complete(ScriptedChat([next_token((" yes", -0.1), (" no", -2.0))]), ASK)
    assert reply.text == " yes"
    assert [each.token for each in reply.logprobs[0].top] == [" yes", " no"]


async def test_a_cache_in_memory_keeps_what_it_was_given():
    cache = MemoryCache()
    await cache.put("a", "1")
    await cache.put_many({"b": "2"})
    assert await cache.get("a") == "1"
    assert await cache.get("x") is None
    assert await cache.get_many(["a", "b", "x"]) == {"a": "1", "b": "2"}


async def test_a_history_in_memory_gives_the_newest_first_without_reports():
    history = MemoryHistory()
    run = RunRecord("ab1", "c", FixedClock().now(), 1.0, "/a", "s", 0, {"x": 1})
    for each in (run, replace(run, id="ab2", root="/b"), replace(run, id="ab")):
        await history.record(each)
    assert [(each.id, each.report) for each in await history.runs()] == [("ab", {}), ("ab2", {}), ("ab1", {})]
    assert [each.id for each in await history.runs(limit=1, root="/a")] == ["ab"]


async def test_a_run_is_found_by_its_id_or_a_unique_prefix():
    history = MemoryHistory()
    run = RunRecord("ab1", "c", FixedClock().now(), 1.0, "/a", "s", 0, {"x": 1})
    for each in (run, replace(run, id="ab2"), replace(run, id="ab")):
        await history.record(each)
    assert (await history.get("ab")).id == "ab"
    assert (await history.get("ab1")).report == {"x": 1}
    assert await history.get("a") is None
    assert await history.get("z") is None


async def test_the_newest_verdict_on_a_finding_counts():
    feedback = MemoryFeedback()
    old = Verdict("f", "r", "accepted", "", "/a", FixedClock().now())
    for each in (old, replace(old, fingerprint="g"), replace(old, verdict="dismissed"), replace(old, root="/b")):
        await feedback.add(each)
    assert [(each.fingerprint, each.verdict) for each in await feedback.verdicts("/a")] == [
        ("f", "dismissed"),
        ("g", "accepted"),
    ]


def test_profiles_in_memory_keep_the_last_one():
    profiles, info = MemoryProfiles(), ModelInfo("m", "scripted")
    assert profiles.of(info) == ModelProfile()
    profiles.save(info, ModelProfile(origin="measured"))
    assert profiles.of(info).origin == "measured"


async def test_a_workspace_in_memory_gives_its_files_and_takes_new_ones():
    workspace = MemoryWorkspace({"a.py": "x", "b.txt": "y"})
    found = await workspace.collect(Selection(paths=("a.py",)))
    assert (found.root, [each.language for each in found.files]) == (Path("/memory"), ["python", ""])
    assert workspace.selections == [Selection(paths=("a.py",))]
    await workspace.write("a.py", "z")
    assert [await workspace.read(each) for each in ("a.py", "b.txt", "c")] == ["z", "y", None]
    assert MemoryWorkspace([SourceFile("p", "t", "go")]).files[0].language == "go"


async def test_ports_in_memory_raise_where_no_model_can_be_had():
    with pytest.raises(ValueError, match="none"):
        await MemoryPorts(model=ValueError("none")).chat()


def test_a_fixed_clock_moves_only_when_told():
    clock = FixedClock(step_s=2)
    start = clock.now()
    assert (clock.monotonic(), clock.monotonic()) == (2, 4)
    clock.advance(3)
    assert (clock.now() - start).total_seconds() == 3
    assert clock.monotonic() == 9
