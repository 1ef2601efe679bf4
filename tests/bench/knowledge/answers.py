"""How good answers are: `python -m tests.bench.knowledge answers [--held-out] [--show] [--json] [--limit N]`.

Our own documents and questions, answerable, unanswerable and hostile, in two halves: prompts and checks were made
looking at the one, never at the other. The model is the one that the settings choose; documents live in memory.
"""

import argparse
import asyncio
import json
import re
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from sutazai.errors.base import SutazAIError
from sutazai.rag.report import AnswerReport
from sutazai.rag.request import AddRequest, AnswerRequest, Turn
from sutazai.runtime.opening import open_runtime
from sutazai.runtime.run import Runtime, ignore_event
from sutazai.sdk.testing import MemoryPorts, collect
from sutazai.sdk.testing_documents import MemoryReader
from sutazai.settings.load import load_settings
from sutazai_agents.documentation_assistant import assistant

DATA: Final = Path(__file__).parent / "answers_data"
_MARK: Final = re.compile(r"\[(\d+)\]")
_WORD: Final = re.compile(r"[^\W_]+")
_JOINING: Final = frozenset({"a", "an", "the", "of", "for", "in", "is", "are", "has", "with", "see"})
"""Words that a sentence may have beside those of its source: between the names and the cell of a table, or articles."""


@dataclass(frozen=True)
class Outcome:
    """What became of one question. `kind`: right, wrong or refused."""

    question: str
    answerable: bool
    kind: str
    text: str
    seconds: float
    broken_citations: int
    obeyed: bool
    struck: tuple[tuple[str, str], ...]
    struck_right: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table, or everything as JSON; 1 if a citation does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.knowledge answers", description=__doc__)
    parser.add_argument("--held-out", action="store_true", help="the half that nothing was made for")
    parser.add_argument("--show", action="store_true", help="each question as it is answered")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="so many questions; 0: all")
    parser.add_argument("--json", action="store_true", help="everything as JSON")
    asked = parser.parse_args(arguments)
    folder = DATA / ("held_out" if asked.held_out else "seen")
    outcomes = asyncio.run(_run(folder, limit=asked.limit, show=asked.show))
    if asked.json:
        sys.stdout.write(json.dumps([asdict(each) for each in outcomes], indent=1) + "\n")
    else:
        sys.stdout.write(table(outcomes))
    return int(any(each.broken_citations for each in outcomes))


def questions(folder: Path) -> list[dict[str, Any]]:
    """The questions of one half."""
    return [json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()]


async def _run(folder: Path, *, limit: int, show: bool) -> list[Outcome]:
    documents = {each.name: each.read_text(encoding="utf-8") for each in sorted(folder.glob("*.md"))}
    outcomes = []
    async with open_runtime(load_settings()) as runtime:
        ports = await _ports(runtime, documents)
        await collect(assistant, "docs.add", AddRequest(paths=tuple(documents)), ports)
        for case in questions(folder)[: limit or None]:
            outcome = await _one(case, ports)
            outcomes.append(outcome)
            if show:
                sys.stderr.write(f"{outcome.kind:8} {outcome.seconds:5.1f} s  {outcome.question} => {outcome.text}\n")
                sys.stderr.writelines(f"         struck: {text} ({why})\n" for text, why in outcome.struck)
                sys.stderr.flush()
    return outcomes


async def _ports(runtime: Runtime, documents: dict[str, str]) -> MemoryPorts:
    """The chosen model and, if it can be had, the chosen embedder, over documents in memory."""
    emit = ignore_event
    ports = MemoryPorts(model=await runtime.resources.chat(emit), library=MemoryReader(documents))  # type: ignore[arg-type]
    try:
        embedder = await runtime.resources.ports(emit).embedder()
        await embedder.open()
        ports.vectors = embedder  # type: ignore[assignment]
    except (SutazAIError, ImportError) as error:
        sys.stderr.write(f"vectors by words only: {error}\n")
    return ports


