"""The answer as it grows: takes sentences, keeps those that hold, numbers their sources. Asks no model.

Never gives a sentence whose citation does not hold; what is struck is kept with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sutazai.rag.answer_prompt import Shown
from sutazai.rag.answer_relevance import misses_number, nearer, strange
from sutazai.rag.answer_sentences import Sentence, sentence_of
from sutazai.rag.citations import Evidence, Support, Unsupported, checked, quotes_of
from sutazai.rag.citations_polarity import named_columns
from sutazai.rag.citations_stretches import Stretch
from sutazai.rag.citations_terms import occurs, terms
from sutazai.rag.report import Passage, Source, Struck

_MOST: Final = 12
_LEAST_SHARED_OF_ROWS: Final = 0.5
_LEAST_SHARED: Final = 0.6
_LEAST_SHARED_OF_OTHERS: Final = 0.75


@dataclass(frozen=True, slots=True)
class Addition:
    """What a sentence adds to an answer: its text with marks, and the passages that are cited for the first time."""

    text: str
    cited: tuple[Passage, ...] = ()


@dataclass
class Written:
    """An answer in the making.

    Attributes:
        evidence: the passages, each under its own number.
        question: what was asked; empty for a summary.
        most: how many sentences are taken.
        pieces: the sentences that hold, with their marks.
        struck: the others, with reasons.
    """

    evidence: Sequence[Evidence]
    question: str = ""
    most: int = _MOST
    pieces: list[str] = field(default_factory=list)
    struck: list[Struck] = field(default_factory=list)
    _quotes: dict[int, list[str]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _nearest: Unsupported | None = None

    @property
    def text(self) -> str:
        """The sentences so far."""
        return " ".join(self.pieces)

    def take(self, sentence: Sentence, view: Shown, among: Sequence[Evidence] = ()) -> Addition | None:
        """What a sentence adds; None if it says nothing, nothing new, or does not hold.

        Args:
            sentence: of the model.
            view: what its numbers mean.
            among: the passages that may bear it; all of them if left out.
        """
        key = sentence.text.casefold()
        if sentence.is_silence or key in self._seen or len(self.pieces) >= self.most:
            return None
        self._seen.add(key)
        prefer = view.passages_of(sentence.cites)
        found = checked(sentence.text, among or self.evidence, prefer=prefer, question=self.question)
        if isinstance(found, Support):
            found = self._beside(sentence.text, found) or found
        if isinstance(found, Support):
            return self._add(sentence.text, found)
        self._nearest = self._nearest or found
        self.struck.append(Struck(text=sentence.text, reason=found.reason))
        return None

    def finish(self) -> Addition | None:
        """Where no sentence of the model holds, the document's own that came nearest, if it is about the question."""
        if self.pieces or self._nearest is None or self._nearest.nearest is None:
            return None
        number, window = self._nearest.nearest
        evidence = self._of(number)
        own = sentence_of(" ".join(asked_cells(each, self.question) if each.cells else each.text for each in window))
        support = Support(tuple(quotes_of(evidence, window)))
        if not self._is_about(evidence, window) or own.is_silence or self._beside(own.text, support):
            return None
        return self._add(own.text, support) if is_own(own.text, window) else None

    def _is_about(self, evidence: Evidence, window: Sequence[Stretch]) -> bool:
        asked = terms(self.question)
        here = [term for each in window for term in (*each.terms, *each.head_terms)]
        shared = sum(occurs(term, [*here, *evidence.place_terms]) for term in asked)
        least = _LEAST_SHARED_OF_OTHERS
        if self._nearest and self._nearest.is_contradicted:
            least = _LEAST_SHARED_OF_ROWS if window[0].cells else _LEAST_SHARED
        return bool(asked) and shared >= least * len(asked)

    def sources(self) -> tuple[Source, ...]:
        """The cited passages, numbered as the marks in the text are."""
        return tuple(
            Source(
                number=place, passage=self._of(number).passage.model_copy(update={"parts": None}), quotes=tuple(quotes)
            )
            for place, (number, quotes) in enumerate(self._quotes.items(), 1)
        )

    def _beside(self, text: str, support: Support) -> Unsupported | None:
        """Why a sentence that holds is beside the question; None if it is not."""
        if not self.question:
            return None
        cited = [self._of(number) for number in support.numbers]
        if (term := strange(self.question, cited, self.evidence)) is not None:
            return Unsupported(f"its document does not speak of {term.shown!r}")
        if not self.pieces and misses_number(self.question, text):
            return Unsupported("it gives no number, and one was asked for")
        said = " . ".join((text, *(quote for _, quote in support.quotes)))
        other = None if self.pieces else nearer(self.question, said, self.evidence)
        if other is None:
            return None
        return Unsupported("another sentence is nearer to the question", (other[0], (other[1],)), is_contradicted=True)

    def _add(self, text: str, support: Support) -> Addition:
        fresh = [number for number in support.numbers if number not in self._quotes]
        for number, quote in support.quotes:
            quotes = self._quotes.setdefault(number, [])
            if quote not in quotes:
                quotes.append(quote)
        places = list(self._quotes)
        marks = "".join(f"[{places.index(number) + 1}]" for number in support.numbers)
        gap = " " if self.pieces else ""
        self.pieces.append(f"{text} {marks}")
        return Addition(f"{gap}{text} {marks}", tuple(self._of(number).passage for number in fresh))

    def _of(self, number: int) -> Evidence:
        return next(each for each in self.evidence if each.number == number)


def is_own(text: str, window: Sequence[Stretch]) -> bool:
    """Whether a text says only what stretches say: making it harmless may have joined words anew."""
    here = [term for each in window for term in (*each.terms, *each.head_terms)]
    return all(occurs(term, here) for term in terms(text))


def asked_cells(row: Stretch, question: str) -> str:
    """A table row in one line: its first cell, the columns that the question names, and those without numbers."""
    named = named_columns(terms(question), row)
    pairs = [
        f"{head} {cell}".strip()
        for at, (head, cell) in enumerate(zip(row.head, row.cells, strict=False))
        if at and cell and (not named or at in named or not any(term.kind == "number" for term in terms(cell)))
    ]
    return f"{row.cells[0]}: {'; '.join(pairs)}" if pairs else row.shown
