"""Counts the tokens of texts for models whose own tokenizer cannot be asked: rather too many than too few.

Words of Latin letters are cut as BERT cuts them (greedily, the longest known piece first: Wu et al. 2016); every
digit, mark and letter of another script is a token, and so is a line break or a run of blanks, which BERT leaves out
and others do not. Needs no library, so that it works where there is no wheel for one.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_UNIT: Final = re.compile(r"[A-Za-z]+|\s{2,8}|[\t\n\r\f\v]|\S")
_WORDS_KEPT: Final = 50_000


class CautiousCounter:
    """Where the tokens of a text are, by a rule that suits any model about.

    Args:
        vocabulary: the pieces of words, those that go on a word with `##` before them.
    """

    def __init__(self, vocabulary: list[str]) -> None:
        self._pieces = frozenset(vocabulary)
        self._longest = max(map(len, vocabulary), default=1)
        self._lengths = lru_cache(_WORDS_KEPT)(self._cut)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token begins and ends, in code points."""
        return list(self._spans(text))

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        for unit in _UNIT.finditer(text):
            start, end = unit.span()
            if end - start == 1 or unit[0].isspace():
                yield start, end
                continue
            for length in self._lengths(unit[0].lower()):
                yield start, start + length
                start += length

    def _cut(self, word: str) -> tuple[int, ...]:
        """The lengths of the pieces of a word."""
        lengths, start = [], 0
        while start < len(word):
            mark = "##" if start else ""
            most = min(self._longest, len(word) - start)
            length = next((each for each in range(most, 1, -1) if mark + word[start : start + each] in self._pieces), 1)
            lengths.append(length)
            start += length
        return tuple(lengths)
