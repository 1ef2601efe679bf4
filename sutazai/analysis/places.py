"""Offsets, rows and columns of one text, in the sense of `Location`.

Owns nothing but arithmetic. A line ends with LF, CR LF or a lone CR, as Python and ruff see it.
"""

import re
from bisect import bisect_right
from functools import cached_property
from typing import Final

from sutazai.sdk.finding import Location

_LINE_END: Final = re.compile(r"\r\n|\r|\n")


class Places:
    """Where things lie in `text`."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(each.end() for each in _LINE_END.finditer(self.text))]

    def offset(self, line: int, column: int) -> int | None:
        """The code-point offset of a 1-based line and column, None if the text has no such place."""
        if not 1 <= line <= len(self._starts) or column < 1:
            return None
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        offset = self._starts[line - 1] + column - 1
        return offset if offset <= end else None

    def line(self, offset: int) -> int:
        """The 1-based line that an offset lies on."""
        return bisect_right(self._starts, offset)

    def line_end(self, offset: int) -> int:
        """The offset after the last character of the line that `offset` lies on, its line end left out."""
        match = _LINE_END.search(self.text, offset)
        return match.start() if match else len(self.text)

    def location(self, path: str, start: int, end: int) -> Location:
        """The span from `start` to `end` (excluded), both code-point offsets."""
        first, last = self.line(start), self.line(end)
        return Location(
            path=path,
            start_line=first,
            start_column=start - self._starts[first - 1] + 1,
            end_line=last,
            end_column=end - self._starts[last - 1] + 1,
        )
