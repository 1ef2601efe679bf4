"""Reviews a big tree: `python -m tests.bench.review.tree [FOLDER]`, by default this Python's standard library.

Prints the findings of the static engines per rule, in the default profile, and the wall time cold and warm (the second
run, from the cache) beside bandit's in the same minute. With `--times N` all three run N times in turn, and the median
counts: for a machine that has other work. Goals: at most 0.2 times bandit's cold, 0.04 times warm.
"""

import argparse
import json
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.bench.review import tables
from tests.bench.review.circumstances import circumstances
from tests.bench.review.readings import Reading
from tests.bench.review.tools import OURS, PEER, Outcome, Tool, bandit, execute, review, version

_LEFT_OUT: Final = frozenset({"__pycache__", "site-packages", "dist-packages", ".git", "test", "tests", "idle_test"})
_RUNS: Final = ("cold", "warm", PEER)
Figures = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints times and findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.review.tree", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="how often; the median counts")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    asked = parser.parse_args(arguments)
    figures = reviewed(asked.folder, max(asked.times, 1))
    sys.stdout.write((json.dumps(figures, indent=1) if asked.json else tables.of_tree(figures)) + "\n")
    return 0


def reviewed(folder: Path | None, times: int = 1) -> Figures:
    """The figures of a tree, laid out anew so that every tool sees the same files; None: the standard library."""
    with tempfile.TemporaryDirectory(prefix="review-bench-") as place:
        tree, report = Path(place) / "tree", Path(place) / "report"
        size = _lay_out(folder or Path(sysconfig.get_path("stdlib")), tree)
        tools = [_tool(Path(place) / f"home{number}") for number in range(times)]
        rounds = [_round(each, tree, report) for each in tools]
        execute(tools[-1], tree, report)
        findings = json.loads(report.read_text(encoding="utf-8"))["findings"] if not rounds[-1][0].problem else []
    return {
        "kind": "tree",
        **circumstances(),
        "tools": {each.name: version(each) for each in (tools[0], bandit())},
        "tree": folder.name if folder else "standard library",
        **size,
        "times": times,
        "runs": [_run(name, [(each[at], each[-1]) for each in rounds]) for at, name in enumerate(_RUNS)],
        "rules": list(_rules(findings)),
    }


def _tool(home: Path) -> Tool:
    return Tool(OURS, (*review("json"), "--no-model"), _ours, {"SUTAZAI_HOME": str(home)})


def _round(ours: Tool, tree: Path, report: Path) -> tuple[Outcome, Outcome, Outcome]:
    """Ours without a cache and with one, then the peer."""
    return execute(ours, tree, report), execute(ours, tree, report), execute(bandit(), tree, report)


def _lay_out(source: Path, target: Path) -> Figures:
    files = lines = 0
    for path in sorted(source.rglob("*.py")):
        relative = path.relative_to(source)
        if _LEFT_OUT.isdisjoint(relative.parts) and path.is_file():
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / relative)
            files, lines = files + 1, lines + path.read_bytes().count(b"\n")
    return {"files": files, "lines": lines}


def _ours(text: str) -> Reading:
    return Reading(unanalysed={each["path"] for each in json.loads(text)["coverage"]["files_skipped"]})


def _run(name: str, outcomes: Sequence[tuple[Outcome, Outcome]]) -> Figures:
    """The medians of runs, each with that of the peer beside it."""
    ratios = [each.seconds / peer.seconds for each, peer in outcomes if not peer.problem]
    return {
        "run": name,
        "seconds": round(median(each.seconds for each, _ in outcomes), 2),
        "ratio": round(median(ratios), 3) if ratios else None,
        "unanalysed": max(len(each.reading.unanalysed) for each, _ in outcomes),
        "problem": next((each.problem for each, _ in outcomes if each.problem), ""),
    }


def _rules(findings: Sequence[Figures]) -> Iterator[Figures]:
    by_rule: dict[str, list[Figures]] = {}
    for each in findings:
        by_rule.setdefault(each["rule"], []).append(each)
    for rule, those in sorted(by_rule.items(), key=lambda each: (-len(each[1]), each[0])):
        first = those[0]
        lines = first["quote"].strip().splitlines() or [""]
        place = f"{first['location']['path']}:{first['location']['start_line']}"
        yield {
            "rule": rule,
            "severity": first["severity"],
            "findings": len(those),
            "example": f"{place} {lines[0][:80]}".strip(),
        }


if __name__ == "__main__":
    sys.exit(main())
