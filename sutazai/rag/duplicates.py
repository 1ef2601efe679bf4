"""Folds passages that say nearly the same: the best one stays and knows who else holds it.

Nearly the same: the sets of three words in a row overlap by four fifths (Broder, "On the Resemblance and Containment
of Documents", 1997), and the numbers are equal: two years' versions of a table differ in nothing else, and that is what
is asked about. Within one document only what is equal word by word is folded: a citation needs the right place.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Self

from sutazai.rag.fusion import Ranked

_WORD: Final = re.compile(r"\w+")
_SHINGLE: Final = 3
_ALIKE: Final = 0.8
_LOOKED_AT: Final = 3

Shingles = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Print:
    """What a passage says: its words in threes, and those with digits."""

    document: str
    shingles: Shingles
    numbers: Counter[str]

    @classmethod
    def of(cls, ranked: Ranked) -> Self:
        words = [each.casefold() for each in _WORD.findall(ranked.chunk.text)] or [ranked.chunk.text.strip()]
        numbers = Counter(word for word in words if any(each.isdigit() for each in word))
        shingles = frozenset(tuple(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1)))
        return cls(ranked.chunk.document, shingles, numbers)

    def repeats(self, other: Self) -> bool:
        """Whether it says nothing that the other does not say."""
        if self.numbers != other.numbers:
            return False
        if self.document == other.document:
            return self.shingles == other.shingles
        return _alike(self.shingles, other.shingles)


def folded(ranked: Iterable[Ranked], limit: int) -> list[Ranked]:
    """The first `limit` passages in their order, without those that repeat a better one.

    So that the work does not grow with what was found, twins are looked for among three times as many passages.
    """
    kept: list[tuple[Ranked, _Print]] = []
    for at, each in enumerate(ranked):
        if len(kept) >= limit and at >= _LOOKED_AT * limit:
            break
        said = _Print.of(each)
        twin = next((at for at, (_, known) in enumerate(kept) if said.repeats(known)), None)
        if twin is not None:
            kept[twin] = (_with_twin(kept[twin][0], each.chunk.document), kept[twin][1])
        elif len(kept) < limit:
            kept.append((each, said))
    return [each for each, _ in kept]


def _with_twin(best: Ranked, document: str) -> Ranked:
    if document == best.chunk.document or document in best.twins:
        return best
    return replace(best, twins=(*best.twins, document))


def _alike(one: Shingles, other: Shingles) -> bool:
    shorter, longer = sorted((len(one), len(other)))
    if shorter < _ALIKE * longer:
        return False
    shared = len(one & other)
    return shared >= _ALIKE * (len(one) + len(other) - shared)
