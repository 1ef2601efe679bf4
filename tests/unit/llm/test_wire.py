"""The messages between parent and model child."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.llm import wire
from sutazai.sdk.chat import ChatRequest, Message, TokenLogprob, Usage

MESSAGES = [
    wire.Hello(1),
    wire.Load("/a/b.gguf", 4096, 2, 1),
    wire.Ready(4096, "xllamacpp 1"),
    wire.Generate(
        3,
        ChatRequest(
            (Message("user", "é\0"),), stop=("\n",), json_schema={"type": ["object"]}, top_logprobs=2, temperature=0.5
        ),
    ),
    wire.Generate(4, ChatRequest(prompt="x")),
    wire.Progress(3),
    wire.Chunk(3, "text", (TokenLogprob("t", -0.5, (TokenLogprob("u", -1.25),)),)),
    wire.End(3, "length", Usage(1, 2, 3)),
    wire.Failure(3, "prompt-too-long", "too long", 5000, 4096),
    wire.Failure(None, "file-broken", "no"),
    wire.Cancel(3),
    wire.Cancelled(3),
    wire.Ping(1),
    wire.Pong(1),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda each: each.kind)
def test_every_message_comes_back_as_it_went(message: wire.Message) -> None:
    """Nothing is lost, nothing is added."""
    assert wire.decode(wire.encode(message)) == message


@given(st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_random_bytes_are_refused_cleanly(payload: bytes) -> None:
    """Nothing but our own error leaves the decoder."""
    with pytest.raises(wire.WireError):
        wire.decode(payload)


@given(st.sampled_from(MESSAGES).map(wire.encode), st.integers(0, 80), st.binary(max_size=6))
def test_damaged_messages_are_refused_or_read_as_messages(payload: bytes, at: int, noise: bytes) -> None:
    """A damaged text may still be a text, but never a thing that is no message."""
    try:
        message = wire.decode(payload[:at] + noise + payload[at + len(noise) :])
    except wire.WireError:
        return
    assert isinstance(message, wire.Message)


@given(st.text())
def test_any_text_of_unicode_characters_survives(text: str) -> None:
    """Prompts are whatever is in a file."""
    message = wire.Chunk(1, text)
    assert wire.decode(wire.encode(message)) == message


def test_a_lone_surrogate_cannot_be_sent() -> None:
    """The caller replaces it or refuses."""
    with pytest.raises(wire.WireError):
        wire.encode(wire.Chunk(1, "\ud800"))


def test_deep_nesting_is_refused() -> None:
    """And does not end the process."""
    with pytest.raises(wire.WireError):
        wire.decode(b'{"message":' + b"[" * 100_000)
