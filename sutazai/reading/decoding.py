"""Text out of bytes, for the formats that are text. Guesses an encoding only where nothing says which it is."""

import codecs
import re
from typing import Final

from sutazai.reading.encodings import guess_encoding

# The order matters: the mark of UTF-32-LE begins with that of UTF-16-LE.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COOKIE: Final = re.compile(
    rb"^[ \t\f]*(?:#|//|/\*|--|;|\.\.|<!--).*?coding[:=][ \t]*([-\w.]{1,40})", re.ASCII | re.MULTILINE
)
# Encodings of Python that are none of files: slow on long texts, or not what a file can be in.
_NO_TEXT: Final = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf_7", "u7", "utf7"})
_HEAD_BYTES: Final = 1_000
_SAMPLE_BYTES: Final = 4_096
_TEXT_CONTROLS: Final = frozenset(b"\t\n\r\f\x0b\x1b\b")
_FEW: Final = 0.02
_MOST_ZEROS: Final = 0.3


def decode_text(data: bytes, *, declared: str = "") -> str:
    """The text of bytes that are text.

    Args:
        data: the bytes, a byte-order mark at their start or not.
        declared: the encoding that something outside of the text names (a mail's head); unknown names are passed over.

    Returns:
        The text without its mark: by the mark, as declared, as UTF-16 without a mark, as UTF-8, by a coding comment,
        else as what it looks like. What does not fit becomes U+FFFD; nothing is refused.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    for encoding in (declared, _wide(data), _switching(data), "utf-8", _cookie(data)):
        if encoding and (text := _decoded(data, encoding)) is not None:
            return text
    return data.decode(guess_encoding(data), "replace")


def looks_like_text(data: bytes) -> bool:
    """Whether bytes are text of some encoding, by their first few thousand."""
    sample = data[:_SAMPLE_BYTES]
    if not sample or any(sample.startswith(mark) for mark, _ in _MARKS) or _wide(data):
        return True
    odd = sum(byte < ord(" ") and byte not in _TEXT_CONTROLS for byte in sample)
    if odd > len(sample) * _FEW:
        return False
    # A handful of zeros makes a file that is no text, unless it is plainly text in the main.
    return b"\0" not in sample or _decoded(sample, "ascii") is not None


def _decoded(data: bytes, encoding: str) -> str | None:
    if encoding.lower().replace("-", "_") in _NO_TEXT:
        return None
    try:
        return data.decode(encoding)
    except (LookupError, ValueError, TypeError):
        return None


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: of Latin text every second byte is zero, and hardly any other."""
    sample = data[:_SAMPLE_BYTES]
    half = len(sample) // 2
    if half < 2:  # noqa: PLR2004 (less than two characters tell nothing)
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > half * _MOST_ZEROS and even <= half * _FEW:
        return "utf-16-le"
    return "utf-16-be" if even > half * _MOST_ZEROS and odd <= half * _FEW else ""


def _switching(data: bytes) -> str:
    """Japanese mail and old files switch alphabets by escapes, in letters of ASCII."""
    return "iso2022_jp" if b"\x1b$B" in data or b"\x1b$@" in data else ""


def _cookie(data: bytes) -> str:
    found = _COOKIE.search(data[:_HEAD_BYTES])
    return found[1].decode("ascii") if found else ""
