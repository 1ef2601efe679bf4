"""Compares reviewers on labelled sets: `python -m tests.bench.review --sets DIR [--tool 'COMMAND {path} {sarif}']`.

DIR holds pairs of `NAME.csv` and `NAME.jsonl` (see `labelled.py`). Ours, ruff, bandit and every `--tool` run one after
the other over each set. `--write-docs` makes the docs page from saved results instead.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.review import tables
from tests.bench.review.labelled import labelled_sets
from tests.bench.review.page import PAGE, page, saved
from tests.bench.review.sets import compared
from tests.bench.review.tools import installed


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one table a set, or writes the docs page."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.write_docs is not None:
        PAGE.write_text(page(saved(asked.write_docs)), encoding="utf-8")
        return 0
    if asked.sets is None:
        parser.error("say where the sets are: --sets DIR")
    sets = [each.first(asked.limit) for each in labelled_sets(asked.sets, asked.only)]
    if not sets:
        parser.error(f"no labelled set in {asked.sets}")
    with tempfile.TemporaryDirectory(prefix="review-bench-home-") as home:
        figures = compared(sets, installed(model=asked.model, given=asked.tool, home=Path(home)))
    if asked.json:
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    else:
        sys.stdout.writelines(tables.of_set(each, per_cwe=asked.per_cwe) + "\n\n" for each in figures["sets"])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.review", description=__doc__)
    parser.add_argument("--sets", type=Path, metavar="DIR", help="folder of labelled sets")
    parser.add_argument(
        "--tool", action="append", default=[], metavar="COMMAND", help="another tool, with {path} {sarif}"
    )
    parser.add_argument("--only", default="", metavar="NAME", help="this set only")
    parser.add_argument(
        "--limit", type=int, default=0, metavar="N", help="this many pairs or cases of each set; 0: all"
    )
    parser.add_argument("--model", action="store_true", help="our review with the embedded model too")
    parser.add_argument("--per-cwe", action="store_true", help="tables by class of fault too")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--write-docs", nargs="*", type=Path, metavar="FILE", help="make the docs page from saved JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
