"""Whether a sentence holds: which passage bears it, with which words. Checks letters and numbers, asks no model.

Every number, unit, name, code and link of the sentence must stand in one stretch of a passage (or in its headings),
most of its other words too, and nothing there may say the opposite. What cannot be shown to hold does not hold.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sutazai.rag.citations_code import is_shortened, parts
from sutazai.rag.citations_polarity import contradiction, strangers, wrong_column
from sutazai.rag.citations_stretches import Stretch, stretches, windows
from sutazai.rag.citations_terms import Term, occurs, plain, terms
from sutazai.rag.citations_values import rival, unbound
from sutazai.rag.report import Passage

LEAST_COVERED: Final = 0.6
"""Share of a sentence's plain words that its source must have. One that only says the question anew needs all."""

_LONGEST: Final = 3
_QUOTED: Final = re.compile(r"\"([^\"]{3,300})\"")
_CLAUSE: Final = re.compile(r",\s+(?:and|but|while|whereas)\s+|;\s+|\s+(?:while|whereas)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Evidence:
    """A passage under the number that answers cite it by."""

    number: int
    passage: Passage

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """What can bear a sentence."""
        return stretches(self.passage.text)

    @cached_property
    def windows(self) -> tuple[tuple[Stretch, ...], ...]:
        """The runs of stretches that are read together, short ones first."""
        return tuple(windows([each for each in self.stretches if not self.is_above(each)], _LONGEST))

    @cached_property
    def place_terms(self) -> tuple[Term, ...]:
        """The terms of what stands above the passage: title, headings, name."""
        one = self.passage
        return terms(" . ".join((one.title, *one.headings, one.name, re.sub(r"[\W_]+", " ", one.name), one.symbol)))

    def is_above(self, stretch: Stretch) -> bool:
        """Whether a stretch only names what follows, and says nothing: a heading, or the first row of a table."""
        if stretch.cells:
            return any(each.head == stretch.cells for each in self.stretches)
        bare = stretch.text.strip("#= \t")
        return not bare or bare in {*self.passage.headings, self.passage.title}

    @property
    def is_code(self) -> bool:
        """Whether the passage is of a program."""
        return bool(self.passage.symbol) or self.passage.format == "code"

    @cached_property
    def _parts(self) -> frozenset[str]:
        bearing = " ".join(each.text for each in self.stretches if not each.is_order)
        return parts(f"{bearing} {self.passage.symbol} {self.passage.name}") if self.is_code else frozenset()

    def names(self, term: Term) -> bool:
        """Whether what stands above the passage has a term, or its code has it in a shorter spelling."""
        return occurs(term, self.place_terms) or is_shortened(term, self._parts)

    @property
    def has_orders(self) -> bool:
        """Whether something in it tells a model what to do."""
        return any(each.is_order for each in self.stretches)


@dataclass(frozen=True, slots=True)
class Support:
    """What bears a sentence: passages by number, the verbatim words of each, and the stretches that hold them."""

    quotes: tuple[tuple[int, str], ...]
    windows: tuple[tuple[int, tuple[Stretch, ...]], ...] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        """The passages to cite."""
        return tuple(dict.fromkeys(number for number, _ in self.quotes))


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Why a sentence does not hold, and what came nearest to bearing it.

    Attributes:
        nearest: the number of a passage, and stretches of it.
        is_contradicted: what came nearest speaks of the same, and says otherwise.
    """

    reason: str
    nearest: tuple[int, tuple[Stretch, ...]] | None = None
    is_contradicted: bool = False


@dataclass(frozen=True, slots=True)
class _Attempt:
    evidence: Evidence
    window: tuple[Stretch, ...]
    reason: str
    rank: tuple[float, ...] = ()
    is_complete: bool = False


def checked(
    sentence: str, evidence: Sequence[Evidence], *, prefer: Sequence[int] = (), question: str = ""
) -> Support | Unsupported:
    """What bears a sentence, or why nothing does.

    Args:
        sentence: without citation marks.
        evidence: the passages that were looked at.
        prefer: the numbers that the sentence cites: tried first, and shown where several bear it.
        question: what was asked: a sentence that answers it in few words is read together with it.
    """
    said = terms(sentence)
    if not said:
        return Unsupported("it says nothing that could be looked up")
    parts = [part for part in _CLAUSE.split(plain(sentence)) if terms(part)]
    whole = _best(sentence, evidence, prefer, question)
    pieces = [whole]
    if whole.reason and len(parts) > 1:
        pieces = [_best(part, evidence, prefer, question) for part in parts]
    if not any(each.reason for each in pieces):
        return _outdone(sentence, question, pieces) or _support(pieces)
    failed = next(each for each in pieces if each.reason)
    nearest = (failed.evidence.number, failed.window) if failed.window else None
    return Unsupported(failed.reason, nearest, is_contradicted=failed.is_complete)


def _outdone(sentence: str, question: str, attempts: Sequence[_Attempt]) -> Unsupported | None:
    """Another sentence of a cited passage that fits the claim better and gives another value for it."""
    if any(_is_verbatim(sentence, each.window) for each in attempts):
        return None
    for each in (attempt.evidence for attempt in attempts):
        others = [one for one in each.stretches if not one.is_order and not each.is_above(one)]
        if (found := rival(sentence, question, others)) is not None:
            return Unsupported("another sentence gives another value", (each.number, (found,)), is_contradicted=True)
    return None


def _is_verbatim(sentence: str, window: Sequence[Stretch]) -> bool:
    return _bare(sentence) == _bare(" ".join(each.text for each in window))


def _support(attempts: Sequence[_Attempt]) -> Support:
    return support_of([(each.evidence, each.window) for each in attempts])


def support_of(windows: Sequence[tuple[Evidence, tuple[Stretch, ...]]]) -> Support:
    """The support that stretches give."""
    quotes = [quote for evidence, window in windows for quote in quotes_of(evidence, window)]
    placed = [(evidence.number, window) for evidence, window in windows]
    return Support(tuple(dict.fromkeys(quotes)), tuple(dict.fromkeys(placed)))


def quotes_of(evidence: Evidence, window: Sequence[Stretch]) -> list[tuple[int, str]]:
    """The verbatim words of stretches under their passage's number, of a table row with the table's first row."""
    first, last = window[0], window[-1]
    heads = [each for each in evidence.stretches if first.head and each.cells == first.head]
    spans = [(each.start, each.end) for each in heads[:1]] + [(first.start, last.end)]
    return [(evidence.number, evidence.passage.text[start:end]) for start, end in spans]


def _best(sentence: str, evidence: Sequence[Evidence], prefer: Sequence[int], question: str) -> _Attempt:
    """The window that bears the sentence, of the cited passages first; else the one that comes nearest."""
    said, asked = terms(sentence), terms(question)
    attempts = [
        _attempt(sentence, said, asked, each, window)
        for each in sorted(evidence, key=lambda one: one.number not in prefer)
        for window in each.windows
    ]
    if not attempts:
        return _Attempt(Evidence(0, _NOTHING), (), "there is nothing to cite")
    # A stretch that is nearer and says the opposite outweighs a farther one that could be read as agreeing.
    return max(attempts, key=lambda each: (each.rank, not each.reason))


def _attempt(
    sentence: str, said: Sequence[Term], asked: Sequence[Term], evidence: Evidence, window: tuple[Stretch, ...]
) -> _Attempt:
    here = [term for each in window for term in (*each.terms, *each.head_terms)]
    known = [*here, *evidence.place_terms]
    missing = [term for term in said if term.is_specific and not occurs(term, here if term.kind == "number" else known)]
    missing = [term for term in missing if not _is_place(term, evidence)]
    words = [term for term in said if not term.is_specific]
    covered = sum(occurs(term, known) for term in words) / len(words) if words else 1.0
    enough = 1.0 if asked and all(occurs(term, asked) for term in said) else LEAST_COVERED
    borrowed = [term for term in words if occurs(term, asked) and not occurs(term, known)]
    covers = covered >= enough and not borrowed and any(occurs(term, each.terms) for each in window for term in said)
    reason = _reason(sentence, said, asked, window, missing, covers=covers)
    topic = sum(occurs(term, known) for term in asked) / len(asked) if asked else 0.0
    rank = (-len(missing), covered >= LEAST_COVERED, round(covered, 1), -len(window), topic)
    return _Attempt(evidence, window, reason, rank, is_complete=covers and not missing)


def _is_place(term: Term, evidence: Evidence) -> bool:
    """A year or a number of a heading may stand above the passage instead of in it; code may shorten a name."""
    return term.kind in {"number", "name"} and evidence.names(term)


def _reason(
    sentence: str,
    said: Sequence[Term],
    asked: Sequence[Term],
    window: tuple[Stretch, ...],
    missing: Sequence[Term],
    *,
    covers: bool,
) -> str:
    """Why the window does not bear the sentence; empty: it does."""
    if missing:
        return f"{missing[0].shown!r} is not in the passage"
    if not covers:
        return "the passage does not say this"
    if (quote := _misquoted(sentence, window)) is not None:
        return f"{quote!r} is no quotation"
    if _is_verbatim(sentence, window):
        return ""
    return _mixed_up(sentence, said, asked, window) or contradiction(sentence, window)


def _bare(text: str) -> str:
    return " ".join(plain(text).casefold().split()).strip(" .!?")


def _mixed_up(sentence: str, said: Sequence[Term], asked: Sequence[Term], window: tuple[Stretch, ...]) -> str:
    """Values that stand there, but for something else."""
    if wrong := next((term for each in window if (term := wrong_column(said, asked, each))), None):
        return f"{wrong.shown!r} stands in another column"
    if alone := unbound(said, window):
        return f"{alone.shown!r} does not stand so in the passage"
    if pair := strangers(sentence, window):
        return f"{pair[0].shown!r} and {pair[1].shown!r} do not belong together"
    return ""


def _misquoted(sentence: str, window: tuple[Stretch, ...]) -> str | None:
    text = " ".join(plain(" ".join(each.text for each in window)).casefold().split())
    for quote in _QUOTED.findall(plain(sentence)):
        bare = " ".join(quote.casefold().strip(" .,;:!?").split())
        if bare not in text:
            return str(quote)
    return None


_NOTHING: Final = Passage(id="", document="", name="", start=0, end=0, text="", score=0)
