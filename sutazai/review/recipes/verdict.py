"""Yes or no by the probability of the next token: the one form of question that costs a single token."""

import math
from collections.abc import Sequence
from typing import Final

from sutazai.errors.models import ReplyUnusable
from sutazai.sdk.chat import ChatReply, ChatRequest, Message, TokenLogprob
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.structured import complete

_YES: Final = frozenset({"yes", "y", "true"})
_NO: Final = frozenset({"no", "n", "false"})
_LIMIT: Final = 12.0


async def ask(chat: ChatModel, messages: Sequence[Message], *, seed: int = 0) -> float:
    """How much likelier the model begins its answer with yes than with no, in nats, within ±12.

    Raises:
        ReplyUnusable: neither is among the likeliest tokens.
        ModelError: the model could not answer.
    """
    reply = await complete(chat, ChatRequest(tuple(messages), max_tokens=1, top_logprobs=20, seed=seed))
    top = _alternatives(reply)
    yes, no = _share(top, _YES), _share(top, _NO)
    if yes == no == 0:
        raise ReplyUnusable(chat.info.name, "it says neither yes nor no")
    floor = math.exp(min(token.logprob for token in top)) / 2
    return max(-_LIMIT, min(_LIMIT, math.log(yes or floor) - math.log(no or floor)))


def _alternatives(reply: ChatReply) -> Sequence[TokenLogprob]:
    return reply.logprobs[0].top if reply.logprobs else ()


def _share(top: Sequence[TokenLogprob], words: frozenset[str]) -> float:
    return sum(math.exp(token.logprob) for token in top if token.token.strip().lower() in words)
