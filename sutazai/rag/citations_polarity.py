"""Whether a sentence and a source can mean the same: negations, opposites, and whose number it is.

Owns the closed word lists' use. It finds contradictions that letters show; it never says that something follows.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import permutations
from typing import Final

from sutazai.rag.citations_stretches import Stretch
from sutazai.rag.citations_tables import NEGATIONS, OPPOSITES, REVERSALS, VERDICTS
from sutazai.rag.citations_terms import Term, occurs, plain, same, terms

_CLAUSE: Final = re.compile(
    r"[,;:()]\s+|\s+[(\u2013-]\s*|\s+(?:and|but|while|whereas|although|however|or|then)\s+|\)\s*", re.IGNORECASE
)
_CLAUSE_OR_CONDITION: Final = re.compile(
    rf"{_CLAUSE.pattern}|\s+(?:if|unless|when|because|until|that|which|who)\s+", re.IGNORECASE
)
_COMPARED: Final = re.compile(
    r"\b(?:no|not) (?:more|less|fewer|later|earlier|longer|larger|smaller) than\b|\bnot only\b", re.IGNORECASE
)
_FEW_TERMS: Final = 2
_NEARLY_SAME: Final = 0.75
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_YEAR: Final = re.compile(r"(?:1[89]|20|21)\d\d")


def contradiction(sentence: str, source: Sequence[Stretch]) -> str:
    """Why the source does not say what the sentence says, as far as closed word lists tell; empty: nothing found."""
    text = " ".join(" ".join((*each.head, each.text)) for each in source)
    nearest = _nearest_clauses(sentence, text)
    said, told = _negations(sentence), _negations(nearest)
    if said and not (_negations(text) or _reversals(text)):
        return "it denies what the source says"
    if told and not said and not _reversals(sentence):
        return "the source denies it"
    missing = _reversals(_nearest_text(sentence, source)) - _reversals(sentence)
    if missing and not said:
        return f"the source says {min(missing)!r}"
    if _turned_clause(sentence, text):
        return "it denies what the source says, or the other way round"
    return _turned(sentence, text) or _judged(sentence, text)


def _turned_clause(sentence: str, text: str) -> bool:
    """Whether a clause says nearly the same as one of the source, and only one of the two has a negation."""
    parts = [(part, terms(part)) for part in _CLAUSE_OR_CONDITION.split(plain(text)) if part.strip()]
    for clause in _CLAUSE_OR_CONDITION.split(plain(sentence)):
        said = terms(clause)
        nearest = max(parts, key=lambda part: sum(occurs(term, part[1]) for term in said), default=None)
        if nearest is None or len(said) < _FEW_TERMS:
            continue
        shared = sum(occurs(term, nearest[1]) for term in said) / len(said)
        turns = bool(_negations(clause)) != bool(_negations(nearest[0]))
        if shared >= _NEARLY_SAME and turns and _reversals(clause) == _reversals(nearest[0]):
            return True
    return False


def _negations(text: str) -> frozenset[str]:
    return frozenset(_words(_COMPARED.sub(" ", text))) & NEGATIONS


def _reversals(text: str) -> frozenset[str]:
    return frozenset(_words(text)) & REVERSALS


def _words(text: str) -> list[str]:
    return [each.casefold() for each in _WORD.findall(plain(text))]


def _nearest_clauses(sentence: str, text: str) -> str:
    """The clauses of a source that share most terms with a sentence."""
    wanted = terms(sentence)
    parts = clauses(text)
    scores = [sum(occurs(term, each) for term in wanted) for each in map(terms, parts)]
    best = max(scores, default=0)
    return " ".join(part for part, score in zip(parts, scores, strict=True) if score == best)


def _nearest_text(sentence: str, source: Sequence[Stretch]) -> str:
    """The stretch that shares most terms with a sentence: what is taken back behind a comma is taken back."""
    wanted = terms(sentence)
    return max(source, key=lambda each: sum(occurs(term, each.terms) for term in wanted)).text


def clauses(text: str) -> list[str]:
    """The parts of a sentence between commas, brackets and joining words."""
    return [each for each in (part.strip() for part in _CLAUSE.split(plain(text))) if each]


@cache
def _sides() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    def pattern(words: str) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)

    return tuple((pattern(one), pattern(other)) for one, other in OPPOSITES)


def _turned(sentence: str, text: str) -> str:
    """An opposite: the sentence has one side of a pair only, the source only the other."""
    for pair in _sides():
        for one, other in (pair, pair[::-1]):
            said = one.search(sentence)
            if said and not other.search(sentence) and other.search(text) and not one.search(text):
                return f"it says {said.group()!r}, the source the opposite"
    return ""


def _judged(sentence: str, text: str) -> str:
    """A judgement that the source does not pass: that a value exceeds a limit has to be read, not reckoned."""
    for words in _verdicts():
        said = words.search(sentence)
        if said and not words.search(text):
            return f"the source does not say {said.group()!r}"
    return ""


@cache
def _verdicts() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"\b(?:{each})\b", re.IGNORECASE) for each in VERDICTS)


def strangers(sentence: str, source: Sequence[Stretch]) -> tuple[Term, Term] | None:
    """A value and another term that a clause of the sentence joins, and the source gives to different things.

    In "4.2 million in 2022, 5.1 million in 2023" the values 5.1 and 2022 are strangers: they share no clause, and the
    clause of the one has a value of the other's kind in its place. In "unopened it keeps 14 months, after opening six
    weeks" so are 14 and "opening"; but "it" is carried on to the six weeks.
    """
    parts = [terms(clause) for each in source for clause in clauses(each.text)]
    for clause in clauses(sentence):
        said = terms(clause)
        for one, other in permutations(said, 2):
            if one.kind == "number" and _are_strangers(one, other, parts):
                return one, other
    return None


def _are_strangers(value: Term, other: Term, parts: Sequence[Sequence[Term]]) -> bool:
    if other.kind == "number":
        return kind_of(value) != kind_of(other) and (_apart(value, other, parts) or _apart(other, value, parts))
    holding = [at for at, part in enumerate(parts) if occurs(value, part)]
    others = [at for at, part in enumerate(parts) if occurs(other, part)]
    if not holding or not others or min(others) <= max(holding):
        return False
    return all(_has_rival(value, parts[at]) for at in others)


def _apart(one: Term, other: Term, parts: Sequence[Sequence[Term]]) -> bool:
    holding = [part for part in parts if occurs(one, part)]
    if not holding or not any(occurs(other, part) for part in parts) or any(occurs(other, part) for part in holding):
        return False
    return all(_has_rival(other, part) for part in holding)


def _has_rival(value: Term, part: Sequence[Term]) -> bool:
    """Whether a clause has another value of the same kind."""
    return any(each.kind == "number" and kind_of(each) == kind_of(value) and not same(each, value) for each in part)


def kind_of(number: Term) -> str:
    """Whether a number is a year or any other value."""
    return "year" if _YEAR.fullmatch(number.shown) else "value"


def wrong_column(said: Sequence[Term], asked: Sequence[Term], row: Stretch) -> Term | None:
    """A value that stands in the row, but under another head than the one the sentence (or else the question) names."""
    named = named_columns(said, row) or named_columns(asked, row)
    if not named:
        return None
    cells = [terms(cell) for cell in row.cells]
    for term in said:
        where = {at for at, cell in enumerate(cells) if term.kind in {"number", "code"} and occurs(term, cell)}
        if where and 0 not in where and where.isdisjoint(named):
            return term
    return None


def named_columns(said: Sequence[Term], row: Stretch) -> set[int]:
    """The columns, the first one left out, whose head is named: all of it that no other head has."""
    heads = [terms(cell) for cell in row.head]
    named = set()
    for at, head in enumerate(heads):
        others = [term for index, other in enumerate(heads) if index != at for term in other]
        own = [term for term in head if not occurs(term, others)]
        if at and own and all(occurs(term, said) for term in own):
            named.add(at)
    return named
