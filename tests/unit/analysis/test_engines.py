"""Choosing engines by name."""

import subprocess
import sys

import pytest

from sutazai.analysis.engines import ENGINES, engines
from sutazai.errors.analysis import UnknownEngine
from sutazai.sdk.source import SourceFile


def test_engines_come_in_the_order_asked_for_and_once() -> None:
    assert [each.name for each in engines(["secrets", "ruff", "secrets"])] == ["secrets", "ruff"]


def test_an_unknown_engine_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownEngine) as caught:
        engines(["ruf"])
    assert "'ruff'" in caught.value.hint
    assert caught.value.exit_code == 2


def test_every_engine_has_a_version_that_names_its_tables() -> None:
    versions = {each.version for each in engines(list(ENGINES))}
    assert len(versions) == len(ENGINES)
    assert all(len(version) >= 12 for version in versions)


def test_engines_take_the_languages_they_know() -> None:
    ruff, secrets, patterns = engines(["ruff", "secrets", "patterns"])
    python, go, text = (SourceFile("a", "", language) for language in ("python", "go", ""))
    assert [ruff.accepts(each) for each in (python, go, text)] == [True, False, False]
    assert [secrets.accepts(each) for each in (python, go, text)] == [True, True, True]
    assert [patterns.accepts(each) for each in (python, go, text)] == [True, True, False]


def test_making_engines_loads_nothing_heavy() -> None:
    code = (
        "import sys; from sutazai.analysis.engines import ENGINES, engines; engines(list(ENGINES));"
        "print([m for m in ('ast_grep_py', 'tree_sitter', 'ruff') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
