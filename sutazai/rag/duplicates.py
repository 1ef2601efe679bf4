"""Folds passages that say nearly the same: the best one stays and knows who else holds it.

Nearly the same: the sets of three words in a row overlap by four fifths (Broder, "On the Resemblance and Containment
of Documents", 1997).
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from sutazai.rag.fusion import Ranked

_WORD: Final = re.compile(r"\w+")
_SHINGLE: Final = 3
_ALIKE: Final = 0.8
_LOOKED_AT: Final = 3

Shingles = frozenset[tuple[str, ...]]


def folded(ranked: Iterable[Ranked], limit: int) -> list[Ranked]:
    """The first `limit` passages in their order, without those that repeat a better one.

    So that the work does not grow with what was found, twins are looked for among three times as many passages.
    """
    kept: list[tuple[Ranked, Shingles]] = []
    for at, each in enumerate(ranked):
        if len(kept) >= limit and at >= _LOOKED_AT * limit:
            break
        shingles = _shingles(each.chunk.text)
        twin = next((at for at, (_, known) in enumerate(kept) if _alike(shingles, known)), None)
        if twin is not None:
            kept[twin] = (_with_twin(kept[twin][0], each.chunk.document), kept[twin][1])
        elif len(kept) < limit:
            kept.append((each, shingles))
    return [each for each, _ in kept]


def _with_twin(best: Ranked, document: str) -> Ranked:
    if document == best.chunk.document or document in best.twins:
        return best
    return replace(best, twins=(*best.twins, document))


def _shingles(text: str) -> Shingles:
    words = [each.casefold() for each in _WORD.findall(text)] or [text.strip()]
    return frozenset(tuple(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1)))


def _alike(one: Shingles, other: Shingles) -> bool:
    shorter, longer = sorted((len(one), len(other)))
    if shorter < _ALIKE * longer:
        return False
    shared = len(one & other)
    return shared >= _ALIKE * (len(one) + len(other) - shared)
