"""Makes text from files and models harmless: valid Unicode, and nothing that steers a terminal or hides code.

Never shortens or judges text; what an output format itself must escape is that format's work.
"""

import re
from typing import Final

from sutazai.sdk.finding import Category, Finding
from sutazai.sdk.source import LINE_END

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_STEERING: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_PICTURES: Final = 0x2400
_DELETE: Final = 0x7F


def valid_unicode(text: str) -> str:
    """The text with lone surrogates (undecodable bytes of a file name) replaced, so that it can be encoded."""
    return _SURROGATES.sub("\ufffd", text)


def visible(text: str) -> str:
    """The text with control, zero-width and direction characters shown as symbols; keeps newlines and tabs."""
    return _STEERING.sub(_symbol, valid_unicode(LINE_END.sub("\n", text)))


def one_line(text: str) -> str:
    """The visible text on one line, blanks collapsed."""
    return " ".join(visible(text).split())


def name(text: str) -> str:
    """A path or rule on one line, its blanks kept and its newlines and tabs shown."""
    return _STEERING.sub(_symbol, valid_unicode(text)).replace("\n", "\u240a").replace("\t", "\u2409")


def _symbol(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code <= 0x20:  # noqa: PLR2004 (the last control character before the printable ones)
        return chr(_PICTURES + code)
    return "\u2421" if code == _DELETE else f"<U+{code:04X}>"


def shown_quote(finding: Finding) -> str:
    """The code a format may show: nothing for a secret, whatever the engine left in the quote."""
    return "" if finding.category is Category.SECRET else finding.quote
