"""What the parent and the parsing child say to each other. Pure; the parent believes nothing that it has not checked.

A request is a frame of JSON, then one that is the document. An answer is one letter and what belongs to it: `P` the
number of a page, `D` a document as JSON, `F` the kind of failure and its reason, `O` that another program reads it.
"""

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from sutazai.sdk.document import ParsedDocument

if TYPE_CHECKING:
    from pydantic import TypeAdapter

ANSWER_BYTES: Final = 256 << 20
_REASON_CHARS: Final = 300


class WireError(Exception):
    """An answer that no sound child gives."""


@dataclass(frozen=True, slots=True)
class Request:
    """A document to read; its bytes follow.

    Attributes:
        name: its file name: a hint among kinds of text.
        cpu_s: seconds of processor time until the system ends the child, should the parent be gone.
        memory_bytes: of address space; the first request decides.
    """

    name: str
    cpu_s: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class PageRead:
    """How far the child is."""

    number: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no text.

    Attributes:
        kind: one of `failure.KINDS`.
        is_orderly: the parser stopped by itself, and the child can read on.
    """

    kind: str
    reason: str
    is_orderly: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """A format that the child cannot read, but a program may: `doc`."""

    format: str


Answer = PageRead | ParsedDocument | Failure | Other


def encode_request(request: Request) -> bytes:
    """A request as a frame's payload."""
    return _json(asdict(request))


def decode_request(payload: bytes) -> Request:
    """The request of a payload; it comes from our own parent.

    Raises:
        ValueError: it is none.
    """
    return Request(**json.loads(payload))


def encode_answer(answer: Answer) -> bytes:
    """An answer as a frame's payload."""
    match answer:
        case PageRead(number=number):
            return b"P%d" % number
        case Failure(kind=kind, reason=reason, is_orderly=is_orderly):
            return b"F" + _json([kind, reason, is_orderly])
        case Other(format=name):
            return b"O" + name.encode()
        case ParsedDocument():
            return b"D" + _json(asdict(answer))


def decode_answer(payload: bytes) -> Answer:
    """The answer of a payload.

    Raises:
        WireError: it is none, or its places lie outside of its text.
    """
    body = payload[1:]
    try:
        match payload[:1]:
            case b"P":
                return PageRead(int(body))
            case b"F":
                kind, reason, is_orderly = json.loads(body)
                return Failure(str(kind), str(reason)[:_REASON_CHARS], is_orderly=is_orderly is True)
            case b"O":
                return Other(body.decode("ascii"))
            case b"D":
                return _checked(_documents().validate_json(body))
    except ValueError as error:
        raise WireError("the parser's answer cannot be understood") from error
    raise WireError("the parser's answer is of no known kind")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def _documents() -> "TypeAdapter[ParsedDocument]":
    from pydantic import TypeAdapter  # noqa: PLC0415 (the child never needs it)

    return TypeAdapter(ParsedDocument)


def _checked(document: ParsedDocument) -> ParsedDocument:
    length = len(document.text)
    spans = [(page.start, page.end) for page in document.pages]
    spans += [*document.tables, *((each.start, each.start) for each in document.headings)]
    if not all(0 <= start <= end <= length for start, end in spans):
        raise WireError("the parser's answer names places outside of its text")
    return document
