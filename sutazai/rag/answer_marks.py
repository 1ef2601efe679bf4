"""The marks behind the sentences of an answer, as in `[1]`, and its words without them, in a form to compare. Pure."""

import re
from typing import Final

_MARK: Final = re.compile(r"\s*\[\d+\]")


def has_mark(text: str) -> bool:
    """Whether something in a text reads like a mark."""
    return _MARK.search(text) is not None


def without_marks(text: str) -> str:
    """A text without its marks and the blanks before them."""
    return _MARK.sub("", text)


def bare(text: str) -> str:
    """A text as it is compared with another: without marks, on one line, in small letters, without its full stop."""
    return " ".join(without_marks(text).casefold().split()).rstrip(" .")
