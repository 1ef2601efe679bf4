"""The lines of a PDF page with their places, as PDFium gives them in the order of drawing.

The only module that calls PDFium for text. Asks it for two characters a line, not for each: that is what keeps reading
about as fast as plain extraction.
"""

import ctypes
import re
from dataclasses import dataclass
from typing import Any, Final, Self

from sutazai.reading.failure import TooLarge

_MAX_PAGE_CHARS: Final = 5_000_000
_MAX_LINES: Final = 100_000
_UPSIDE_DOWN: Final = 2
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]{2,}")
_CUT_WORD: Final = re.compile("(?<=[\x02\ufffe])")
# PDFium marks the hyphen of a word that a line's end cuts so, and then leaves the line end out.
_HYPHENS: Final = str.maketrans({"\x02": "-", "\ufffe": "-", "\xad": "-", "\u2010": "-"})


@dataclass(slots=True)
class Line:
    """A line of text.

    Attributes:
        left: of its box, in points from the left of the page; likewise the other three (`bottom` and `top` from below).
        at: where its text begins in the page's text, in UTF-16 units.
        limit: how far to the right its column reaches.
        level: of the heading that it is (part of); 0: none.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    at: int
    limit: float = 0.0
    level: int = 0

    @property
    def height(self) -> float:
        """Of its font, roughly its size."""
        return self.top - self.bottom


class TextPage:
    """The text of one page, while it is open.

    Args:
        document: PDFium's handle.
        index: from 0.
    """

    def __init__(self, document: Any, index: int) -> None:
        import pypdfium2.raw as pdfium  # noqa: PLC0415 (loaded only when used)

        self._pdfium = pdfium
        self._box = pdfium.FS_RECTF()
        self._box_of = pdfium.FPDFText_GetLooseCharBox
        self._page = pdfium.FPDF_LoadPage(document, index)
        self._text = pdfium.FPDFText_LoadPage(self._page) if self._page else None
        self._is_even = True
        self._turned = pdfium.FPDFPage_GetRotation(self._page) if self._page else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._text:
            self._pdfium.FPDFText_ClosePage(self._text)
        if self._page:
            self._pdfium.FPDF_ClosePage(self._page)

    @property
    def is_there(self) -> bool:
        """False where the page is damaged."""
        return bool(self._text)

    @property
    def is_drawn(self) -> bool:
        """Whether there is anything on it, text or not."""
        return bool(self._page) and self._pdfium.FPDFPage_CountObjects(self._page) > 0

    def lines(self) -> list[Line]:
        """Its lines, in the order of drawing.

        Raises:
            TooLarge: it holds more text than any page.
        """
        text = self._whole()
        if not text or text.isspace():
            return []
        if text.count("\n") > _MAX_LINES:
            raise TooLarge(f"a page has more than {_MAX_LINES} lines")
        wide = not text.isascii() and max(text) > "\uffff"
        found, at = [], 0
        for part in text.split("\r\n"):
            for piece in _CUT_WORD.split(part) if "\x02" in part or "\ufffe" in part else (part,):
                if piece and not piece.isspace():
                    found.append(self._line(piece, at, wide=wide))
                at += _units(piece) if wide else len(piece)
            at += 2
        return found

    def edges(self, at: int) -> tuple[float, float, float, float]:
        """Left, right, bottom and top of the character at a place of the page's text."""
        if not self._is_even:
            at = self._pdfium.FPDFText_GetCharIndexFromTextIndex(self._text, at)
        box = self._box
        self._box_of(self._text, at, box)
        if self._turned:
            return _turned(self._turned, box.left, box.right, box.bottom, box.top)
        return box.left, box.right, box.bottom, box.top

    def _whole(self) -> str:
        count = self._pdfium.FPDFText_CountChars(self._text) if self._text else 0
        if count <= 0:
            return ""
        if count > _MAX_PAGE_CHARS:
            raise TooLarge(f"a page holds more than {_MAX_PAGE_CHARS} characters")
        buffer = (ctypes.c_ushort * (count + 1))()
        units = self._pdfium.FPDFText_GetText(self._text, 0, count, buffer) - 1
        self._is_even = units == count
        return bytes(memoryview(buffer).cast("B")[: 2 * units]).decode("utf-16-le", "replace")

    def _line(self, part: str, at: int, *, wide: bool) -> Line:
        text = part.strip()
        lead = len(part) - len(part.lstrip()) if part[0].isspace() else 0
        at += lead
        left, right, bottom, top = self.edges(at)
        _, other_right, other_bottom, other_top = last = self.edges(at + (_units(text) if wide else len(text)) - 1)
        if not text[0].isalnum():
            # A bullet or a quotation mark may be of another font than the words after it.
            bottom, top = other_bottom, other_top
        if last[0] < left:
            # Of a line that runs from right to left the first character stands rightmost.
            left, other_right = last[0], max(right, other_right)
        if not text.isascii() or text[-1] == "\x02":
            text = text.translate(_HYPHENS)
            if not wide and _RIGHT_TO_LEFT.search(text):
                text = _RIGHT_TO_LEFT.sub(lambda word: self._spoken(word, at), text)
        return Line(text, left, other_right, bottom, top, at)

    def _spoken(self, word: re.Match[str], at: int) -> str:
        """A word that runs from right to left: PDFium gives some as they are drawn, not as they are said."""
        first, last = self.edges(at + word.start()), self.edges(at + word.end() - 1)
        return word[0][::-1] if first[0] < last[0] else word[0]


def _turned(quarters: int, left: float, right: float, bottom: float, top: float) -> tuple[float, float, float, float]:
    """A box as it is seen on a page that is shown turned clockwise; only differences of places are of use."""
    if quarters == 1:
        return bottom, top, -right, -left
    if quarters == _UPSIDE_DOWN:
        return -right, -left, -top, -bottom
    return -top, -bottom, left, right


def _units(text: str) -> int:
    return len(text) + sum(each > "\uffff" for each in text)
