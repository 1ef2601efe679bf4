"""What is shown of a sentence that holds: the words of its source. Judges nothing, asks no model.

A sentence is shown as a model wrote it only if it is the source word for word, or names a cell of a table by its row
and its column. Of any other the source's own sentence is shown: what stands there cannot mean something else.
"""

import re
from collections.abc import Sequence
from typing import Final

from sutazai.rag.answer_marks import has_mark, without_marks
from sutazai.rag.answer_sentences import harmless, visible_line
from sutazai.rag.citations import Evidence
from sutazai.rag.citations_polarity import named_columns
from sutazai.rag.citations_stretches import Stretch
from sutazai.rag.citations_tables import NEGATIONS, REVERSALS
from sutazai.rag.citations_terms import occurs, plain, terms

_TOKEN: Final = re.compile(r"(?<![\w)])-?\d[\d.,:]*\d|\d|[^\W\d_]+(?:'[^\W\d_]+)?|[^\w\s.,;:!?\"'()*`]")
_ARTICLES: Final = frozenset({"a", "an", "the"})
_OF_A_CELL: Final = frozenset({*_ARTICLES, "of", "for", "in", "is", "are", "has", "with"})
_DENIALS: Final = NEGATIONS | REVERSALS
_LONGEST: Final = 600
_CLAUSE: Final = re.compile(r"(?<=[,;:])\s+")
_SENTENCE_LIKE: Final = re.compile(r"[\s#/*\"'`-]*[^\Wa-z_\d].*[.!?][\"')`]*\s*\Z", re.DOTALL)
_CODE_LINES: Final = 3
_MORE: Final = "\u2026"


def is_literal(sentence: str, window: Sequence[Stretch]) -> bool:
    """Whether a sentence is what stretches say word for word, or names one cell of a row by both its names.

    Articles, case and the marks between words make no difference.
    """
    if window[0].cells:
        return _is_cell(sentence, window[0])
    return _words(sentence) == _words(" ".join(each.text for each in window))


def _words(text: str) -> list[str]:
    found = _TOKEN.findall(plain(text))
    found = found[1:] if found and found[0].lower() in _ARTICLES else found
    return [each.casefold() for each in found if each not in _ARTICLES]


def _is_cell(sentence: str, row: Stretch) -> bool:
    said = _of_cells(sentence)
    named = ((head, cell) for head, cell in zip(row.head[1:], row.cells[1:], strict=False) if head and cell)
    return any(said == _of_cells(row.cells[0], head, cell) for head, cell in named)


def _of_cells(*cells: str) -> list[str]:
    return sorted(word for cell in cells for word in _words(cell) if word not in _OF_A_CELL)


def own_words(window: Sequence[Stretch], evidence: Evidence, sentence: str, question: str) -> str:
    """What stretches say, harmless and on one line; empty if that cannot be shown without saying something else.

    Args:
        window: stretches of one passage.
        evidence: the passage.
        sentence: what a model said of them: of a long text only what has to do with it is shown.
        question: of a table row the columns that it names are shown.
    """
    if window[0].cells:
        return _shown(asked_cells(window[0], question), sentence)
    text = " ".join(each.text for each in window)
    if not _is_code(window, evidence):
        return _shown(text, sentence)
    return _code(text, sentence) or f"See `{evidence.passage.symbol or evidence.passage.name}`."


def _shown(text: str, sentence: str) -> str:
    """A text as it is shown; empty where making it harmless joins words anew or takes a denial out of it."""
    shown = without_marks(harmless(text)).strip()
    if not is_own(shown, text) or re.search(r"\w", shown) is None:
        return ""
    near = _near(shown[:1].upper() + shown[1:], sentence)
    return near if near[-1] in f".!?\u3002{_MORE}" else near.rstrip(",;: ") + "."


def is_own(shown: str, text: str) -> bool:
    """Whether something says only what a text says: its words in their order, and none left out that denies."""
    said, rest = _words(shown), iter(told := _words(text))
    return all(word in rest for word in said) and all(said.count(each) == told.count(each) for each in _DENIALS)


def _near(text: str, sentence: str) -> str:
    """A text; of a long one what begins with the clause that shares most terms with the sentence."""
    if len(text) <= _LONGEST:
        return text
    said, parts = terms(sentence), _CLAUSE.split(text)
    shared = [sum(occurs(term, terms(part)) for term in said) for part in parts]
    first = shared.index(max(shared))
    kept = " ".join(parts[first:])
    cut = kept if len(kept) <= _LONGEST else f"{kept[:_LONGEST].rpartition(' ')[0] or kept[:_LONGEST]} {_MORE}"
    return f"{_MORE} {cut}" if first else cut


def _is_code(window: Sequence[Stretch], evidence: Evidence) -> bool:
    return evidence.is_code and not all(_SENTENCE_LIKE.match(each.text) for each in window)


def _code(text: str, sentence: str) -> str:
    """The lines of code that share most terms with a sentence, in their order."""
    said = terms(sentence)
    lines = [one_line for line in text.split("\n") if (one_line := visible_line(line)) and not has_mark(one_line)]
    shared = [sum(occurs(term, terms(line)) for term in said) for line in lines]
    best = sorted(range(len(lines)), key=lambda at: -shared[at])[:_CODE_LINES]
    return f" {_MORE} ".join(f"`{lines[at]}`" for at in sorted(best) if shared[at])


def asked_cells(row: Stretch, question: str) -> str:
    """A table row in one line: its first cell, the columns that the question names, and those without numbers."""
    named = named_columns(terms(question), row)
    pairs = [
        f"{head} {cell}".strip()
        for at, (head, cell) in enumerate(zip(row.head, row.cells, strict=False))
        if at and cell and (not named or at in named or not any(term.kind == "number" for term in terms(cell)))
    ]
    return f"{row.cells[0]}: {'; '.join(pairs)}" if pairs else row.shown
