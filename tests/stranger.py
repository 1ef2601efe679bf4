"""Checks the JSON of a real review by a real model: `python -m tests.stranger REPORT.json SOURCE`.

Used by the CI script after the README's first command; also a module of plain functions that tests call.
"""

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = Path(__file__).parents[1] / "docs" / "reference" / "review.schema.json"
PLANTED = {"docs/examples/stock.py": ("item.quantity > item.minimum", "<")}


def complaints(report: dict[str, Any], source: Path) -> list[str]:
    """What is wrong with the report on `source`; empty if nothing is."""
    jsonschema.validate(report, json.loads(SCHEMA.read_text(encoding="utf-8")))
    found = []
    coverage = report["coverage"]
    if coverage["model_notice"] or not coverage["units_reviewed"] + coverage["units_cached"]:
        found.append(f"no unit was reviewed by a model: {coverage}")
    if coverage["units_not_reviewed"]:
        found.append(f"units were left out: {coverage['units_not_reviewed']}")
    lines = source.read_text(encoding="utf-8").splitlines()
    found += [f"an invented place: {each}" for each in report["findings"] if not _there(each, lines)]
    if not any(not engine.startswith("model:") for each in report["findings"] for engine in each["engines"]):
        found.append("no static finding")
    quote, edit = PLANTED[source.as_posix()]
    if not any(_is_planted(each, lines, quote, edit) for each in report["findings"]):
        found.append(f"the planted fault {quote!r} is not among the findings")
    return found


def _there(finding: dict[str, Any], lines: list[str]) -> bool:
    at = finding["location"]
    if not 1 <= at["start_line"] <= at["end_line"] <= len(lines):
        return False
    span = "\n".join(lines[at["start_line"] - 1 : at["end_line"]])
    return finding["quote"] in span


def _is_planted(finding: dict[str, Any], lines: list[str], quote: str, edit: str) -> bool:
    here = quote in lines[finding["location"]["start_line"] - 1]
    by_model = any(engine.startswith("model:") for engine in finding["engines"])
    edits = (finding["fix"] or {}).get("edits", [])
    return here and by_model and any(edit in each["replacement"] for each in edits)


def main(arguments: list[str]) -> int:
    """Prints what is wrong; 1 if anything is."""
    report = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    found = complaints(report, Path(arguments[1]))
    for each in found:
        print(each, file=sys.stderr)  # noqa: T201 (a command)
    looked = report["coverage"]["units_reviewed"] + report["coverage"]["units_cached"]
    print(f"{len(report['findings'])} findings, {looked} units by {report['model']['name']}")  # noqa: T201 (a command)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
