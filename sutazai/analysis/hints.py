"""Which of many short texts stand in a text: all are looked for in one pass, however many there are."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ahocorasick_rs import BytesAhoCorasick

_WINDOW_BYTES: Final = 1 << 20


class Hints:
    """Texts to look for, upper and lower case apart; cheap to make, ready at the first question.

    Args:
        words: none of them empty; the same one more than once makes no difference.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(dict.fromkeys(words))

    def of(self, text: str) -> frozenset[str]:
        """Those that stand in a text. Of a long one a window is looked at at a time, so that matches take no room."""
        data = text.encode("utf-8", "surrogatepass")
        found: set[int] = set()
        for start in range(0, len(data), _WINDOW_BYTES):
            window = data[start : start + _WINDOW_BYTES + self._reach]
            found.update(each[0] for each in self._automaton.find_matches_as_indexes(window, overlapping=True))
        return frozenset(self._words[each] for each in found)

    @cached_property
    def _reach(self) -> int:
        """How far a match may go on behind the window it begins in."""
        return max((len(each.encode("utf-8", "surrogatepass")) for each in self._words), default=1) - 1

    @cached_property
    def _automaton(self) -> "BytesAhoCorasick":
        from ahocorasick_rs import BytesAhoCorasick, Implementation  # noqa: PLC0415 (loaded only when used)

        words = [each.encode("utf-8", "surrogatepass") for each in self._words]
        return BytesAhoCorasick(words, implementation=Implementation.DFA)
