"""What parent and model child say to one another, as JSON, one message a frame. Pure; what arrives is not trusted.

A change that an older side would misread raises `VERSION`; the child says its version first and the parent compares.
"""

from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from sutazai.sdk.chat import ChatRequest, Finish, TokenLogprob, Usage

VERSION: Final = 1
Reason = Literal["runtime-missing", "file-broken", "prompt-too-long", "refused", "internal"]


class WireError(ValueError):
    """Bytes that are no message of ours, or a message that cannot be written as bytes."""


@dataclass(frozen=True, slots=True)
class Load:
    """Parent: load this model, once. `context_tokens` are those of each slot."""

    path: str
    context_tokens: int
    threads: int
    slots: int = 1
    kind: Literal["load"] = "load"


@dataclass(frozen=True, slots=True)
class Generate:
    """Parent: answer this request under a new id."""

    id: int
    request: ChatRequest
    kind: Literal["generate"] = "generate"


@dataclass(frozen=True, slots=True)
class Cancel:
    """Parent: the answer is no longer wanted. Unknown and finished ids are ignored."""

    id: int
    kind: Literal["cancel"] = "cancel"


@dataclass(frozen=True, slots=True)
class Ping:
    """Parent: are you there?"""

    id: int
    kind: Literal["ping"] = "ping"


@dataclass(frozen=True, slots=True)
class Hello:
    """Child, first of all: which protocol it speaks."""

    version: int
    kind: Literal["hello"] = "hello"


@dataclass(frozen=True, slots=True)
class Ready:
    """Child: the model is loaded; how many tokens a request may have in all, and which runtime it is."""

    context_tokens: int
    runtime: str
    kind: Literal["ready"] = "ready"


@dataclass(frozen=True, slots=True)
class Progress:
    """Child: the prompt is being read; a sign of life."""

    id: int
    kind: Literal["progress"] = "progress"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Child: the next piece of an answer."""

    id: int
    text: str
    logprobs: tuple[TokenLogprob, ...] = ()
    kind: Literal["chunk"] = "chunk"


@dataclass(frozen=True, slots=True)
class End:
    """Child: an answer is complete."""

    id: int
    finish: Finish
    usage: Usage
    kind: Literal["end"] = "end"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Child: work on a cancelled answer has stopped; its slot is free."""

    id: int
    kind: Literal["cancelled"] = "cancelled"


@dataclass(frozen=True, slots=True)
class Failure:
    """Child: a request (or, without id, loading) failed. Token counts are set for `prompt-too-long` only."""

    id: int | None
    reason: Reason
    message: str
    prompt_tokens: int = 0
    context_tokens: int = 0
    kind: Literal["failure"] = "failure"


@dataclass(frozen=True, slots=True)
class Pong:
    """Child: here I am."""

    id: int
    kind: Literal["pong"] = "pong"


FromParent = Load | Generate | Cancel | Ping
FromChild = Hello | Ready | Progress | Chunk | End | Cancelled | Failure | Pong
Message = FromParent | FromChild


@dataclass(frozen=True, slots=True)
class _Envelope:
    message: Annotated[Message, Field(discriminator="kind")] = field()


_ADAPTER: Final[TypeAdapter[_Envelope]] = TypeAdapter(_Envelope)


def encode(message: Message) -> bytes:
    """A message as bytes.

    Raises:
        WireError: it holds what JSON cannot say, a lone surrogate for instance.
    """
    try:
        return _ADAPTER.dump_json(_Envelope(message))
    except (PydanticSerializationError, UnicodeEncodeError) as error:
        raise WireError(str(error)) from error


def decode(payload: bytes) -> Message:
    """Bytes as a message.

    Raises:
        WireError: they are none.
    """
    try:
        return _ADAPTER.validate_json(payload).message
    except ValidationError as error:
        raise WireError(f"no message of ours: {error.error_count()} faults in {payload[:60]!r}") from error
