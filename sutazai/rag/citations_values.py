"""Whether the values of a sentence are bound to the same things as in its source. Asks no model.

A passage holds many values: that one occurs is not enough. Its unit must stand beside it, and no other sentence may fit
the rest of the claim better and give another value.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from sutazai.rag.citations_polarity import clauses
from sutazai.rag.citations_stretches import Stretch
from sutazai.rag.citations_terms import Term, occurs, same, terms

_LEAST_OTHERS: Final = 2


def unbound(said: Sequence[Term], window: Sequence[Stretch]) -> Term | None:
    """A value that is said more often than it is told, or whose unit stands nowhere beside it in the source.

    In a table the unit may stand in another cell.
    """
    if any(each.cells for each in window):
        return None
    here = [term for each in window for term in each.terms]
    for at, term in enumerate(said):
        told = sum(same(term, each) for each in here)
        if term.kind == "number" and told and sum(same(term, each) for each in said) > told:
            return term
        unit = _unit_of(said, at)
        if unit is not None and not any(same(term, each) and _has_unit(here, k, unit) for k, each in enumerate(here)):
            return term
    return None


def _unit_of(of: Sequence[Term], at: int) -> Term | None:
    """The unit directly behind a number or, as with currencies, before it."""
    if of[at].kind != "number":
        return None
    behind = of[at + 1] if at + 1 < len(of) else None
    return behind if behind is not None and behind.kind == "unit" else None


def _has_unit(of: Sequence[Term], at: int, unit: Term) -> bool:
    beside = [each for each in (at - 1, at + 1) if 0 <= each < len(of)]
    if at + 2 < len(of) and of[at + 1].kind == "number":
        beside.append(at + 2)  # "from 144 to 156 euros"
    return any(same(of[each], unit) for each in beside)


def rival(sentence: str, question: str, stretches: Sequence[Stretch]) -> Stretch | None:
    """A sentence that fits what is said of a value better than every one with that value, and gives another one.

    Values are compared with those that have the same term behind them: euros with euros, seats with seats.
    """
    asked, whole = terms(question), terms(sentence)
    prose = [each for each in stretches if not each.cells]
    for clause in clauses(sentence):
        said = terms(clause)
        for value, of in pairwise(said):
            if value.kind == "number" and of.kind != "number":
                found = _rival_of(value, of, _rest(value, said, whole, asked), prose)
                if found is not None:
                    return found
    return None


def _rest(value: Term, clause: Sequence[Term], whole: Sequence[Term], asked: Sequence[Term]) -> list[Term]:
    """What is said of a value: its clause, or the sentence where that is short, and what was asked."""
    others = [term for term in clause if term is not value]
    if len([term for term in others if not term.is_specific]) < _LEAST_OTHERS:
        others = [term for term in whole if not same(term, value)]
    return [*others, *(term for term in asked if not occurs(term, others) and not same(term, value))]


def _rival_of(value: Term, of: Term, rest: Sequence[Term], prose: Sequence[Stretch]) -> Stretch | None:
    holding = [each for each in prose if occurs(value, each.terms)]
    if not holding:
        return None
    fit = max(_fit(rest, each) for each in holding)
    others = [each for each in prose if each not in holding and _gives_another(of, each)]
    best = max(others, key=lambda each: _fit(rest, each), default=None)
    return best if best is not None and _fit(rest, best) > fit else None


def _fit(rest: Sequence[Term], stretch: Stretch) -> int:
    return sum(occurs(term, stretch.terms) for term in rest)


def _gives_another(of: Term, stretch: Stretch) -> bool:
    here = stretch.terms
    return any(term.kind == "number" and _has_unit(here, at, of) for at, term in enumerate(here))
