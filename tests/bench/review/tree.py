"""Reviews a big tree: `python -m tests.bench.review.tree [FOLDER]`, by default this Python's standard library.

Prints the findings of the static engines per rule, in the default profile, and the wall time cold and warm (the second
run, from the cache) beside bandit's in the same run. Goals: at most 0.2 times bandit's cold, 0.04 times warm.
"""

import argparse
import json
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.review import tables
from tests.bench.review.circumstances import circumstances
from tests.bench.review.readings import Reading
from tests.bench.review.tools import OURS, PEER, Outcome, Tool, bandit, execute, review, version

_LEFT_OUT: Final = frozenset({"__pycache__", "site-packages", "dist-packages", ".git", "test", "tests", "idle_test"})
Figures = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints times and findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.review.tree", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    asked = parser.parse_args(arguments)
    figures = reviewed(asked.folder)
    sys.stdout.write((json.dumps(figures, indent=1) if asked.json else tables.of_tree(figures)) + "\n")
    return 0


def reviewed(folder: Path | None) -> Figures:
    """The figures of a tree, laid out anew so that every tool sees the same files; None: the standard library."""
    with tempfile.TemporaryDirectory(prefix="review-bench-") as place:
        tree, report = Path(place) / "tree", Path(place) / "report"
        size = _lay_out(folder or Path(sysconfig.get_path("stdlib")), tree)
        ours = Tool(OURS, (*review("json"), "--no-model"), _ours, {"SUTAZAI_HOME": str(Path(place) / "home")})
        cold = execute(ours, tree, report)
        findings = json.loads(report.read_text(encoding="utf-8"))["findings"] if not cold.problem else []
        peer = bandit()
        times = [("cold", cold), ("warm", execute(ours, tree, report)), (PEER, execute(peer, tree, report))]
    return {
        "kind": "tree",
        **circumstances(),
        "tools": {each.name: version(each) for each in (ours, peer)},
        "tree": folder.name if folder else "standard library",
        **size,
        "runs": [_run(name, outcome, times[-1][1]) for name, outcome in times],
        "rules": list(_rules(findings)),
    }


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


def _run(name: str, outcome: Outcome, peer: Outcome) -> Figures:
    ratio = None if peer.problem else round(outcome.seconds / peer.seconds, 3)
    return {
        "run": name,
        "seconds": round(outcome.seconds, 2),
        "ratio": ratio,
        "unanalysed": len(outcome.reading.unanalysed),
        "problem": outcome.problem,
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
