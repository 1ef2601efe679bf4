"""Whether passages have to do with a question at all, before a model is asked and after it answered. Asks no model.

A question about the X400 is not answered by what a manual says of the X300: what a question names by name, code or
year must be spoken of by the documents that are cited.
"""

import re
from collections.abc import Sequence
from typing import Final

from sutazai.rag.citations import Evidence
from sutazai.rag.citations_stretches import Stretch
from sutazai.rag.citations_terms import Term, occurs, terms
from sutazai.rag.report import Passage

_LEAST_COSINE: Final = 0.25
_SEVERAL: Final = 2
_NEARLY_ALL: Final = 0.75
_YEAR: Final = re.compile(r"(?:1[89]|20|21)\d\d")
_ASKS_YES: Final = re.compile(
    r"\W*(?:is|are|was|were|does|do|did|can|could|may|might|must|should|shall|has|have|had|will|would)(?:n't)?\b",
    re.IGNORECASE,
)
_ASKS_NUMBER: Final = re.compile(
    r"\bhow (?:many|much|often|long|far|high|old|large|big|heavy|fast|loud|deep|wide|tall)\b", re.IGNORECASE
)


def is_yes_or_no(question: str) -> bool:
    """Whether a question asks for a yes or a no: of such a one a model's "no" may be its answer."""
    return _ASKS_YES.match(question) is not None


def far_from(question: str, passages: Sequence[Passage]) -> bool:
    """Whether nothing found has to do with the question: no shared word, and no vector near its own."""
    asked = terms(question)
    return not any(_is_near(asked, each) for each in passages)


def _is_near(asked: Sequence[Term], passage: Passage) -> bool:
    if passage.parts is None or passage.parts.vector_score >= _LEAST_COSINE:
        return True
    here = terms(" . ".join((passage.title, *passage.headings, passage.name, passage.text)))
    return any(occurs(term, here) for term in asked)


def named(question: str) -> tuple[Term, ...]:
    """What a question names: by name, by code, by year. Quantities are no names: they may be asked about."""
    return tuple(
        term
        for term in terms(question)
        if term.kind in {"name", "code", "link"} or (term.kind == "number" and _YEAR.fullmatch(term.shown))
    )


def unspoken(question: str, evidence: Sequence[Evidence]) -> Term | None:
    """Something the question names that none of the passages, nor what stands above them, speaks of."""
    return next((term for term in named(question) if not any(speaks_of(term, each) for each in evidence)), None)


def strange(question: str, cited: Sequence[Evidence], evidence: Sequence[Evidence]) -> Term | None:
    """Something the question names that the documents of the cited passages do not speak of."""
    documents = {each.passage.document for each in cited}
    return unspoken(question, [each for each in evidence if each.passage.document in documents])


def speaks_of(term: Term, evidence: Evidence) -> bool:
    """Whether a passage, or what stands above it, has the term."""
    return evidence.names(term) or any(occurs(term, each.terms) for each in evidence.stretches if not each.is_order)


def misses_number(question: str, sentence: str) -> bool:
    """Whether a question for a number got a sentence without one."""
    wants = _ASKS_NUMBER.search(question) is not None
    asked = terms(question)
    return wants and not any(each.kind in {"number", "code"} and not occurs(each, asked) for each in terms(sentence))


def nearer(question: str, said: str, evidence: Sequence[Evidence]) -> tuple[int, Stretch] | None:
    """A stretch that has nearly all of a question's terms, where what was said and its source lack several of them.

    "First class is allowed from four hours" holds, and does not answer when business class is: another sentence does.
    """
    asked, here = terms(question), terms(said)
    own = sum(occurs(term, here) for term in asked)
    for each in evidence:
        for stretch in each.stretches:
            shared = (
                0 if stretch.is_order else sum(occurs(term, (*stretch.terms, *stretch.head_terms)) for term in asked)
            )
            if shared >= max(own + _SEVERAL, _NEARLY_ALL * len(asked)):
                return each.number, stretch
    return None
