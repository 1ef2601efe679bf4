"""Where a match lies: checks the places that a tool names, and shortens spans that nobody wants quoted whole."""

from typing import Final

from sutazai.sdk.finding import Location
from sutazai.syntax.positions import Positions

MOST_FINDINGS: Final = 2_000
"""Of one engine in one file: more help nobody, and a file can be made to have a hundred thousand."""
TOO_MANY: Final = f"more than {MOST_FINDINGS} findings: only the first are reported"
_LONGEST_QUOTE_LINES: Final = 12


class Places:
    """Places in one text, for tools that may be wrong about it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._positions = Positions(text)

    def offset(self, line: int, column: int) -> int | None:
        """The code-point offset of a 1-based line and column, None if the text has no such place."""
        if not 1 <= line <= self._positions.line_count or column < 1:
            return None
        offset = self._positions.line_start(line) + column - 1
        return offset if offset <= self._positions.line_start(line + 1) else None

    def line_end(self, offset: int) -> int:
        """The offset after the last character of the line that `offset` lies on, its line end left out."""
        line, _ = self._positions.line_column(offset)
        return self._positions.line_start(line) + len(self._positions.line_text(line))

    def quotable(self, start: int, end: int) -> tuple[int, int]:
        """The span itself, or its first line if it is too long to be quoted."""
        lines = self._positions.line_column(end)[0] - self._positions.line_column(start)[0]
        return (start, end) if lines < _LONGEST_QUOTE_LINES else (start, max(self.line_end(start), start + 1))

    def location(self, path: str, start: int, end: int) -> Location:
        """The span from `start` to `end` (excluded), both code-point offsets."""
        return self._positions.location(path, start, end)
