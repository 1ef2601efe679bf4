"""What every chat model promises, tried on each back end with the same tests.

- `scripted`: the scripted model of the test kit, with a toy for a brain;
- `ollama over scripted`, `ollama over embedded`: our Ollama client against the protocol server of `tests/support`,
  which was written from the same notes as the client: the two could share a misreading;
- `embedded`: llama.cpp in a child process with a small real model;
- `ollama`: a real server, only where the variable OLLAMA_HOST names one that answers.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import jsonschema
import pytest
import pytest_asyncio

from sutazai.errors.models import PromptTooLong
from sutazai.llm.llamacpp import EmbeddedChat
from sutazai.llm.ollama import OllamaChat
from sutazai.llm.ollama_probe import probe_ollama
from sutazai.sdk.chat import ChatReply, ChatRequest, Message
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.testing import ScriptedChat
from tests.support.ollama_mock import reply_of
from tests.support.ollama_server import OllamaServer, Served
from tests.support.toy_model import CONTEXT_TOKENS, toy_count, toy_info, toy_reply

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.allow_hosts(["127.0.0.1", "::1"])]

COUNTING = ChatRequest(prompt="1, 2, 3, 4, 5, 6,", max_tokens=12)
TALKING = ChatRequest(messages=(Message("system", "You count."), Message("user", "Count to ten.")), max_tokens=12)
SCHEMA = {
    "type": "object",
    "properties": {"kind": {"enum": ["bug", "style"]}, "sure": {"type": "boolean"}},
    "required": ["kind", "sure"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class BackEnd:
    """Which back end to build, and with which weights."""

    kind: str
    weights: Path | None = None


@pytest.fixture(
    scope="module",
    params=[
        "scripted",
        "ollama over scripted",
        pytest.param("embedded", marks=pytest.mark.model),
        pytest.param("ollama over embedded", marks=pytest.mark.model),
        pytest.param("ollama", marks=pytest.mark.model),
    ],
)
def back_end(request: pytest.FixtureRequest) -> BackEnd:
    return BackEnd(request.param, request.getfixturevalue("small_model") if "embedded" in request.param else None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chat(back_end: BackEnd) -> AsyncIterator[ChatModel]:
    async with AsyncExitStack() as stack:
        model = await built(back_end, stack)
        await model.open()
        yield model
        await model.close()


async def built(back_end: BackEnd, stack: AsyncExitStack) -> ChatModel:
    if back_end.kind == "ollama":
        return await real_ollama()
    if back_end.weights is None:
        model: ChatModel = ScriptedChat(toy_reply, info=toy_info())
    else:
        model = EmbeddedChat(back_end.weights, name="small", context_tokens=CONTEXT_TOKENS)
        stack.push_async_callback(model.close)
    if not back_end.kind.startswith("ollama"):
        return model
    count = toy_count if back_end.weights is None else None
    server = await stack.enter_async_context(OllamaServer({"small:latest": Served(model, count=count)}))
    return OllamaChat("small", host=server.url, context_tokens=CONTEXT_TOKENS)


async def real_ollama() -> ChatModel:
    host = os.environ.get("OLLAMA_HOST", "")
    if not host:
        pytest.skip("OLLAMA_HOST names no server")
    status = await probe_ollama(host)
    fit = [each for each in status.models if not each.remote_host and "embedding" not in each.capabilities]
    if not fit:
        pytest.skip(status.reason or f"the server at {status.url} has no local model that chats")
    smallest = min(fit, key=lambda each: each.size_bytes)
    return OllamaChat(smallest.name, host=host, context_tokens=CONTEXT_TOKENS)


async def test_an_open_model_tells_what_it_is(chat: ChatModel) -> None:
    await chat.open()
    assert chat.info.name
    assert chat.info.runtime in {"embedded", "ollama", "scripted"}
    assert 0 < chat.info.context_tokens <= CONTEXT_TOKENS
    assert chat.info.logprobs


@pytest.mark.parametrize("request_", [COUNTING, TALKING], ids=["raw", "messages"])
async def test_a_reply_comes_in_pieces_and_ends_with_finish_and_usage(chat: ChatModel, request_: ChatRequest) -> None:
    chunks = [each async for each in chat.stream(request_)]
    *pieces, last = chunks
    assert "".join(each.text for each in chunks)
    assert all(each.finish is None for each in pieces)
    assert last.finish in {"stop", "length"}
    assert last.usage.prompt_tokens > 3
    assert 0 < last.usage.completion_tokens <= 12


async def test_a_limit_on_tokens_is_kept(chat: ChatModel) -> None:
    for limit in (1, 5):
        reply = await reply_of(chat, replace(COUNTING, max_tokens=limit))
        assert (reply.finish, reply.usage.completion_tokens) == ("length", limit)


async def test_a_reply_ends_before_a_stop_text(chat: ChatModel) -> None:
    whole = (await reply_of(chat, COUNTING)).text
    stop = whole[len(whole) // 2 :][:2]
    reply = await reply_of(chat, replace(COUNTING, stop=("not in it", stop)))
    assert (reply.text, reply.finish) == (whole[: whole.index(stop)], "stop")


@pytest.mark.parametrize("request_", [COUNTING, TALKING], ids=["raw", "messages"])
async def test_a_schema_is_obeyed(chat: ChatModel, request_: ChatRequest) -> None:
    reply = await reply_of(chat, replace(request_, json_schema=SCHEMA, max_tokens=60))
    jsonschema.validate(json.loads(reply.text), SCHEMA)


@pytest.mark.parametrize("count", [1, 5, 20])
async def test_log_probabilities_are_sorted_and_hold_the_greedy_choice(chat: ChatModel, count: int) -> None:
    reply = await reply_of(chat, replace(COUNTING, top_logprobs=count))
    assert len(reply.logprobs) == reply.usage.completion_tokens
    assert "".join(each.token for each in reply.logprobs) == reply.text
    for token in reply.logprobs:
        values = [each.logprob for each in token.top]
        assert len(values) == count
        assert values == sorted(values, reverse=True)
        assert all(each <= 0 for each in values)
        assert token.token == token.top[0].token
        assert token.logprob == pytest.approx(values[0], abs=1e-3)


async def test_messages_have_log_probabilities_too(chat: ChatModel) -> None:
    reply = await reply_of(chat, replace(TALKING, top_logprobs=3, max_tokens=3))
    assert reply.logprobs
    assert all(len(each.top) == 3 for each in reply.logprobs)


async def test_log_probabilities_come_only_when_asked_for(chat: ChatModel) -> None:
    assert (await reply_of(chat, COUNTING)).logprobs == ()


async def test_a_raw_prompt_gets_no_template(chat: ChatModel, back_end: BackEnd) -> None:
    text = "Count to ten."
    raw = await reply_of(chat, ChatRequest(prompt=text, max_tokens=1))
    turn = await reply_of(chat, ChatRequest(messages=(Message("user", text),), max_tokens=1))
    assert raw.usage.prompt_tokens <= 6
    # A toy has no template to add.
    assert ("scripted" in back_end.kind) == (turn.usage.prompt_tokens <= 6)


async def test_the_same_seed_gives_the_same_text_and_others_do_not(chat: ChatModel) -> None:
    def seeded(seed: int) -> ChatRequest:
        return ChatRequest(prompt="Once upon a time", max_tokens=12, temperature=1.0, seed=seed)

    texts = [(await reply_of(chat, seeded(seed))).text for seed in (1, 2, 3, 1)]
    assert texts[0] == texts[3]
    assert len(set(texts)) > 1


async def test_a_cancelled_reply_makes_room_for_the_next(chat: ChatModel) -> None:
    stream = chat.stream(replace(COUNTING, max_tokens=500))
    await anext(stream)
    await stream.aclose()
    assert (await reply_of(chat, COUNTING)).finish == "length"


async def test_a_cancelled_task_makes_room_for_the_next(chat: ChatModel) -> None:
    started = asyncio.Event()

    async def listen() -> None:
        async for _ in chat.stream(replace(COUNTING, max_tokens=500)):
            started.set()
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(listen())
        await started.wait()
        task.cancel()
    assert (await reply_of(chat, COUNTING)).finish == "length"


@pytest.mark.parametrize("kind", ["raw", "messages"])
async def test_a_prompt_that_does_not_fit_is_refused_whole(chat: ChatModel, kind: str) -> None:
    text = "word " * (2 * CONTEXT_TOKENS)
    request = ChatRequest(messages=(Message("user", text),)) if kind == "messages" else ChatRequest(prompt=text)
    with pytest.raises(PromptTooLong) as caught:
        await reply_of(chat, request)
    assert str(chat.info.context_tokens) in caught.value.message
    assert (await reply_of(chat, COUNTING)).finish == "length"


async def test_two_requests_at_once_both_finish(chat: ChatModel) -> None:
    replies: list[ChatReply] = await asyncio.gather(reply_of(chat, COUNTING), reply_of(chat, TALKING))
    assert all(each.text and each.finish in {"stop", "length"} for each in replies)


async def test_closing_twice_is_safe_and_opening_again_works(chat: ChatModel) -> None:
    await chat.close()
    await chat.close()
    await chat.open()
    assert (await reply_of(chat, COUNTING)).text
