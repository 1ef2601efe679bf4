"""The page of results is what the saved figures give, and nothing else."""

import json
import re
from pathlib import Path

from tests.bench.review import tables
from tests.bench.review.page import PAGE, RESULTS, page, saved

TREE = {
    "kind": "tree",
    "date": "2026-01-01",
    "python": "3.11",
    "machine": "2 cores",
    "tools": {"bandit": "1.9", "mute": ""},
    "tree": "some tree",
    "files": 2,
    "lines": 1234,
    "runs": [{"run": "cold", "seconds": 1.0, "ratio": 0.2, "unanalysed": 0, "problem": ""}],
    "rules": [{"rule": "r", "severity": "low", "findings": 3, "example": "a.py:1 x | `y`"}],
}
PLANTED = {
    "kind": "planted",
    "date": "2026-01-01",
    "python": "3.11",
    "machine": "2 cores",
    "model": "m",
    "functions": 20,
    "faults": 40,
    "recall": 0.5,
    "false_alarm_rate": None,
    "seconds_a_function": 2.34,
}


def test_the_page_is_what_the_saved_results_give():
    assert PAGE.read_text(encoding="utf-8") == page(saved())


def test_saved_results_name_their_circumstances_and_no_machine():
    assert saved()
    for each in saved():
        assert {"kind", "date", "python", "machine", "sutazai"} <= set(each)
    for file in RESULTS.glob("*.json"):
        assert not re.search(r"/(?:work|root|home|tmp|Users)/", file.read_text(encoding="utf-8"))


def test_results_come_in_the_order_of_their_days_whatever_their_files_are_called(tmp_path: Path):
    for name, day in (("a.json", "2026-02-02"), ("b.json", "2026-01-01")):
        (tmp_path / name).write_text(json.dumps({**TREE, "date": day}), encoding="utf-8")
    assert [each["date"] for each in saved(tmp_path.glob("*.json"))] == ["2026-01-01", "2026-02-02"]


def test_the_newest_figures_of_a_tree_count():
    text = page([TREE, {**TREE, "date": "2026-02-02", "lines": 9}])
    assert "2 files, 9 lines" in text
    assert "1,234" not in text
    assert "Taken on 2026-02-02: Python 3.11, 2 cores, bandit 1.9." in text


def test_a_bar_in_code_does_not_end_a_cell():
    assert "| r | low | 3 | `a.py:1 x \\| 'y'` |" in tables.of_tree(TREE)


def test_what_was_not_measured_is_a_dash():
    assert "| m | 20 | 40 | 50% | - | 2.3 |" in page([PLANTED])


def test_no_results_make_no_sections():
    assert "##" not in page([])
