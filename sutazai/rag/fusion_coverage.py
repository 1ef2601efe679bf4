"""Weighs fused passages by how many of the query's words they hold. Pure arithmetic over texts.

A word that is repeated can make up in BM25 for others that are missing, and a vector knows no single words. How many
different words of a query a text holds is the oldest measure there is (coordination level: Cleverdon, Mills and Keen,
"Factors Determining the Performance of Indexing Systems", 1966), here weighed by rarity (Robertson and Spärck Jones,
"Relevance Weighting of Search Terms", 1976, without judgements). Rare is what few of the candidates hold: a word that
stands in all of them tells nothing, whatever the language, so there is no list of stop words.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from sutazai.rag.fusion import Ranked
from sutazai.sdk.document import Chunk
from sutazai.sdk.scripts import UNSPACED

_WEIGHT: Final = 0.2
_WEIGHED: Final = 50
_SHORT: Final = 3
_WORD: Final = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")


def covered(found: Sequence[Ranked], query: str) -> list[Ranked]:
    """Passages (best first) with the share of the query that each of the first fifty holds as a part of its score.

    None of those behind can come before them, since no share is negative: the order of the rest stays.
    """
    forms = _forms(_words(query))
    if not forms:
        return list(found)
    first, rest = found[:_WEIGHED], found[_WEIGHED:]
    shares = _shares([_held(each.chunk, forms) for each in first], set(forms.values()))
    weighed = [_weighed(each, share) for each, share in zip(first, shares, strict=True)]
    return [*sorted(weighed, key=lambda each: -each.score), *(_weighed(each, 0) for each in rest)]


def _weighed(each: Ranked, share: float) -> Ranked:
    score = (each.score + _WEIGHT * share) / (1 + _WEIGHT)
    return replace(each, score=score, parts=each.parts.model_copy(update={"covered": share, "fused": score}))


def _shares(held: Sequence[set[str]], wanted: set[str]) -> list[float]:
    """How much of what is wanted each of these holds, from 0 to 1, the rare counting most; the same each time."""
    count, holding = len(held), Counter(word for words in held for word in words)
    rarity = {word: math.log(1 + (count - holding[word] + 0.5) / (holding[word] + 0.5)) for word in wanted}
    whole = math.fsum(rarity.values())
    return [math.fsum(rarity[word] for word in words) / whole for words in held]


def _held(chunk: Chunk, forms: Mapping[str, str]) -> set[str]:
    """The wanted words that a chunk or what stands above it holds, in any form."""
    text = "\n".join((*chunk.headings, chunk.symbol, chunk.lead, chunk.text))
    return {forms[word] for word in forms.keys() & _words(text)}


def _words(text: str) -> set[str]:
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return set(_WORD.findall(plain.casefold()))


def _forms(words: set[str]) -> Mapping[str, str]:
    """Every form of each word, and which word it is."""
    roots = {_singular(word) for word in words}
    possible = ((form, root) for root in roots for form in (root, f"{root}s", f"{root[:-1]}ies"))
    return {form: root for form, root in possible if _singular(form) == root}


def _singular(word: str) -> str:
    """The S stemmer of Harman, "How Effective Is Suffixing?", 1991: it joins singular and plural, and nothing else."""
    if len(word) <= _SHORT or word[-1] != "s":
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        return f"{word[:-3]}y"
    if word.endswith("es"):
        return word if word[-3] in "aeo" else word[:-1]
    return word if word[-2] in "us" else word[:-1]
