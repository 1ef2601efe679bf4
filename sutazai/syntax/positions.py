r"""Places in a text: UTF-8 bytes, code points, lines and columns, converted into one another.

Owns what a line is: text between `\n`, `\r\n` or `\r`, and nothing else (a form feed or U+2028 ends none). Text has no
byte-order mark here: it was removed when the file was read.
"""

from bisect import bisect_right
from functools import cached_property
from typing import Final

from sutazai.sdk.finding import Location
from sutazai.sdk.source import LINE_END

_CHUNK: Final = 256
_CONTINUATION: Final = bytes(range(0x80, 0xC0))


def utf8(text: str) -> bytes:
    """The bytes of a text; a lone surrogate, which UTF-8 cannot hold, keeps three bytes of its own."""
    return text.encode("utf-8", "surrogatepass")


class Positions:
    """Converts places in one text. Every method takes any integer and gives a place that exists, the nearest one."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]

    @cached_property
    def _ascii(self) -> bool:
        return self.text.isascii()

    @cached_property
    def _chunk_bytes(self) -> list[int]:
        """The byte offset at which each run of `_CHUNK` code points starts, so that no conversion scans the text."""
        starts = [0]
        for at in range(0, len(self.text), _CHUNK):
            starts.append(starts[-1] + len(utf8(self.text[at : at + _CHUNK])))
        return starts

    @property
    def line_count(self) -> int:
        """How many lines there are; text that ends with a line end has an empty last line."""
        return len(self._line_starts)

    def line_column(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of a code-point offset."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line_start(self, line: int) -> int:
        """The code-point offset at which a 1-based line starts; a line after the last one starts at the text's end."""
        if line > len(self._line_starts):
            return len(self.text)
        return self._line_starts[max(line, 1) - 1]

    def line_text(self, line: int) -> str:
        """A line without its end."""
        return self.text[self.line_start(line) : self.line_start(line + 1)].rstrip("\r\n")

    def offset(self, line: int, column: int) -> int:
        """The code-point offset of a 1-based line and column; a column past the line's end is the start of the next."""
        start, stop = self.line_start(line), self.line_start(line + 1)
        return min(max(start + column - 1, start), stop)

    def to_byte(self, offset: int) -> int:
        """The UTF-8 byte offset of a code-point offset."""
        offset = min(max(offset, 0), len(self.text))
        if self._ascii:
            return offset
        chunk = offset // _CHUNK
        return self._chunk_bytes[chunk] + len(utf8(self.text[chunk * _CHUNK : offset]))

    def from_byte(self, byte: int) -> int:
        """The code-point offset of a UTF-8 byte offset; inside a character: that of the character."""
        if self._ascii:
            return min(max(byte, 0), len(self.text))
        chunk = bisect_right(self._chunk_bytes, max(byte, 0)) - 1
        start = chunk * _CHUNK
        data = utf8(self.text[start : start + _CHUNK])
        inside = max(byte, 0) - self._chunk_bytes[chunk]
        if inside >= len(data):
            return len(self.text)
        started = len(data[: inside + 1].translate(None, _CONTINUATION))
        return start + started - 1

    def location(self, path: str, start_offset: int, end_offset: int) -> Location:
        """The span between two code-point offsets, the second excluded."""
        start_line, start_column = self.line_column(start_offset)
        end_line, end_column = self.line_column(max(start_offset, end_offset))
        return Location(
            path=path, start_line=start_line, start_column=start_column, end_line=end_line, end_column=end_column
        )
