"""Untrusted text inside Markdown: escaped prose, code spans and fences that their content cannot close."""

import re
from typing import Final

from sutazai.review.formats.untrusted import name, one_line, visible

_PUNCTUATION: Final = re.compile(r"([\\`*_{}\[\]|~$^])")
_LEADING: Final = re.compile(r"^(\d{1,9})([.)])|^([-+=:])")
# An empty comment splits the text, so that no name is called and no address or number becomes a link.
_LINKING: Final = re.compile(r"(?i)(@|#|://|www\.|GH-)")
_SPLIT: Final = "<!-- -->"


def escape(text: str) -> str:
    """Untrusted text as one line of plain prose."""
    prose = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    prose = _PUNCTUATION.sub(r"\\\1", prose)
    prose = _LEADING.sub(lambda match: f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[3]}", prose)
    return _LINKING.sub(lambda match: f"{match[0][0]}{_SPLIT}{match[0][1:]}", prose)


def paragraphs(text: str) -> str:
    """Untrusted text as paragraphs of plain prose, ending with a newline; empty stays empty."""
    parts = [escape(part) for part in re.split(r"\n\s*\n", visible(text)) if part.strip()]
    return "\n\n".join(parts) + "\n" if parts else ""


def code_span(text: str) -> str:
    """Untrusted text as inline code on one line."""
    shown = name(text) or " "
    ticks = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fence(code: str, language: str = "") -> str:
    """Untrusted text as a fenced block, ending with a newline."""
    shown = visible(code)
    ticks = "`" * max(3, _longest_run(shown) + 1)
    return f"{ticks}{language}\n{shown}\n{ticks}\n"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
