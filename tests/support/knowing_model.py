"""A scripted model that has read the right version of a function and expects its next word at every place."""

import re

from sutazai.review.recipes.infill import infill_of
from sutazai.sdk.chat import ChatReply, ChatRequest, ModelInfo, TokenLogprob, Usage
from sutazai.sdk.testing import ScriptedChat, next_token

_WORD = re.compile(r"[ ]*(?:\w+|[<>=!+*/-]+|[^\w\s]|\n)")
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


FILLS_HOLES = ModelInfo(name="qwen2.5-coder:1.5b", runtime="scripted")


def filling(right: str, *, sure: float = -0.1) -> ScriptedChat:
    """Expects `right`, and fills a hole with what stands there in it, word by word."""
    marks = infill_of(FILLS_HOLES.name)
    assert marks is not None

    def reply(request: ChatRequest) -> ChatReply:
        asked = request.prompt or ""
        before, hole, rest = asked.removeprefix(marks.before).partition(marks.behind)
        behind, _, said = rest.partition(marks.answer)
        before = before[before.index(right.splitlines()[0]) :] + said
        if not right.startswith(before) or (hole and not right.endswith(behind)):
            return next_token(("~", -1.0), ("?", -6.0))
        left = right[len(before) : len(right) - len(behind)]
        words = [each.group() for each in _WORD.finditer(left)] if left else [""]
        told = words[: request.max_tokens]
        spoken = tuple(TokenLogprob(word, sure, (TokenLogprob(word, sure), TokenLogprob("~", -6.0))) for word in told)
        return ChatReply("".join(told), "stop", spoken, Usage(1, len(told)))

    return ScriptedChat(reply, info=FILLS_HOLES)
