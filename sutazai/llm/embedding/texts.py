"""Texts as other programs take them: no half characters, never empty. Pure."""

import re
from typing import Final

_LONE_SURROGATES: Final = re.compile(r"[\ud800-\udfff]")
_REPLACEMENT: Final = "\ufffd"
_BLANK: Final = "."


def whole(text: str) -> str:
    """The text with as many code points, each of which has a form in UTF-8."""
    return _LONE_SURROGATES.sub(_REPLACEMENT, text)


def sendable(text: str) -> str:
    """The text to embed: servers and libraries refuse an empty one, or have no vector for it, so it becomes a dot."""
    return whole(text) if text.strip() else _BLANK
