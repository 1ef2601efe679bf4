"""How well citations are checked, without a model: `python -m tests.bench.knowledge claims [--held-out] [--show]`.

True claims are sentences and table cells of our documents as they stand; false ones are the same with a value of
another place of the passage, a negation more or less, or the cell of another column. A false claim that holds is a
miss.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, product
from pathlib import Path
from typing import Final

from sutazai.rag.citations import Evidence, Support, checked
from sutazai.rag.citations_stretches import Stretch
from sutazai.rag.citations_terms import Term
from sutazai.rag.report import Passage
from tests.bench.knowledge.answers import DATA

_VERBS: Final = ("is", "are", "may", "was", "must")
_YEAR: Final = re.compile(r"20\d\d")


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints how many claims of each kind hold and how many are struck."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.knowledge claims", description=__doc__)
    parser.add_argument("--held-out", action="store_true", help="the half that nothing was made for")
    parser.add_argument("--show", action="store_true", help="the claims that are judged wrongly")
    asked = parser.parse_args(arguments)
    counts, wrong = judged(DATA / ("held_out" if asked.held_out else "seen"))
    sys.stdout.write("| claims | true | held | struck |\n| --- | --- | --- | --- |\n")
    for kind, is_true in sorted({(kind, is_true) for kind, is_true, _ in counts}):
        held, struck = counts[kind, is_true, True], counts[kind, is_true, False]
        sys.stdout.write(f"| {kind} | {'yes' if is_true else 'no'} | {held} | {struck} |\n")
    if asked.show:
        sys.stdout.writelines(f"{each}\n" for each in wrong)
    return 0


def judged(folder: Path, *, every: int = 1) -> tuple[Counter[tuple[str, bool, bool]], list[str]]:
    """Counts by kind, truth and judgement, and the claims judged wrongly; of every so many claims one is taken."""
    counts: Counter[tuple[str, bool, bool]] = Counter()
    wrong = []
    for path in sorted(folder.glob("*.md")):
        evidence = _evidence(path)
        made = (one for each in evidence for one in claims(each))
        for kind, is_true, claim in islice(made, 0, None, every):
            holds = isinstance(checked(claim, evidence), Support)
            counts[kind, is_true, holds] += 1
            if holds is not is_true:
                wrong.append(f"{kind}: {claim}")
    return counts, wrong


def _evidence(path: Path) -> list[Evidence]:
    sections = [each for each in re.split(r"(?m)^(?=#)", path.read_text(encoding="utf-8")) if each.strip()]
    return [
        Evidence(n, Passage(
            id=str(n), document="d", name=path.name, start=0, end=len(text), text=text, score=0,
            headings=tuple(re.findall(r"(?m)^#+ (.*)", text)),
        ))
        for n, text in enumerate(sections, 1)
    ]  # fmt: skip


def claims(evidence: Evidence) -> Iterator[tuple[str, bool, str]]:
    """Kind, truth and text of every claim that a section gives."""
    told = [each for each in evidence.stretches if not each.is_order and not evidence.is_above(each)]
    prose = [each for each in told if not each.cells]
    values = [term for each in prose for term in each.terms if term.kind == "number"]
    for stretch in prose:
        text = " ".join(stretch.text.split())
        yield "verbatim", True, text
        yield from _swapped(text, stretch, values)
        for verb in _VERBS:
            if f" {verb} not " in text:
                yield "denial dropped", False, text.replace(f" {verb} not ", f" {verb} ", 1)
            elif f" {verb} " in text:
                yield "denied", False, text.replace(f" {verb} ", f" {verb} not ", 1)
    for row in told:
        yield from _cells(row)


def _swapped(text: str, stretch: Stretch, values: Sequence[Term]) -> Iterator[tuple[str, bool, str]]:
    own = [term for term in stretch.terms if term.kind == "number" and term.shown in text]
    for term in own:
        for other in sorted({each.shown for each in values if not each.forms & term.forms}):
            alike = other.isdigit() == term.shown.isdigit() and bool(_YEAR.fullmatch(other)) == bool(
                _YEAR.fullmatch(term.shown)
            )
            if alike:
                yield "another value", False, text.replace(term.shown, other, 1)


def _cells(row: Stretch) -> Iterator[tuple[str, bool, str]]:
    if not row.cells or not row.head:
        return
    columns = range(1, min(len(row.cells), len(row.head)))
    for named, given in product(columns, columns):
        if row.head[named] and re.search(r"\d", row.cells[given]) and re.search(r"\w", row.cells[named]):
            is_true = row.cells[named] == row.cells[given]
            yield "cell", is_true, f"The {row.cells[0].lower()} of {row.head[named]} is {row.cells[given]}."
