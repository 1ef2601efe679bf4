"""Typed replies: what fits is returned, what does not is repaired once, nothing else comes out."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from sutazai.errors.models import ReplyUnusable
from sutazai.sdk.chat import ChatChunk, ChatReply, ChatRequest, Message, TokenLogprob, Usage
from sutazai.sdk.structured import bare, complete, structured
from sutazai.sdk.testing import ScriptedChat


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    count: int


ASKED = (Message("user", "how many?"),)
GOOD = '{"name": "saw", "count": 3}'


async def test_a_stream_is_joined_with_its_logprobs_and_usage():
    token = TokenLogprob("x", -0.5)
    chat = ScriptedChat([ChatReply("x y", "length", (token,), Usage(4, 2, 1))])
    assert await complete(chat, ChatRequest(prompt="p")) == ChatReply("x y", "length", (token,), Usage(4, 2, 1))


async def test_a_stream_that_ends_without_saying_so_is_truncated():
    class Broken(ScriptedChat):
        async def stream(self, request):
            yield ChatChunk("half")

    assert (await complete(Broken(), ChatRequest(prompt="p"))).finish == "truncated"


async def test_a_fitting_reply_is_validated_and_its_form_was_asked_for():
    chat = ScriptedChat([GOOD])
    answer, reply = await structured(chat, ASKED, Answer, max_tokens=9)
    assert answer == Answer(name="saw", count=3)
    assert reply.text == GOOD
    assert chat.requests[0].json_schema == Answer.model_json_schema()
    assert chat.requests[0].max_tokens == 9


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}```",
        f"<think>is it {{4}}?</think>\n{GOOD}",
        f"<think></think>```json\n{GOOD}\n```\n",
    ],
)
def test_thoughts_and_fences_are_taken_off(text):
    assert bare(text) == GOOD


def test_an_unfinished_thought_leaves_nothing():
    assert bare("<think>hm") == ""


async def test_a_reply_that_does_not_fit_is_shown_to_the_model_once_with_the_reason():
    chat = ScriptedChat(['{"name": "saw"}', GOOD])
    answer, reply = await structured(chat, ASKED, Answer)
    assert answer.count == 3
    first, again = chat.requests
    assert again.messages[0] == ASKED[0]
    assert again.messages[1] == Message("assistant", '{"name": "saw"}')
    assert "count: Field required" in again.messages[2].content
    assert reply.usage.completion_tokens == sum(len(each.split()) for each in ('{"name": "saw"}', GOOD))
    assert len(first.messages) == 1


async def test_the_second_misfit_is_an_error_that_names_model_and_reason():
    chat = ScriptedChat(["no", "still no"])
    with pytest.raises(ReplyUnusable, match=r"scripted .*Invalid JSON"):
        await structured(chat, ASKED, Answer)
    assert len(chat.requests) == 2


async def test_what_a_reply_spells_is_never_run():
    attack = "__import__('os').system('exit')"
    with pytest.raises(ReplyUnusable):
        await structured(ScriptedChat([attack, attack]), ASKED, Answer)


_replies = st.one_of(
    st.text(max_size=60),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "count", "x"]), inner),
        max_leaves=6,
    ).map(json.dumps),
)


@settings(max_examples=150, deadline=None)
@given(first=_replies, second=_replies)
async def test_any_two_replies_give_an_answer_of_the_form_or_the_one_error(first, second):
    try:
        answer, _ = await structured(ScriptedChat([first, second]), ASKED, Answer)
    except ReplyUnusable:
        return
    assert isinstance(answer.name, str)
    assert isinstance(answer.count, int)
