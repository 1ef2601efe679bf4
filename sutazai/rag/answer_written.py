"""The answer as it grows: takes sentences, shows those that hold in the words of their source. Asks no model.

Never gives a sentence that its source does not say; what is struck is kept with the reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from sutazai.rag.answer_marks import bare
from sutazai.rag.answer_prompt import Shown
from sutazai.rag.answer_relevance import misses_number, nearer, strange
from sutazai.rag.answer_sentences import Sentence
from sutazai.rag.answer_wording import is_literal, own_words
from sutazai.rag.citations import Evidence, Support, Unsupported, checked, support_of
from sutazai.rag.citations_stretches import Stretch
from sutazai.rag.citations_terms import occurs, terms
from sutazai.rag.report import Passage, Source, Struck

_MOST: Final = 12
_LEAST_SHARED_OF_ROWS: Final = 0.5
_LEAST_SHARED: Final = 0.6
_LEAST_SHARED_OF_OTHERS: Final = 0.75

_Part = tuple[str, tuple[int, ...]]
"""A text and the numbers of the passages that it is cited by."""


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
        is_old: whether a sentence only says again what was answered before.
    """

    evidence: Sequence[Evidence]
    question: str = ""
    most: int = _MOST
    pieces: list[str] = field(default_factory=list)
    struck: list[Struck] = field(default_factory=list)
    is_old: Callable[[str], bool] = lambda _: False
    _quotes: dict[int, list[str]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _shown: set[str] = field(default_factory=set)
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
        if key in self._seen or len(self.pieces) >= self.most:
            return None
        self._seen.add(key)
        found = checked(
            sentence.text, among or self.evidence, prefer=view.passages_of(sentence.cites), question=self.question
        )
        if sentence.is_silence and not _is_literal(sentence.text, found):
            return None
        return self._shown_or_struck(sentence.text, found)

    def _shown_or_struck(self, sentence: str, found: Support | Unsupported) -> Addition | None:
        if isinstance(found, Support):
            parts = self._worded(sentence, found)
            if not parts:
                return None
            beside = self._beside(" ".join(text for text, _ in parts), found)
            if beside is None:
                return self._add(parts, found)
            found = beside
        self._nearest = self._nearest or found
        self.struck.append(Struck(text=sentence, reason=found.reason))
        return None

    def finish(self) -> Addition | None:
        """Where no sentence of the model holds, the document's own that came nearest, if it is about the question."""
        if self.pieces or self._nearest is None or self._nearest.nearest is None:
            return None
        number, window = self._nearest.nearest
        evidence = self._of(number)
        support = support_of([(evidence, window)])
        text = own_words(window, evidence, self.question, self.question)
        is_answer = bool(text) and self._is_about(evidence, window) and not Sentence(text).is_silence
        if not is_answer or self._beside(text, support):
            return None
        return self._add([(text, (number,))], support)

    def _worded(self, sentence: str, support: Support) -> list[_Part]:
        """What is shown of a sentence that holds: itself if its source says the same word for word, else the source.

        What was shown before is left out.
        """
        if _is_literal(sentence, support):
            worded: list[_Part] = [(sentence, support.numbers)]
        else:
            worded = [(self._own(number, window, sentence), (number,)) for number, window in support.windows]
        return [each for each in worded if each[0] and bare(each[0]) not in self._shown]

    def _own(self, number: int, window: Sequence[Stretch], sentence: str) -> str:
        fresh = [each for each in window if each.cells or bare(each.text) not in self._shown]
        return own_words(fresh, self._of(number), sentence, self.question) if fresh else ""

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
        if self.is_old(text):
            return Unsupported("it was the answer before")
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

    def _add(self, parts: Sequence[_Part], support: Support) -> Addition:
        fresh = [number for number in support.numbers if number not in self._quotes]
        for number, quote in support.quotes:
            quotes = self._quotes.setdefault(number, [])
            if quote not in quotes:
                quotes.append(quote)
        self._shown.update(bare(text) for text, _ in parts)
        self._shown.update(bare(each.text) for _, window in support.windows for each in window if not each.cells)
        pieces = [f"{text} {''.join(map(self._mark, numbers))}" for text, numbers in parts]
        gap = " " if self.pieces else ""
        self.pieces += pieces
        return Addition(gap + " ".join(pieces), tuple(self._of(number).passage for number in fresh))

    def _mark(self, number: int) -> str:
        return f"[{list(self._quotes).index(number) + 1}]"

    def _of(self, number: int) -> Evidence:
        return next(each for each in self.evidence if each.number == number)


def _is_literal(sentence: str, found: Support | Unsupported) -> bool:
    return isinstance(found, Support) and len(found.windows) == 1 and is_literal(sentence, found.windows[0][1])
