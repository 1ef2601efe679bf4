"""Yes or no by the probability of one token."""

import pytest

from sutazai.errors.models import ReplyUnusable
from sutazai.review.recipes.verdict import ask
from sutazai.sdk.chat import Message
from sutazai.sdk.testing import ScriptedChat, next_token

ASKED = (Message("user", "is it?"),)


async def test_the_score_is_the_log_odds_of_yes():
    assert await ask(ScriptedChat([next_token(("Yes", -0.5), ("No", -2.0))]), ASKED) == pytest.approx(1.5)


async def test_every_spelling_of_a_word_counts():
    lots = await ask(ScriptedChat([next_token(("no", -1.0), (" NO", -1.0), ("yes", -1.0))]), ASKED)
    few = await ask(ScriptedChat([next_token(("no", -1.0), ("maybe", -1.0), ("yes", -1.0))]), ASKED)
    assert lots < few == 0


async def test_a_missing_word_is_rarer_than_the_rarest_token():
    assert await ask(ScriptedChat([next_token(("yes", -0.1), ("Maybe", -3.0))]), ASKED) > 2.9


async def test_a_score_stays_within_its_limits():
    assert await ask(ScriptedChat([next_token(("no", -0.1), ("x", -50.0))]), ASKED) == -12


async def test_one_token_is_asked_with_its_alternatives():
    chat = ScriptedChat([next_token(("yes", -0.1))])
    await ask(chat, ASKED)
    assert (chat.requests[0].max_tokens, chat.requests[0].top_logprobs) == (1, 20)


@pytest.mark.parametrize("reply", ["yes", next_token(("perhaps", -0.1))])
async def test_an_answer_without_yes_or_no_is_unusable(reply):
    with pytest.raises(ReplyUnusable):
        await ask(ScriptedChat([reply]), ASKED)
