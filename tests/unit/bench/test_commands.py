"""The commands of the bench, on inputs small enough for a test."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sutazai.sdk.chat import ModelInfo
from sutazai.sdk.profile import ModelProfile, RecipeProfile
from sutazai.sdk.testing import ScriptedChat
from tests.bench.review import __main__ as command
from tests.bench.review import planted, tree
from tests.bench.review.readings import Reading
from tests.bench.review.tools import Outcome, Tool


def test_the_docs_page_is_written_from_the_files_that_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "PAGE", tmp_path / "page.md")
    result = {"kind": "sets", "date": "2026-01-01", "python": "3", "machine": "1 core", "sets": []}
    (tmp_path / "one.json").write_text(json.dumps(result), encoding="utf-8")
    assert command.main(["--write-docs", str(tmp_path / "one.json")]) == 0
    assert (tmp_path / "page.md").read_text(encoding="utf-8").startswith("# Results")


@pytest.mark.parametrize("arguments", [[], ["--sets", "."]])
def test_without_sets_the_command_says_what_it_needs(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2


def test_figures_are_printed_as_tables_or_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "s.csv").write_text("id,path,start,end,cwe,label,pair,side,note\n1,a.py,,,89,1,,,\n", encoding="utf-8")
    (tmp_path / "s.jsonl").write_text('{"path": "a.py", "text": ""}\n', encoding="utf-8")
    monkeypatch.setattr(command, "installed", lambda **_: [])
    command.main(["--sets", str(tmp_path)])
    assert "s: 1 files, 1 cases" in capsys.readouterr().out
    command.main(["--sets", str(tmp_path), "--json"])
    assert json.loads(capsys.readouterr().out)["sets"][0]["rows"] == []


def test_a_tree_is_laid_out_without_tests_and_its_findings_are_counted_by_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    source = tmp_path / "code"
    for name in ("a.py", "test/b.py", "x/c.py", "d.txt"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("1\n2\n", encoding="utf-8")
    place = {"path": "a.py", "start_line": 1}
    findings = [{"rule": rule, "severity": "low", "quote": "1\n2", "location": place} for rule in ("r", "s", "s")]

    def ran(tool: Tool, folder: Path, report: Path) -> Outcome:
        assert {each.name for each in folder.rglob("*.*")} == {"a.py", "c.py"}
        report.write_text(json.dumps({"findings": findings}), encoding="utf-8")
        return Outcome(2.0 if tool.name == "bandit" else 1.0, Reading())

    monkeypatch.setattr(tree, "execute", ran)
    monkeypatch.setattr(tree, "version", lambda _tool: "1")
    assert tree.main([str(source), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["files"], figures["lines"], figures["tree"]) == (2, 4, "code")
    assert [(each["rule"], each["findings"], each["example"]) for each in figures["rules"]] == [
        ("s", 2, "a.py:1 1"),
        ("r", 1, "a.py:1 1"),
    ]
    assert [(each["run"], each["ratio"]) for each in figures["runs"]] == [("cold", 0.5), ("warm", 0.5), ("bandit", 1.0)]


def test_files_that_our_review_skipped_are_read_from_its_report():
    assert tree._ours('{"coverage": {"files_skipped": [{"path": "a"}]}}').unanalysed == {"a"}


async def test_a_model_that_tells_no_probabilities_has_no_figures():
    """The command still says how much it would have asked."""
    chat = ScriptedChat(info=ModelInfo(name="mute", runtime="scripted", logprobs=False))
    figures = await planted.measured(chat, seed=0, limit=2)
    assert (figures["model"], figures["functions"], figures["recall"]) == ("mute", 2, None)
    assert figures["seconds_a_function"] is None


def test_without_weights_the_command_says_so_and_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("SUTAZAI_HOME", str(tmp_path))
    monkeypatch.setenv("SUTAZAI_OFFLINE", "1")
    assert planted.main(["--model", str(tmp_path / "none.gguf"), "--limit", "1"]) != 0
    assert "none.gguf" in capsys.readouterr().err


async def test_time_is_counted_up_to_the_last_function_of_the_probe(monkeypatch: pytest.MonkeyPatch):
    """What the other recipes take is not the probe's."""
    ticks = iter([10.0, 16.0])
    monkeypatch.setattr(planted.time, "perf_counter", lambda: next(ticks))

    async def measure(_chat: object, *, on_progress: Callable[[int, int], None], **_: int) -> ModelProfile:
        on_progress(2, 2)
        probe = RecipeProfile(threshold=1.0, recall=0.5, false_alarm_rate=0.0)
        return ModelProfile(recipes={"probe": probe, "adjudicate": RecipeProfile(auc=0.8)}, origin="measured")

    monkeypatch.setattr(planted.bench, "measure", measure)
    figures = await planted.measured(ScriptedChat(), seed=0, limit=2)
    assert figures["seconds_a_function"] == round(6 / (2 + figures["faults"]), 2)
    assert (figures["recall"], figures["second_look_auc"]) == (0.5, 0.8)
