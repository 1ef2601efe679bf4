"""Requests close Ollama's traps; chunks are read with suspicion."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.llm import ollama_wire as wire
from sutazai.sdk.chat import ChatChunk, ChatRequest, Message, TokenLogprob, Usage

SERVING = wire.Serving("coder:7b", 4096)
RAW = ChatRequest(prompt="def f(", max_tokens=7, temperature=0.5, seed=3, stop=("\n",))
CHAT = ChatRequest(messages=(Message("system", "Be brief."), Message("user", "Hi")), top_logprobs=5)


def test_a_raw_prompt_goes_to_generate_untouched() -> None:
    body = wire.body_of(RAW, SERVING)
    assert wire.path_of(RAW) == "/api/generate"
    assert body["prompt"] == "def f("
    assert body["raw"] is True
    assert "messages" not in body
    assert "logprobs" not in body


def test_messages_go_to_chat() -> None:
    body = wire.body_of(CHAT, SERVING)
    assert wire.path_of(CHAT) == "/api/chat"
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    assert (body["logprobs"], body["top_logprobs"]) == (True, 5)
    assert "prompt" not in body


@pytest.mark.parametrize("request_", [RAW, CHAT, ChatRequest(prompt="")])
def test_every_request_forbids_silent_cutting_and_limits_the_reply(request_: ChatRequest) -> None:
    body = wire.body_of(request_, SERVING)
    assert body["shift"] is False
    assert body["truncate"] is False
    assert body["stream"] is True
    assert body["options"]["num_ctx"] == 4096
    assert body["options"]["num_predict"] == request_.max_tokens


def test_options_carry_what_was_asked() -> None:
    options = wire.body_of(RAW, SERVING)["options"]
    assert (options["temperature"], options["seed"], options["stop"]) == (0.5, 3, ["\n"])
    assert options["repeat_penalty"] == 1.0


def test_a_schema_is_sent_as_format() -> None:
    schema = {"type": "object"}
    assert wire.body_of(replace(CHAT, json_schema=schema), SERVING)["format"] == schema
    assert "format" not in wire.body_of(CHAT, SERVING)


def test_only_a_thinking_model_is_told_not_to_think() -> None:
    assert "think" not in wire.body_of(CHAT, SERVING)
    assert wire.body_of(CHAT, replace(SERVING, thinks=True))["think"] is False


@pytest.mark.parametrize(
    ("given_", "sent"), [("5m", "5m"), ("300", 300), ("-1", -1), ("0", 0), ("1.5", 1.5), ("inf", "inf"), ("", "")]
)
def test_seconds_are_sent_as_a_number_and_durations_as_text(given_: str, sent: object) -> None:
    assert wire.body_of(RAW, replace(SERVING, keep_alive=given_))["keep_alive"] == sent


@pytest.mark.parametrize(("tokens", "step"), [(1, 2048), (2048, 2048), (2049, 4096), (5000, 6144)])
def test_context_sizes_are_rounded_up_so_that_near_ones_share_a_model(tokens: int, step: int) -> None:
    assert wire.context_step(tokens) == step


def test_tokens_are_estimated_from_bytes() -> None:
    assert wire.estimate(ChatRequest(prompt="ä" * 30)) == 20
    assert wire.estimate(CHAT) == 4


@pytest.mark.parametrize(
    ("size", "counted", "cut"),
    [
        (4000, 2048, False),  # not even one token a byte would overflow
        (60_000, 2050, True),  # half the context: the head is gone (4 tokens kept)
        (60_000, 2051, True),  # the same with the beginning-of-text token kept
        (6_000, 2051, True),  # dense text, whose estimate alone would fit
        (6_000, 30, False),  # an old server that does not count its cache
        (13_000, 2500, True),  # fewer than six in ten of what the text needs
        (13_000, 2700, False),
        (13_000, 4000, False),
        (60_000, 0, False),  # the server does not say
    ],
)
def test_a_cut_prompt_is_known_by_its_count(size: int, counted: int, cut: bool) -> None:
    assert wire.was_cut(ChatRequest(prompt="x" * size), counted, 4096) is cut


@given(st.integers(1024, 40_000).map(lambda half: 2 * half), st.sampled_from([4, 5]))
def test_what_ollama_keeps_of_a_long_prompt_is_always_noticed(context: int, kept: int) -> None:
    left = context - max((context - kept) // 2, 1)
    assert wire.was_cut(ChatRequest(prompt="x" * 2 * context), left, context)


def test_the_last_object_gives_finish_and_usage() -> None:
    item = {"done": True, "done_reason": "length", "prompt_eval_count": 5, "eval_count": 7}
    assert wire.last_chunk_of(item, RAW, 4096) == ChatChunk(finish="length", usage=Usage(5, 7))


@pytest.mark.parametrize(
    ("item", "finish"),
    [
        ({"done_reason": "stop"}, "stop"),
        ({}, "stop"),
        ({"done_reason": "load"}, "truncated"),
        ({"done_reason": "closed"}, "truncated"),
        ({"done_reason": "stop", "prompt_eval_count": True, "eval_count": -3}, "stop"),
    ],
)
def test_a_reply_that_did_not_end_as_asked_is_truncated(item: dict[str, Any], finish: str) -> None:
    assert wire.last_chunk_of(item, RAW, 4096) == ChatChunk(finish=finish)  # type: ignore[arg-type]


def test_a_reply_to_a_cut_prompt_is_truncated() -> None:
    request = ChatRequest(prompt="x" * 60_000)
    assert wire.last_chunk_of({"done_reason": "stop", "prompt_eval_count": 2050}, request, 4096).finish == "truncated"


def test_log_probabilities_are_sorted_limited_and_never_above_zero() -> None:
    top = [{"token": str(n), "logprob": -n} for n in (3, 1, 2)]
    item = {"response": "a", "logprobs": [{"token": "a", "logprob": 1e-7, "top_logprobs": top}]}
    chunk = wire.chunk_of(item, replace(RAW, top_logprobs=2))
    assert chunk.logprobs == (TokenLogprob("a", 0.0, (TokenLogprob("1", -1.0), TokenLogprob("2", -2.0))),)
    assert wire.chunk_of(item, RAW).logprobs == ()


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    assert wire.chunk_of({"response": "a\ud800b ä"}, RAW).text == "a\ufffdb ä"


def test_missing_fields_mean_nothing_said() -> None:
    assert wire.chunk_of({}, RAW) == ChatChunk()
    assert wire.chunk_of({"message": {"content": None}, "logprobs": None}, CHAT) == ChatChunk()


BROKEN = [
    {"response": 5},
    {"message": []},
    {"message": {"content": {}}},
    {"logprobs": 5},
    {"logprobs": [5]},
    {"logprobs": [{"token": "a"}]},
    {"logprobs": [{"token": "a", "logprob": math.nan}]},
    {"logprobs": [{"token": "a", "logprob": -1, "top_logprobs": 3}]},
]


@pytest.mark.parametrize("item", BROKEN)
def test_objects_of_another_protocol_are_refused(item: dict[str, Any]) -> None:
    request = CHAT if "message" in item else replace(RAW, top_logprobs=1)
    with pytest.raises(ValueError, match=r" is no | no object|no number"):
        wire.chunk_of(item, request)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["response", "message", "content", "logprobs", "logprob", "token", "top_logprobs", "done_reason", "eval_count"]
)


@given(st.dictionaries(FIELDS, JSON | st.dictionaries(FIELDS, JSON) | st.lists(st.dictionaries(FIELDS, JSON))))
def test_any_object_is_a_chunk_or_refused(item: dict[str, Any]) -> None:
    for request in (CHAT, replace(RAW, top_logprobs=2)):
        try:
            chunk = wire.chunk_of(item, request)
            last = wire.last_chunk_of(item, request, 4096)
        except ValueError:
            continue
        chunk.text.encode()
        assert all(-math.inf < each.logprob <= 0 for each in chunk.logprobs)
        assert last.finish is not None
