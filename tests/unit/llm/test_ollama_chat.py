"""The chat model over Ollama: opening, streaming, failing and closing, against answers in memory."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.errors import ollama as errors
from sutazai.errors.models import ModelError, PromptTooLong
from sutazai.sdk.chat import ChatRequest, Message, TokenLogprob, Usage
from tests.support.ollama_mock import (
    DIGEST,
    NAME,
    OllamaMock,
    end,
    first_token,
    lines,
    piece,
    refusal,
    reply_of,
    streamed,
)

STOPPED = "model runner has unexpectedly stopped, this may be due to resource limitations or an internal error"
BUSY = "server busy, please try again.  maximum pending requests exceeded"


async def test_opening_tells_what_is_served() -> None:
    mock = OllamaMock()
    chat = mock.chat(context_tokens=5000, why="asked for")
    await chat.open()
    assert (chat.info.name, chat.info.runtime, chat.info.digest) == (NAME, "ollama", DIGEST)
    assert chat.info.why == "asked for"
    assert chat.info.logprobs
    assert chat.info.context_tokens == 4096  # as /api/ps says, not the 6144 asked for
    await chat.close()


async def test_opening_twice_looks_once_also_at_the_same_time() -> None:
    mock = OllamaMock()
    chat = mock.chat()
    await asyncio.gather(chat.open(), chat.open())
    await chat.open()
    assert len(mock.bodies("/api/show")) == 1
    await chat.close()
    await chat.close()


async def test_the_trained_context_limits_what_is_promised() -> None:
    shown = {"model_info": {"general.architecture": "qwen2", "qwen2.context_length": 2048}}
    mock = OllamaMock(replace={"/api/show": shown, "/api/ps": {"models": []}})
    chat = mock.chat(context_tokens=8192)
    await chat.open()
    assert chat.info.context_tokens == 2048
    assert mock.bodies("/api/generate")[0]["options"]["num_ctx"] == 8192
    await chat.close()


async def test_a_server_that_claims_more_than_was_trained_or_asked_for_is_not_believed() -> None:
    chat = OllamaMock(replace={"/api/ps": {"models": [{"name": NAME, "context_length": 999_999}]}}).chat()
    await chat.open()
    assert chat.info.context_tokens == 4096
    await chat.close()


async def test_an_old_server_has_no_log_probabilities_and_tells_little() -> None:
    old = lines({"response": " 3", "done": False}, {"done": True})
    mock = OllamaMock(first=[old], replace={"/api/show": {}, "/api/tags": {"models": None}, "/api/ps": {}})
    chat = mock.chat(digest="known before")
    await chat.open()
    assert not chat.info.logprobs
    assert chat.info.digest == "known before"
    assert chat.info.context_tokens == 4096
    await chat.close()


async def test_every_request_uses_the_same_context_size() -> None:
    mock = OllamaMock(lines(piece("a"), end()), lines(piece("b"), end()))
    chat = mock.chat(context_tokens=3000)
    await reply_of(chat)
    await reply_of(chat, ChatRequest(messages=(Message("user", "hi"),)))
    bodies = mock.bodies("/api/generate") + mock.bodies("/api/chat")
    assert [each["options"]["num_ctx"] for each in bodies] == [4096] * 3
    assert [each["shift"] for each in bodies] == [False] * 3
    await chat.close()


async def test_a_thinking_model_is_asked_not_to() -> None:
    mock = OllamaMock(lines(piece("a"), end()), replace={"/api/show": {"capabilities": ["completion", "thinking"]}})
    chat = mock.chat()
    await reply_of(chat)
    assert [each["think"] for each in mock.bodies("/api/generate")] == [False, False]
    await chat.close()


async def test_a_missing_model_is_told_with_the_command_and_what_is_there() -> None:
    chat = OllamaMock(replace={"/api/show": refusal(404, "model 'coder:7b' not found")}).chat()
    with pytest.raises(errors.OllamaModelMissing) as caught:
        await chat.open()
    assert caught.value.hint == "run `ollama pull coder:7b`; installed: coder:7b, other:latest"


async def test_a_failed_opening_leaves_nothing_open_and_can_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []

    async def close(client: httpx.AsyncClient) -> None:
        closed.append("closed")

    monkeypatch.setattr(httpx.AsyncClient, "aclose", close)
    chat = OllamaMock(first=[refusal(500, "out of memory"), first_token()]).chat()
    with pytest.raises(errors.OllamaOutOfMemory):
        await chat.open()
    assert closed == ["closed"]
    await chat.open()
    await chat.close()


async def test_pieces_join_to_the_reply_and_the_end_has_usage() -> None:
    token = TokenLogprob("lo", -0.5, (TokenLogprob("lo", -0.5), TokenLogprob("p", -1.5)))
    stream = lines(piece("hel"), piece("lo", token), end("length"), pieces=7)
    chat = OllamaMock(stream).chat()
    reply = await reply_of(chat, ChatRequest(messages=(Message("user", "hi"),), top_logprobs=2))
    assert (reply.text, reply.finish, reply.usage) == ("hello", "length", Usage(3, 1))
    assert reply.logprobs == (token,)
    await chat.close()


async def test_log_probabilities_that_do_not_come_are_noticed() -> None:
    chat = OllamaMock(lines(piece("a"), end()), lines(piece("a"), end())).chat()
    await chat.open()
    assert chat.info.logprobs
    await reply_of(chat, ChatRequest(prompt="x"))
    assert chat.info.logprobs  # none were asked for
    await reply_of(chat, ChatRequest(prompt="x", top_logprobs=1))
    assert not chat.info.logprobs
    await chat.close()


async def test_an_error_after_the_first_piece_is_raised_and_never_asked_again() -> None:
    mock = OllamaMock(lines(piece("a"), {"error": STOPPED}))
    chat = mock.chat()
    stream = chat.stream(ChatRequest(prompt="x"))
    assert (await anext(stream)).text == "a"
    with pytest.raises(errors.OllamaRunnerStopped):
        await anext(stream)
    assert not mock.answers
    await chat.close()


@pytest.mark.parametrize("first", [refusal(500, STOPPED), lines({"error": STOPPED})])
async def test_a_runner_that_died_before_the_first_piece_is_asked_once_more(first: httpx.Response) -> None:
    mock = OllamaMock(first, lines(piece("a"), end()))
    chat = mock.chat()
    assert (await reply_of(chat)).text == "a"
    await chat.close()


async def test_a_runner_that_dies_twice_is_told() -> None:
    chat = OllamaMock(refusal(500, STOPPED), refusal(500, STOPPED)).chat()
    with pytest.raises(errors.OllamaRunnerStopped):
        await reply_of(chat)
    await chat.close()


async def test_a_busy_server_is_asked_again_after_growing_pauses() -> None:
    mock = OllamaMock(refusal(503, BUSY), refusal(503, BUSY), lines(piece("a"), end()))
    chat = mock.chat()
    assert (await reply_of(chat)).text == "a"
    assert mock.pauses == [0.5, 1.0]
    await chat.close()


async def test_a_server_that_stays_busy_is_told() -> None:
    mock = OllamaMock(*[refusal(503, BUSY)] * 4)
    chat = mock.chat()
    with pytest.raises(errors.OllamaBusy):
        await reply_of(chat)
    assert not mock.answers
    await chat.close()


async def test_a_refused_connection_is_tried_again_and_then_told() -> None:
    refused = httpx.ConnectError("All connection attempts failed")
    refused.__cause__ = ConnectionRefusedError(111, "Connection refused")
    mock = OllamaMock(replace={"/api/tags": [refused]})
    with pytest.raises(errors.OllamaUnreachable, match="the connection was refused") as caught:
        await mock.chat().open()
    assert "ollama serve" in caught.value.hint
    assert len(mock.pauses) == 3


async def test_a_server_that_comes_up_meanwhile_is_used() -> None:
    mock = OllamaMock(replace={"/api/ps": [httpx.ConnectError("x"), httpx.Response(200, json={})]})
    chat = mock.chat()
    await chat.open()
    assert mock.pauses == [0.5]
    await chat.close()


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_refusal_is_never_asked_again(status: int) -> None:
    mock = OllamaMock(refusal(status, "no"))
    chat = mock.chat()
    with pytest.raises(ModelError):
        await reply_of(chat)
    assert len(mock.bodies("/api/generate")) == 2
    assert not mock.pauses
    await chat.close()


async def test_a_prompt_that_does_not_fit_is_told_with_its_length() -> None:
    text = "the prompt is longer than the context length currently available to the model; shorten it"
    chat = OllamaMock(refusal(400, text)).chat()
    with pytest.raises(PromptTooLong, match="a prompt of 10000 tokens does not fit the 4096"):
        await reply_of(chat, ChatRequest(prompt="x" * 30_000))
    await chat.close()


async def test_a_prompt_cut_in_silence_makes_the_reply_truncated() -> None:
    chat = OllamaMock(lines(piece("fine"), end() | {"prompt_eval_count": 2051})).chat()
    assert (await reply_of(chat, ChatRequest(prompt="x" * 30_000))).finish == "truncated"
    await chat.close()


CUT = httpx.RemoteProtocolError("peer closed connection without sending complete message body")


@pytest.mark.parametrize(
    "stream",
    [
        lambda: lines(piece("a")),
        lambda: lines(piece("a"), b'{"response": "b", "do'),
        lambda: streamed([json.dumps(piece("a")).encode() + b"\n", CUT]),
        lambda: streamed([json.dumps(piece("a")).encode() + b"\n" + b'{"respo', CUT]),
    ],
)
async def test_a_stream_that_just_ends_is_truncated(stream: Any) -> None:
    chat = OllamaMock(stream()).chat()
    reply = await reply_of(chat)
    assert (reply.text, reply.finish) == ("a", "truncated")
    await chat.close()


async def test_a_stream_without_a_single_object_is_truncated() -> None:
    chat = OllamaMock(lines()).chat()
    assert (await reply_of(chat)).finish == "truncated"
    await chat.close()


async def test_a_last_line_without_its_end_is_read() -> None:
    chat = OllamaMock(lines(piece("a"), json.dumps(end()).encode())).chat()
    assert (await reply_of(chat)).finish == "stop"
    await chat.close()


async def test_a_connection_cut_before_the_first_object_is_asked_again() -> None:
    mock = OllamaMock(streamed([CUT]), lines(piece("a"), end()))
    chat = mock.chat()
    assert (await reply_of(chat)).text == "a"
    assert mock.pauses == [0.5]
    await chat.close()


@pytest.mark.parametrize("line", [b"<html>\n", b"[1]\n", b"\xff\xfe\n", b"1\n", b"[" * 100_000 + b"\n"])
async def test_a_line_of_something_else_is_not_ollama(line: bytes) -> None:
    chat = OllamaMock(lines(piece("a"), line, end())).chat()
    with pytest.raises(errors.NotOllama):
        await reply_of(chat)
    await chat.close()


@pytest.mark.parametrize("item", [{"response": 5}, {"done": True, "done_reason": 5}])
async def test_an_object_of_something_else_is_not_ollama(item: dict[str, Any]) -> None:
    chat = OllamaMock(lines(item, end())).chat()
    with pytest.raises(errors.NotOllama, match="a text is no string"):
        await reply_of(chat)
    await chat.close()


async def test_blank_lines_are_passed_over() -> None:
    chat = OllamaMock(lines(b"\n", piece("a"), b"\r\n", end())).chat()
    assert (await reply_of(chat)).text == "a"
    await chat.close()


async def test_a_line_without_end_is_not_read_for_ever() -> None:
    served = 0

    def parts() -> Any:
        nonlocal served
        while True:
            served += 1
            yield b"x" * 100_000

    chat = OllamaMock(streamed(parts())).chat()
    with pytest.raises(errors.NotOllama, match="more than 1000000 bytes"):
        await reply_of(chat)
    assert served == 11
    await chat.close()


async def test_a_reply_without_end_is_not_read_for_ever() -> None:
    chat = OllamaMock(lines(*[piece("a")] * 40, end())).chat()
    with pytest.raises(errors.NotOllama, match="goes on"):
        await reply_of(chat, ChatRequest(prompt="x", max_tokens=5))
    await chat.close()


async def test_a_redirect_is_not_followed() -> None:
    mock = OllamaMock(httpx.Response(307, headers={"location": "http://elsewhere.example/api/generate"}))
    chat = mock.chat()
    with pytest.raises(errors.NotOllama, match="status 307"):
        await reply_of(chat)
    assert {each.url.host for each in mock.requests} == {"127.0.0.1"}
    await chat.close()


class Silence(httpx.AsyncByteStream):
    """A stream that says some things and then nothing, until it is closed."""

    def __init__(self, *said: bytes) -> None:
        self.said = said
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for each in self.said:
            yield each
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("said", "waited_for"),
    [((), "first token"), ((json.dumps(piece("a")).encode() + b"\n",), "next token"), ((b'{"resp',), "first token")],
)
async def test_a_silent_server_is_given_up_and_its_connection_closed(said: tuple[bytes, ...], waited_for: str) -> None:
    silence = Silence(*said)
    loading_s = 60 if waited_for == "next token" else 0.01
    chat = OllamaMock(httpx.Response(200, stream=silence)).chat(load_timeout_s=loading_s, token_timeout_s=0.01)
    with pytest.raises(errors.OllamaSilent, match=f"no {waited_for} of 'coder:7b' within 0.01 s"):
        await reply_of(chat)
    assert silence.closed
    await chat.close()


async def test_closing_the_generator_closes_the_connection() -> None:
    silence = Silence(json.dumps(piece("a")).encode() + b"\n")
    chat = OllamaMock(httpx.Response(200, stream=silence), lines(piece("b"), end())).chat()
    stream = chat.stream(ChatRequest(prompt="x"))
    assert (await anext(stream)).text == "a"
    await stream.aclose()
    assert silence.closed
    assert (await reply_of(chat)).text == "b"
    await chat.close()


async def test_a_key_is_sent_as_a_bearer_token_only_if_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLLAMA_API_KEY", raising=False)
    for key, header in (("", None), ("s3cret", "Bearer s3cret")):
        mock = OllamaMock()
        chat = mock.chat(api_key=key)
        await chat.open()
        assert mock.requests[0].headers.get("authorization") == header
        await chat.close()


async def test_no_proxy_sees_what_stays_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    from sutazai.llm.ollama_client import OllamaClient  # noqa: PLC0415 (the module under test loads it late as well)

    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    for url, proxied in (("http://127.0.0.1:11434", False), ("http://box.example:11434", True)):
        async with OllamaClient(url, connect_timeout_s=1) as client:
            assert bool(client._client._mounts) is proxied


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.binary(max_size=30) | st.sampled_from([b"\n", b"{}\n", b'{"error":', b'{"done":true}\n']), max_size=8)
)
def test_random_bytes_as_a_stream_end_in_our_error_or_a_finish(parts: list[bytes]) -> None:
    check_stream(parts)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from(["response", "message", "done", "done_reason", "error", "logprobs", "prompt_eval_count"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=4) | VALUES, max_size=5))
def test_random_json_lines_end_in_our_error_or_a_finish(items: list[Any]) -> None:
    check_stream([json.dumps(each).encode() + b"\n" for each in items])


def check_stream(parts: list[bytes]) -> None:
    async def run() -> None:
        chat = OllamaMock(*[streamed(parts)] * 4).chat()
        await chat.open()
        try:
            reply = await reply_of(chat, ChatRequest(prompt="x", top_logprobs=2))
        except ModelError:
            pass  # ours, with a message and a next step
        else:
            reply.text.encode()
        await chat.close()

    asyncio.run(run())


def test_importing_the_model_loads_no_network_library() -> None:
    code = "import sutazai.llm.ollama, sutazai.llm.ollama_probe, sys; print({'httpx', 'ollama'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
