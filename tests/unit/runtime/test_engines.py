"""Which static engines run, and the rows that projects and plugins add to the taint engine."""

import asyncio
from importlib.metadata import EntryPoint

import pytest

from sutazai.errors.analysis import TaintRowsBad, UnknownEngine
from sutazai.runtime.engines import TAINT, chosen_engines
from sutazai.sdk.source import SourceFile
from sutazai.settings.load import load_settings

ROWS = {"source": [{"names": ["ourweb.params()"]}]}
WRONG = {"sink": [{"names": ["ourweb.shell"], "kind": "shell"}]}
TEXT = "import os, ourweb\n\ndef show():\n    os.system('ls ' + ourweb.params())\n"


def loaded(tmp_path, text: str = "", **flags: object):
    (tmp_path / "sutazai.toml").write_text(text, encoding="utf-8")
    return load_settings({"review.engines": ("taint",), **flags}, environ={"SUTAZAI_HOME": "/nowhere"}, folder=tmp_path)


def plugins(*values: str):
    return lambda group: [EntryPoint("ourweb", value, group) for value in values if group == TAINT]


def rules(engines) -> list[str]:
    (taint,) = engines
    return [each.rule for each in asyncio.run(taint.analyze([SourceFile("a.py", TEXT, "python")])).findings]


def test_without_rows_the_engine_knows_only_its_own_tables(tmp_path):
    assert rules(chosen_engines(loaded(tmp_path), plugins())) == []


def test_rows_of_the_settings_are_taken(tmp_path):
    settings = loaded(tmp_path, '[[review.taint.source]]\nnames = ["ourweb.params()"]\n')
    assert rules(chosen_engines(settings, plugins())) == ["py-command-injection"]


def test_rows_of_a_plugin_are_taken(tmp_path):
    assert rules(chosen_engines(loaded(tmp_path), plugins(f"{__name__}:ROWS"))) == ["py-command-injection"]


@pytest.mark.parametrize(
    ("value", "said"),
    [("no_such_module:ROWS", "No module"), (f"{__name__}:WRONG", "sink.0.kind"), (f"{__name__}:TEXT", "is no table")],
)
def test_rows_of_a_plugin_that_are_none_name_the_plugin(tmp_path, value, said):
    with pytest.raises(TaintRowsBad, match=f"ourweb.*{said}"):
        chosen_engines(loaded(tmp_path), plugins(value))


def test_rows_of_the_settings_that_are_none_name_the_file(tmp_path):
    settings = loaded(tmp_path, '[[review.taint.sink]]\nnames = ["a.b"]\n')
    with pytest.raises(TaintRowsBad, match=r"review.taint \(.*sutazai.toml\).*sink.0.kind"):
        chosen_engines(settings, plugins())


def test_plugins_are_not_asked_where_the_engine_is_off(tmp_path):
    (ruff,) = chosen_engines(loaded(tmp_path, **{"review.engines": ("ruff",)}), plugins("no_such_module:ROWS"))
    assert ruff.name == "ruff"


def test_an_unknown_engine_is_refused(tmp_path):
    with pytest.raises(UnknownEngine, match="tent"):
        chosen_engines(loaded(tmp_path, **{"review.engines": ("tent",)}), plugins())
