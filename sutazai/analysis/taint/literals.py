"""What literals of Python stand for. Never evaluates anything: it reads digits and escapes."""

import re
from typing import Final

_SIMPLE: Final = {
    "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "v": "\v",
    "\n": "",
}  # fmt: skip
_ESCAPE: Final = re.compile(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_LAST: Final = 0x10FFFF
_LONGEST_NUMBER: Final = 60


def number(text: str) -> int | float | None:
    """The value of a number as written, None for one that is complex, broken or too long to matter."""
    text = text.replace("_", "").lower().rstrip("l")
    if len(text) > _LONGEST_NUMBER:
        return None
    try:
        return int(text, 0)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return int(text, 8) if text.isdecimal() and set(text) <= set("01234567") else None


def unescaped(text: str) -> str:
    """Text with its escapes read."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    octal, two, four, eight, simple = match.groups()
    if simple is not None:
        return _SIMPLE.get(simple, match[0])
    code = int(octal, 8) if octal else int(two or four or eight, 16)
    return chr(code) if code <= _LAST else match[0]
