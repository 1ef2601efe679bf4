"""A text in pieces that count as one token each, so that lengths are looked up and not measured again and again.

Every character that is not blank lies in a piece. A giant word, which a tokenizer may take for one token, is many.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Final

TokenSpans = Callable[[str], list[tuple[int, int]]]

_WINDOW: Final = 50_000
_LONGEST: Final = 40
_LONGEST_BLANK: Final = 256


class Pieces:
    """The pieces of `text[start:end]`: where each begins, in offsets of the whole text."""

    def __init__(self, text: str, start: int, end: int, spans: TokenSpans) -> None:
        self._text, self._end = text, end
        self._starts = array("q", _starts(text, start, end, spans))

    def __len__(self) -> int:
        return len(self._starts)

    def start(self, index: int) -> int:
        """Where a piece begins; after the last one: where the stretch ends."""
        return self._starts[index] if index < len(self._starts) else self._end

    def index(self, offset: int) -> int:
        """The first piece that begins at an offset or after it."""
        return bisect_left(self._starts, offset)

    def begins_word(self, index: int) -> bool:
        """Whether the text can be cut before this piece without breaking a word."""
        offset = self.start(index)
        return offset >= self._end or self._text[offset - 1 : offset].isspace()


def _starts(text: str, start: int, end: int, spans: TokenSpans) -> Iterator[int]:
    at = start
    while at < end:
        stop = _window_end(text, at, end)
        yield from _window(text, at, stop, spans)
        at = stop


def _window_end(text: str, start: int, end: int) -> int:
    """Tokenizers take much memory for a long text, so it is given to them in stretches, cut at a blank if possible."""
    stop = min(start + _WINDOW, end)
    if stop == end:
        return end
    cut = max(text.rfind("\n", start, stop), text.rfind(" ", start, stop))
    return cut + 1 if cut > start else stop


def _window(text: str, start: int, stop: int, spans: TokenSpans) -> list[int]:
    found: list[int] = []
    at = start
    for first, last in spans(text[start:stop]):
        # Some tokenizers give blank or overlapping spans; what lies before `at` is covered already.
        begin, done = start + first, start + last
        if begin > at:
            if begin > at + 1 or not text[at].isspace():
                found += _between(text, at, begin)
        else:
            begin = at
        if begin < done <= begin + _LONGEST:
            found.append(begin)
            at = done
        else:
            found += range(begin, done, _LONGEST)
            at = max(done, at)
    found += _between(text, at, stop)
    return found


def _between(text: str, start: int, stop: int) -> Iterator[int]:
    """Pieces for what no token covers: characters that a tokenizer drops, and blanks without end."""
    gap = text[start:stop]
    if not gap.isspace():
        start += len(gap) - len(gap.lstrip())
        yield from range(start, start + len(gap.strip()), _LONGEST)
    elif len(gap) > _LONGEST_BLANK:
        yield from range(start, stop, _LONGEST)