async def _one(case: dict[str, Any], ports: MemoryPorts) -> Outcome:
    history = tuple(Turn(question=question, answer=answer) for question, answer in case.get("history", ()))
    started = time.perf_counter()
    report = (await collect(assistant, "docs.answer", _request(case["question"], history), ports)).result
    seconds = time.perf_counter() - started
    struck = tuple((each.text, each.reason) for each in report.struck)
    return Outcome(
        question=case["question"],
        answerable=bool(case["expect"]),
        kind=kind_of(case, report),
        text=report.text,
        seconds=seconds,
        broken_citations=broken_citations(report),
        obeyed=report.found and has_any(report.text, case.get("forbid", ())),
        struck=struck,
        struck_right=sum(bool(case["expect"]) and _has_all(text, case["expect"]) for text, _ in struck),
    )


def _request(question: str, history: tuple[Turn, ...]) -> AnswerRequest:
    return AnswerRequest(question=question, history=history)


def kind_of(case: dict[str, Any], report: AnswerReport) -> str:
    """Whether an answer is right: it has what is expected and nothing that is forbidden; silence where none is."""
    if not report.found:
        return "refused" if case["expect"] else "right"
    if has_any(report.text, case.get("forbid", ())):
        return "wrong"
    if case["expect"]:
        return "right" if _has_all(report.text, case["expect"]) else "wrong"
    return "right" if has_any(report.text, case.get("also", ())) else "wrong"


def _has_all(text: str, expected: Sequence[Sequence[str]]) -> bool:
    return all(has_any(text, alternatives) for alternatives in expected)


def has_any(text: str, alternatives: Sequence[str]) -> bool:
    """Whether one of the alternatives stands in the text."""
    return any(each.casefold() in text.casefold() for each in alternatives)


def broken_citations(report: AnswerReport) -> int:
    """Citations that do not hold, looked at apart from the code that made them.

    A mark without source, a sentence without mark, a quote that is not in its passage, and words or figures of a
    sentence that none of its quotes has.
    """
    if not report.found:
        return 0
    sources = {each.number: each for each in report.sources}
    broken = sum(quote not in each.passage.text for each in report.sources for quote in each.quotes)
    parts = re.findall(r"(.+?)((?:\[\d+\])+)(?:\s|$)", report.text)
    rest = re.sub(r"(.+?)((?:\[\d+\])+)(?:\s|$)", "", report.text)
    for sentence, marks in parts:
        cited = [sources.get(int(each)) for each in _MARK.findall(marks)]
        quoted = " ".join(" ".join((*each.quotes, each.passage.symbol)) for each in cited if each is not None)
        broken += None in cited or not _words(sentence) <= _words(quoted) | _JOINING
    return broken + bool(rest.strip())


def _words(text: str) -> set[str]:
    return {each.casefold() for each in _WORD.findall(text)}


def table(outcomes: Sequence[Outcome]) -> str:
    """The figures."""
    rows = ["|  | questions | right | wrong | refused |", "| --- | --- | --- | --- | --- |"]
    for name, answerable in (("answerable", True), ("not in the documents", False)):
        of = [each for each in outcomes if each.answerable is answerable]
        counts = " | ".join(str(sum(each.kind == kind for each in of)) for kind in ("right", "wrong", "refused"))
        rows.append(f"| {name} | {len(of)} | {counts} |")
    seconds = statistics.median(each.seconds for each in outcomes) if outcomes else 0.0
    struck = sum(len(each.struck) for each in outcomes)
    return "\n".join(
        (
            *rows,
            "",
            f"citations that do not hold: {sum(each.broken_citations for each in outcomes)}",
            f"answers with a word they must not have: {sum(each.obeyed for each in outcomes)}",
            f"sentences struck: {struck}, of them with the expected answer: {sum(o.struck_right for o in outcomes)}",
            f"median seconds: {seconds:.1f}",
            "",
        )
    )
