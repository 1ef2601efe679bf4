"""A scripted model that has read the right version of a function and expects its next word at every place."""

import re

from sutazai.sdk.chat import ChatReply, ChatRequest
from sutazai.sdk.testing import ScriptedChat, next_token

_NEXT = re.compile(r"\s*(?:\w+|[<>=!+*/-]+|[^\w\s]|\Z)")


def knowing(right: str, *, info=None, wrong_too: float = -6.0) -> ScriptedChat:
    """Expects `right`; behind anything else it expects nothing in particular."""

    def reply(request: ChatRequest) -> ChatReply:
        prompt = request.prompt or ""
        start = prompt.find(right.splitlines()[0])
        read = prompt[start:] if start >= 0 else prompt
        if right.startswith(read):
            expected = _NEXT.match(right, len(read))
            return next_token((expected.group() if expected else "", -0.1), ("~", wrong_too))
        return next_token(("~", -1.0), ("?", wrong_too))

    return ScriptedChat(reply, info=info)
