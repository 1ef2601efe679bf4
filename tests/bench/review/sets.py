"""Runs every tool over every labelled set, in one run, and keeps the figures as plain data."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.review.circumstances import circumstances
from tests.bench.review.labelled import LabelledSet
from tests.bench.review.score import Tally, score, settled
from tests.bench.review.tools import PEER, Outcome, Tool, execute, version

Figures = dict[str, Any]


def compared(sets: Iterable[LabelledSet], tools: Sequence[Tool]) -> Figures:
    """The figures of all tools on all sets, with the circumstances they were taken in."""
    return {
        "kind": "sets",
        **circumstances(),
        "tools": {each.name: version(each) for each in tools},
        "sets": [_on_set(each, tools) for each in sets],
    }


def _on_set(labelled: LabelledSet, tools: Sequence[Tool]) -> Figures:
    with tempfile.TemporaryDirectory(prefix="review-bench-") as place:
        folder = Path(place) / labelled.name
        folder.mkdir()
        labelled.lay_out(folder)
        outcomes = {each.name: execute(each, folder, Path(place) / "report") for each in tools}
    peer = outcomes.get(PEER)
    return {
        "set": labelled.name,
        "files": len(labelled.files),
        "cases": len(labelled.cases),
        "pairs": labelled.pairs,
        "rows": [row(name, labelled, outcome, peer) for name, outcome in outcomes.items()],
    }


def row(name: str, labelled: LabelledSet, outcome: Outcome, peer: Outcome | None) -> Figures:
    """The figures of one tool on one set."""
    timed = {"seconds": round(outcome.seconds, 2), "ratio": _ratio(outcome, peer)}
    if outcome.problem:
        return {"tool": name, "problem": outcome.problem, **timed}
    found = score(labelled.cases, outcome.reading.alarms)
    unanalysed = {path for each in outcome.reading.unanalysed if (path := settled(each, labelled.files))}
    return {
        "tool": name,
        "findings": len(outcome.reading.alarms),
        **found.tally.figures(),
        "pairs": asdict(found.pairs) if found.pairs.all else None,
        "unanalysed": len(unanalysed),
        **timed,
        "per_cwe": {kind: _figures(found.kinds[kind]) for kind in sorted(found.kinds, key=_numbered)},
    }


def _figures(tally: Tally) -> Figures:
    return dict(tally.figures())


def _numbered(kind: str) -> tuple[int, str]:
    return (int(kind) if kind.isdecimal() else 0), kind


def _ratio(outcome: Outcome, peer: Outcome | None) -> float | None:
    return round(outcome.seconds / peer.seconds, 3) if peer is not None and not peer.problem and peer.seconds else None
