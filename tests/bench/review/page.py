"""The docs page of results, made from saved figures. Never edited by hand: a test holds it to the figures.

The newest figures of each labelled set, tree and model count; older files stay for the record.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.review import tables

RESULTS: Final = Path(__file__).with_name("results")
PAGE: Final = Path(__file__).parents[3] / "docs" / "concepts" / "results.md"
_ABOUT: Final[Mapping[str, str]] = {
    "owasp-odd": "Made-up Flask files, vulnerable or safe: the odd-numbered tests of the OWASP Benchmark for Python.",
    "sven-dev": "Functions before and after real security fixes, from the SVEN data.",
    "quixbugs": "Forty one-line logic bugs and their fixes, known to every model: they show that things work.",
}
_TOP: Final = """# Results

Made by `python -m tests.bench.review --write-docs` from the files in `tests/bench/review/results`; a test holds it to
them. How to take them anew is told in the docstrings of `tests/bench/review`. Times were taken beside bandit's in the
same run: the ratio can be compared with yours, the seconds cannot.

P is the share of flagged cases that are faulty, R the share of faulty ones that are flagged, J is R minus the share of
sound ones that are flagged. A pair is one piece of code before and after its fix: caught means flagged before and
silent after. A finding counts only where its CWE names the kind of fault that the label names; one fault may go by
several CWEs, so each has a family of them, the same for every tool.
"""


def saved(files: Iterable[Path] = ()) -> list[dict[str, Any]]:
    """The figures of these files, by default of all that are kept, the oldest first."""
    chosen = sorted(files) or sorted(RESULTS.glob("*.json"))
    return sorted((json.loads(each.read_text(encoding="utf-8")) for each in chosen), key=lambda each: each["date"])


def page(results: Sequence[Mapping[str, Any]]) -> str:
    """The page that these figures give."""
    parts = [_TOP, _sets(results), _trees(results), _planted(results)]
    return "\n".join(each for each in parts if each)


def _sets(results: Sequence[Mapping[str, Any]]) -> str:
    newest = {each["set"]: (run, each) for run in results if run["kind"] == "sets" for each in run["sets"]}
    sections = [
        f"### {name}\n\n{_ABOUT.get(name, '')}\n\n{tables.of_set(each)}\n\n{_circumstances(run)}\n"
        for name, (run, each) in sorted(newest.items())
    ]
    return "\n".join(["## Labelled code\n", *sections]) if sections else ""


def _trees(results: Sequence[Mapping[str, Any]]) -> str:
    newest = {each["tree"]: each for each in results if each["kind"] == "tree"}
    why = "Code that thousands have read: nearly everything reported there is a false alarm, or known and meant.\n"
    sections = [f"{tables.of_tree(each)}\n\n{_circumstances(each)}\n" for _, each in sorted(newest.items())]
    return "\n".join(["## Mature code\n", why, *sections]) if sections else ""


def _planted(results: Sequence[Mapping[str, Any]]) -> str:
    newest = {each["model"]: each for each in results if each["kind"] == "planted"}
    why = (
        "One edit in an unfamiliar function, found on its line by the probe; false alarms on the function as it was.\n"
    )
    sections = [f"{tables.of_planted(each)}\n\n{_circumstances(each)}\n" for _, each in sorted(newest.items())]
    return "\n".join(["## Planted faults\n", why, *sections]) if sections else ""


def _circumstances(run: Mapping[str, Any]) -> str:
    tools = "".join(f", {name} {version}" for name, version in run.get("tools", {}).items() if version)
    return f"Taken on {run['date']}: Python {run['python']}, {run['machine']}{tools}."
