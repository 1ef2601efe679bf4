"""Mail (EML) and mailboxes (mbox): heads, the text of each message, and the names of what is attached.

Of one message in several forms the plain one is read, else the web page. Attachments are named, never opened; a message
that was forwarded whole is read as a part of the one around it.
"""

import re
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Any, Final

from sutazai.reading.decoding import decode_text
from sutazai.reading.draft import Draft, one_line
from sutazai.reading.failure import Broken, ParseFailed, TooLarge
from sutazai.reading.formats.web import write_page

_HEAD: Final = ("From", "To", "Cc", "Date")
_MAX_PARTS: Final = 5_000
_MAX_DEPTH: Final = 20
_MAX_HEAD_CHARS: Final = 20_000
_MBOX_LINE: Final = re.compile(rb"^From [^\r\n]*\r?\n(?=[!-9;-~]+:)", re.MULTILINE)
_QUOTED_FROM: Final = re.compile(rb"^>(>*From )", re.MULTILINE)


def parse(data: bytes, draft: Draft) -> None:
    """Reads a message or a mailbox."""
    data = data.lstrip(b"\r\n")
    begins = [found.span() for found in _MBOX_LINE.finditer(data)] if data.startswith(b"From ") else []
    ends = [start for start, _ in begins[1:]] + [len(data)]
    messages = [_QUOTED_FROM.sub(rb"\1", data[start:end]) for (_, start), end in zip(begins, ends, strict=False)]
    for each in messages or [data]:
        _Mail(draft, only=len(messages) < 2).write(_parsed(each))  # noqa: PLR2004 (a mailbox of one is a message)


def _parsed(data: bytes) -> Message:
    try:
        return BytesParser(policy=compat32).parsebytes(data)
    except RecursionError as error:
        raise TooLarge("its parts nest too deep") from error
    except (MessageError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Broken("it is no message that can be read") from error


class _Mail:
    def __init__(self, draft: Draft, *, only: bool) -> None:
        self._draft = draft
        self._only = only
        self._parts = 0

    def write(self, message: Message, depth: int = 1) -> None:
        """Writes a message; `depth`: of the heading that is its subject."""
        subject = head(message, "Subject")
        if depth == 1 and self._only:
            self._draft.title = subject
        self._draft.heading(depth, subject)
        self._draft.end_block()
        for name in _HEAD:
            if value := head(message, name):
                self._draft.item(f"{name}: {value}")
        self._draft.end_block()
        self._part(message, depth, depth)

    def _part(self, part: Message, depth: int, nesting: int) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS or nesting > _MAX_DEPTH:
            raise TooLarge("it has too many parts")
        kind = part.get_content_type()
        if kind == "message/rfc822":
            for each in _within(part):
                self.write(each, depth + 1)
        elif kind == "multipart/alternative":
            self._alternative(part, depth, nesting)
        elif part.is_multipart():
            for each in _within(part):
                self._part(each, depth, nesting + 1)
        elif _is_attached(part, kind):
            name = one_line(_decoded(_file_name(part)))
            self._draft.item(f"Attachment: {name}" if name else "")
        else:
            self._body(part, kind, depth)

    def _alternative(self, part: Message, depth: int, nesting: int) -> None:
        """Reads one of several forms: plain text that says something, else the last form, which is the richest."""
        forms = _within(part)
        plain = [each for each in forms if each.get_content_type() == "text/plain" and _text(each).strip()]
        for each in plain[:1] or forms[-1:]:
            self._part(each, depth, nesting + 1)

    def _body(self, part: Message, kind: str, depth: int) -> None:
        text = _text(part)
        if kind != "text/html":
            self._draft.paragraph(text)
            return
        try:
            write_page(text, self._draft, level=depth)
        except ParseFailed as error:
            self._draft.note(f"a part was left out: {error.reason}")


def head(message: Message, name: str) -> str:
    """A field of a message's head as people read it."""
    found = (value for key, value in message.raw_items() if key.lower() == name.lower())
    return one_line(_decoded(str(next(found, ""))[:_MAX_HEAD_CHARS]))


def _decoded(value: str) -> str:
    if "=?" not in value:
        # Bytes that no encoding was named for come as surrogates.
        return decode_text(value.encode("utf-8", "surrogateescape")) if not value.isascii() else value
    try:
        pieces = decode_header(value[:_MAX_HEAD_CHARS])
    except (MessageError, ValueError, LookupError):
        return value
    return "".join(
        each if isinstance(each, str) else decode_text(each, declared=encoding or "") for each, encoding in pieces
    )


def _within(part: Message) -> list[Message]:
    payload: Any = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _is_attached(part: Message, kind: str) -> bool:
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    return disposition.startswith("attachment") or not kind.startswith("text/") or kind == "text/calendar"


def _file_name(part: Message) -> str:
    try:
        return part.get_filename() or ""
    except (ValueError, LookupError, TypeError, AttributeError, MessageError):
        return ""


def _text(part: Message) -> str:
    try:
        data = part.get_payload(decode=True)
        encoding = part.get_content_charset() or ""
    except (ValueError, LookupError, TypeError, AttributeError, MessageError):
        return ""
    return decode_text(data, declared=encoding) if isinstance(data, bytes) else ""
