"""Asks a model with one token whether passages tell the answer, and reads the reply by its probabilities."""

import math
from collections.abc import Sequence
from typing import Final

from sutazai.sdk.chat import ChatReply, ChatRequest, Message, Usage
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.structured import complete

_YES: Final = frozenset({"yes", "y", "true"})
_NO: Final = frozenset({"no", "n", "false"})


async def yes_share(chat: ChatModel, asked: Sequence[Message]) -> tuple[float | None, Usage]:
    """The share of yes among yes and no, 0 to 1, and what it cost; None where the model cannot be asked so."""
    if not chat.info.logprobs:
        return None, Usage()
    reply = await complete(chat, ChatRequest(tuple(asked), max_tokens=1, top_logprobs=20))
    return _share(reply), reply.usage


def _share(reply: ChatReply) -> float | None:
    top = reply.logprobs[0].top if reply.logprobs else ()
    yes, no = (
        sum(math.exp(min(0.0, token.logprob)) for token in top if token.token.strip().casefold() in words)
        for words in (_YES, _NO)
    )
    return yes / (yes + no) if yes + no > 0 else None
