"""Whole replies and typed replies out of a model's stream. Never runs or evaluates what a model wrote."""

import re
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from sutazai.errors.models import ReplyUnusable
from sutazai.sdk.chat import ChatReply, ChatRequest, Finish, Message, TokenLogprob, Usage
from sutazai.sdk.ports import ChatModel

Model = TypeVar("Model", bound=BaseModel)

_THOUGHT: Final = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_FENCE: Final = re.compile(r"\A```[\w-]*\n(.*?)\n?```\Z", re.DOTALL)
_SHOWN_OF_ERROR: Final = 400
_SHOWN_OF_REPLY: Final = 2000


async def complete(chat: ChatModel, request: ChatRequest) -> ChatReply:
    """The whole reply to a request; its `finish` is "truncated" where the stream ended without saying so."""
    parts: list[str] = []
    logprobs: list[TokenLogprob] = []
    finish: Finish = "truncated"
    usage = Usage()
    async with aclosing(chat.stream(request)) as stream:
        async for chunk in stream:
            parts.append(chunk.text)
            logprobs += chunk.logprobs
            usage += chunk.usage
            finish = chunk.finish or finish
    return ChatReply("".join(parts), finish, tuple(logprobs), usage)


async def structured(
    chat: ChatModel,
    messages: Sequence[Message],
    model: type[Model],
    *,
    max_tokens: int = 512,
    temperature: float = 0.0,
    seed: int = 0,
) -> tuple[Model, ChatReply]:
    """A reply of the given form. One that does not fit is shown to the model once, with what is wrong.

    Args:
        chat: an open model.
        messages: the conversation; the form need not be described in it.
        model: what the reply must be; its JSON schema constrains the runtime where that can do so.
        max_tokens: of each attempt.
        temperature: of each attempt.
        seed: of each attempt.

    Returns:
        The validated instance and the reply it was read from, with the usage of all attempts.

    Raises:
        ReplyUnusable: also the repaired reply does not fit.
        ModelError: the model could not answer.
    """
    conversation = tuple(messages)
    spent = Usage()
    reason = ""
    for _ in range(2):
        request = ChatRequest(
            conversation,
            max_tokens=max_tokens,
            temperature=temperature,
            seed=seed,
            json_schema=model.model_json_schema(),
        )
        reply = await complete(chat, request)
        spent += reply.usage
        try:
            return model.model_validate_json(bare(reply.text)), ChatReply(
                reply.text, reply.finish, reply.logprobs, spent
            )
        except ValidationError as error:
            reason = _told(error)
            conversation = (*messages, *_repair(reply.text, reason))
    raise ReplyUnusable(chat.info.name, reason)


def bare(reply: str) -> str:
    """The reply without thoughts and without the fence that models like to put around JSON."""
    text = _THOUGHT.sub("", reply).strip()
    fenced = _FENCE.match(text)
    return fenced.group(1).strip() if fenced else text


def _told(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(each) for each in first["loc"])
    return f"{place}: {first['msg']}"[:_SHOWN_OF_ERROR].removeprefix(": ")


def _repair(reply: str, reason: str) -> tuple[Message, ...]:
    return (
        Message("assistant", reply[:_SHOWN_OF_REPLY]),
        Message("user", f"That was not usable: {reason}. Answer again, with the JSON object only."),
    )
