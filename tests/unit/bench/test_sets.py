"""Labelled sets are laid out, tools run over them, and what fails has a row of its own."""

import json
import sys
from pathlib import Path

import pytest

from tests.bench.review import readings, tables
from tests.bench.review.labelled import LabelledSet, cases_of, labelled_sets
from tests.bench.review.score import Alarm
from tests.bench.review.sets import compared, row
from tests.bench.review.tools import Outcome, Tool, execute, installed, version

TRUTH = (
    "id,path,start,end,cwe,label,pair,side,note\n1,a.py,,,89,1,p,before,\n2,x/b.py,,,89,0,p,after,\n3,c.py,,,22,1,,,\n"
)
TEXTS = {"a.py": "a\r\n", "x/b.py": "b\n", "c.py": "c\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "some.csv").write_text(TRUTH, encoding="utf-8")
    lines = [json.dumps({"path": path, "text": text}) for path, text in TEXTS.items()]
    (tmp_path / "some.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "lonely.csv").write_text(TRUTH, encoding="utf-8")
    return tmp_path


def writes(text: str, ending: int = 0) -> Tool:
    script = f"import sys; sys.stdout.write('noise'); open(sys.argv[1], 'w').write({text!r}); sys.exit({ending})"
    return Tool("some", (sys.executable, "-c", script, "{report}", "{path}"), readings.sarif)


def test_a_folder_gives_its_sets_and_leaves_tables_without_files(folder: Path):
    (found,) = labelled_sets(folder)
    assert (found.name, len(found.cases), found.pairs, found.files) == ("some", 3, 1, TEXTS)
    assert list(labelled_sets(folder, "other")) == []


def test_files_are_laid_out_with_their_very_bytes(folder: Path, tmp_path: Path):
    (found,) = labelled_sets(folder)
    found.lay_out(tmp_path / "out")
    assert {name: (tmp_path / "out" / name).read_bytes().decode() for name in TEXTS} == TEXTS


@pytest.mark.parametrize("path", ["../x.py", "/x.py", "a/../../x.py"])
def test_a_path_out_of_the_folder_is_refused(path: str, tmp_path: Path):
    with pytest.raises(ValueError, match=r"x\.py"):
        LabelledSet("bad", (), {path: ""}).lay_out(tmp_path)


def test_a_limit_keeps_pairs_whole(folder: Path):
    (found,) = labelled_sets(folder)
    assert [each.id for each in found.first(1).cases] == ["1", "2"]
    assert set(found.first(1).files) == {"a.py", "x/b.py"}
    assert found.first(0) == found


def test_a_report_counts_whatever_the_exit_code_says(tmp_path: Path):
    outcome = execute(writes('{"runs": []}', ending=1), tmp_path, tmp_path / "report")
    assert (outcome.problem, outcome.reading.alarms) == ("", [])
    assert outcome.seconds > 0


@pytest.mark.parametrize("text", ["no json", "[]", ""])
def test_a_report_that_cannot_be_read_is_a_problem_not_an_end(text: str, tmp_path: Path):
    assert "ended with 3" in execute(writes(text, ending=3), tmp_path, tmp_path / "report").problem


def test_a_tool_that_writes_nothing_does_not_inherit_the_report_before(tmp_path: Path):
    report = tmp_path / "report"
    report.write_text('{"runs": []}', encoding="utf-8")
    assert execute(Tool("mute", (sys.executable, "-c", "pass"), readings.sarif), tmp_path, report).problem


def test_a_tool_that_does_not_exist_is_a_problem_not_an_end(tmp_path: Path):
    tool = Tool("none", (str(tmp_path / "none"),), readings.sarif)
    assert execute(tool, tmp_path, tmp_path / "report").problem
    assert version(tool) == ""


def test_a_version_is_what_the_program_says():
    assert version(Tool("python", (sys.executable,), readings.sarif)) == ".".join(map(str, sys.version_info[:3]))


def test_a_given_command_is_told_where_to_look_and_where_to_write(tmp_path: Path):
    tools = {
        each.name: each for each in installed(model=True, given=["/opt/mine.sh {path} 'a b' {sarif}"], home=tmp_path)
    }
    assert tools["mine"].command == ("/opt/mine.sh", "{path}", "a b", "{report}")
    assert {"sutazai", "sutazai with model"} <= set(tools)
    assert "--no-model" in tools["sutazai"].command


def test_two_commands_of_one_program_have_a_row_each(tmp_path: Path):
    tools = installed(model=False, given=["/opt/mine one {sarif}", "/opt/mine two {sarif}"], home=tmp_path)
    assert [each.name for each in tools][-2:] == ["mine", "mine 2"]


def test_all_tools_have_a_row_with_times_against_the_peer(folder: Path):
    tools = [writes('{"runs": []}'), Tool("bandit", writes("no json").command, readings.bandit)]
    figures = compared(labelled_sets(folder), tools)
    (one,) = figures["sets"]
    assert [each["tool"] for each in one["rows"]] == ["some", "bandit"]
    assert one["rows"][0]["ratio"] is None
    assert "problem" in one["rows"][1]
    assert "| bandit | ended with" in tables.of_set(one)


def test_a_row_holds_the_score_the_ratio_and_what_was_not_analysed(folder: Path):
    (labelled,) = labelled_sets(folder)
    reading = readings.Reading([Alarm("./a.py", 1, 1, frozenset({89}), "r")], {"/t/x/b.py", "/t/not-of-the-set.py"})
    figures = row("some", labelled, Outcome(1.0, reading), Outcome(4.0))
    assert (figures["tp"], figures["fn"], figures["unanalysed"], figures["ratio"]) == (1, 1, 1, 0.25)
    assert figures["pairs"] == {"caught": 1, "both": 0, "silent": 0, "reversed": 0}
    assert list(figures["per_cwe"]) == ["22", "89"]
    table = tables.of_set({"set": "s", "files": 3, "cases": 3, "pairs": 1, "rows": [figures]}, per_cwe=True)
    assert "| some | 1.000 | 0.500 | 0.667 | +0.500 | 1 (100.0%) | 0 | 0 | 0 | 1 | 1 | 1.0 | 0.25 |" in table
    assert "| CWE-22 | 0 | 0 | 1 | 0 | - | 0.000 |" in table


def test_cases_that_name_no_cwe_take_every_finding():
    (case,) = cases_of("id,path,start,end,cwe,label\n1,a.py,3,,bug,1\n")
    assert (case.cwe, case.span, case.pair) == (None, (3, 3), "")
