"""How well citations hold, without a model: `python -m tests.bench.knowledge claims [--held-out|--kinds] [--show]`.

True claims are sentences and table cells of our documents as they stand; false ones are the same with a value of
another place of the passage, a negation more or less, or the cell of another column. `--kinds` takes claims written by
hand, in four languages, by what is wrong with them. Each is put where a sentence of a model would be: it is shown as it
is, or its source is shown in the document's own words, or it is struck. A false one that is shown is a miss.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, product
from pathlib import Path
from typing import Final

from sutazai.rag.answer_prompt import Shown
from sutazai.rag.answer_sentences import Sentence
from sutazai.rag.answer_written import Written
from sutazai.rag.citations import Evidence
from sutazai.rag.citations_stretches import Stretch
from sutazai.rag.citations_terms import Term
from sutazai.rag.report import Passage
from tests.bench.knowledge.answers import DATA

_VERBS: Final = ("is", "are", "may", "was", "must")
AS_SAID: Final = "shown"
OWN_WORDS: Final = "its source shown"
STRUCK: Final = "struck"
FATES: Final = (AS_SAID, OWN_WORDS, STRUCK)
_YEAR: Final = re.compile(r"20\d\d")


Counts = Counter[tuple[str, bool, str]]
"""How many claims of a kind, true or not, had which fate."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what became of the claims of each kind; 1 if a false one was shown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.knowledge claims", description=__doc__)
    parser.add_argument("--held-out", action="store_true", help="the half that nothing was made for")
    parser.add_argument("--kinds", action="store_true", help="claims by what is wrong with them, in four languages")
    parser.add_argument("--show", action="store_true", help="the claims that are judged wrongly")
    asked = parser.parse_args(arguments)
    counts, wrong = kinds() if asked.kinds else judged(DATA / ("held_out" if asked.held_out else "seen"))
    sys.stdout.write(f"| claims | true | {' | '.join(FATES)} |\n| --- | --- | --- | --- | --- |\n")
    for kind, is_true in sorted({(kind, is_true) for kind, is_true, _ in counts}):
        found = " | ".join(str(counts[kind, is_true, fate]) for fate in FATES)
        sys.stdout.write(f"| {kind} | {'yes' if is_true else 'no'} | {found} |\n")
    if asked.show:
        sys.stdout.writelines(f"{each}\n" for each in wrong)
    return int(any(not is_true and fate == AS_SAID for _, is_true, fate in +counts))


def judged(folder: Path, *, every: int = 1) -> tuple[Counts, list[str]]:
    """Counts by kind, truth and fate, and the claims judged wrongly; of every so many claims one is taken."""
    counts: Counts = Counter()
    wrong: list[str] = []
    for path in sorted(folder.glob("*.md")):
        evidence = _evidence(path)
        made = (one for each in evidence for one in claims(each))
        for kind, is_true, claim in islice(made, 0, None, every):
            _count(kind, claim, evidence, counts, wrong, is_true=is_true)
    return counts, wrong


def kinds() -> tuple[Counts, list[str]]:
    """The same of the claims that were written by hand."""
    counts: Counts = Counter()
    wrong: list[str] = []
    for line in (DATA / "claims.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        evidence = [_passage(n, text) for n, text in enumerate(case["sources"], 1)]
        for is_true, claim in [(True, each) for each in case["true"]] + [(False, each) for each in case["false"]]:
            _count(case["kind"], claim, evidence, counts, wrong, is_true=is_true)
    return counts, wrong


def _count(
    kind: str, claim: str, evidence: Sequence[Evidence], counts: Counts, wrong: list[str], *, is_true: bool
) -> None:
    fate = fate_of(claim, evidence)
    counts[kind, is_true, fate] += 1
    if fate == (STRUCK if is_true else AS_SAID):
        wrong.append(f"{kind}: {claim}")


def fate_of(claim: str, evidence: Sequence[Evidence]) -> str:
    """What becomes of a sentence that a model says of passages."""
    written = Written(evidence)
    added = written.take(Sentence(claim), Shown("", ()))
    if added is None:
        return STRUCK
    shown = re.sub(r" \[\d+\]", "", added.text)
    return AS_SAID if shown == claim else OWN_WORDS


def _evidence(path: Path) -> list[Evidence]:
    sections = [each for each in re.split(r"(?m)^(?=#)", path.read_text(encoding="utf-8")) if each.strip()]
    return [_passage(n, text, path.name) for n, text in enumerate(sections, 1)]


def _passage(number: int, text: str, name: str = "text.md") -> Evidence:
    headings = tuple(re.findall(r"(?m)^#+ (.*)", text))
    passage = Passage(
        id=str(number), document="d", name=name, start=0, end=len(text), text=text, score=0, headings=headings
    )
    return Evidence(number, passage)


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
