"""How a working pip is found: the environment's own, one made for the moment, or one that uv runs."""

import os
import sys
from pathlib import Path

import pytest

from sutazai.errors.weights import SourceFailed
from sutazai.llm.weights.pip import find_pip

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the pretended programs are shell scripts")


def _program(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="ascii")
    path.chmod(0o755)
    return path


async def test_the_environments_own_pip_comes_first(tmp_path: Path) -> None:
    """With -P, so that a pip.py in the current folder is never run."""
    python = _program(tmp_path / "python", "exit 0")
    assert await find_pip(tmp_path, python=str(python)) == (str(python), "-P", "-m", "pip")


async def test_without_pip_an_environment_is_made_for_the_moment(tmp_path: Path) -> None:
    """The standard library's venv brings a pip of its own."""
    body = f'[ "$3" = venv ] || exit 1; mkdir -p "$4/bin"; ln -s {sys.executable} "$4/bin/python"'
    python = _program(tmp_path / "python", body)
    made = tmp_path / "pip-env" / "bin" / "python"
    assert await find_pip(tmp_path, python=str(python)) == (str(made), "-P", "-m", "pip")


async def test_without_both_uv_runs_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`uv tool run pip`: uv itself cannot download wheels."""
    uv = _program(tmp_path / "uv", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    python = _program(tmp_path / "python", "exit 1")
    assert await find_pip(tmp_path, python=str(python)) == (str(uv), "tool", "run", "pip")


async def test_without_any_the_hint_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the interpreter itself is gone."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceFailed) as caught:
        await find_pip(tmp_path, python=str(tmp_path / "gone"))
    assert "uv pip install pip" in caught.value.hint
