"""Reads one file into text: regular files only, with a size limit, decoded or refused with a reason.

Never opens a device, a pipe or a socket, and never guesses an encoding.
"""

import codecs
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MISSING: Final = "it does not exist"
"""The reason given for a file that is not there, or not any more."""

_COOKIE: Final = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]{1,40})", re.ASCII)
_LINE_END: Final = re.compile(rb"\r\n?|\n")
# The order matters: the mark of UTF-32-LE begins with that of UTF-16-LE.
_WIDE_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KINDS: Final = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISSOCK, "it is a socket"),
    (stat.S_ISBLK, "it is a device"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISLNK, "it is a symbolic link"),
)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why there is no text."""

    reason: str


@dataclass(frozen=True, slots=True)
class Text:
    """Decoded text without its byte-order mark. `as_stored`: tools that read UTF-8 see the same in the file."""

    text: str
    as_stored: bool = True


def kind_problem(mode: int) -> str:
    """Why a file of this mode is not read; empty for a regular file."""
    return "" if stat.S_ISREG(mode) else next((reason for is_kind, reason in _KINDS if is_kind(mode)), "not a file")


def read_bytes(path: Path, max_bytes: int) -> bytes | Unreadable:
    """The bytes of a regular file, or why not. A symbolic link is followed: the caller checks where it leads."""
    try:
        if problem := kind_problem(path.stat().st_mode):
            return Unreadable(problem)
        # The file may have become a pipe since: opening without blocking, then looking again, leaves no gap.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:  # noqa: PTH123 (a descriptor)
            found = os.fstat(descriptor)
            if problem := kind_problem(found.st_mode):
                return Unreadable(problem)
            # Asking for the limit at once would set that much memory aside for each small file.
            data = file.read(min(found.st_size, max_bytes) + 1)
            if found.st_size < len(data) <= max_bytes:
                data += file.read(max_bytes + 1 - len(data))
    except (OSError, ValueError) as error:
        return Unreadable(reason_of(error))
    return Unreadable(too_large(max_bytes)) if len(data) > max_bytes else data


def reason_of(error: Exception) -> str:
    """An operating system's complaint in few words."""
    if isinstance(error, FileNotFoundError):
        return MISSING
    if isinstance(error, PermissionError):
        return "permission denied"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def too_large(max_bytes: int) -> str:
    """The reason given for a file over the limit."""
    return f"larger than {max_bytes} bytes"


def decode(data: bytes) -> Text | Unreadable:
    """Text from bytes: UTF-8, UTF-16 or UTF-32 by their mark, or what a Python coding comment names."""
    for mark, encoding in _WIDE_MARKS:
        if data.startswith(mark):
            return _decode_as(data, encoding)
    if b"\0" in data:
        return Unreadable("binary file")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return Text(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _by_cookie(data) or Unreadable(f"not UTF-8 (at byte {error.start})")


def read_text(path: Path, max_bytes: int) -> Text | Unreadable:
    """The text of a regular file, or why not."""
    data = read_bytes(path, max_bytes)
    return data if isinstance(data, Unreadable) else decode(data)


def _decode_as(data: bytes, encoding: str) -> Text | Unreadable:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        return Unreadable(f"not {encoding.upper()} (at byte {error.start})")
    return Unreadable("binary file") if "\0" in text else Text(text, as_stored=False)


def _by_cookie(data: bytes) -> Text | None:
    for line in _LINE_END.split(data[:1000], maxsplit=2)[:2]:
        if found := _COOKIE.match(line):
            try:
                return Text(data.decode(found[1].decode("ascii")), as_stored=False)
            except (LookupError, ValueError):
                return None
    return None
