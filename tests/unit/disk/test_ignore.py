"""Walking a folder with limits; `tests/unit/workspace` tries the ignore rules themselves."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sutazai.disk.ignore import walk


def names(folder: Path, **limits: object) -> list[str]:
    return sorted(each.name for each in walk(folder, folder, **limits).files)


def test_hidden_names_count_unless_told_otherwise(tmp_path: Path):
    (tmp_path / ".hidden").mkdir()
    for name in ("a", ".b", ".hidden/c"):
        (tmp_path / name).touch()
    assert names(tmp_path) == [".b", "a", "c"]
    found = walk(tmp_path, tmp_path, hidden=False)
    assert [each.name for each in found.files] == ["a"]
    assert found.ignored_count == 2


def test_a_walk_is_cut_at_its_limit_and_says_so(tmp_path: Path):
    for number in range(10):
        (tmp_path / str(number)).touch()
    assert not walk(tmp_path, tmp_path, max_entries=10).is_cut
    found = walk(tmp_path, tmp_path, max_entries=9)
    assert found.is_cut
    assert len(found.files) == 9


def test_a_folder_to_be_left_out_is_not_looked_into(tmp_path: Path):
    for name in ("a.txt", "kept/b.txt", "kept/deep/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    found = walk(tmp_path, tmp_path, max_entries=2, without={tmp_path / "kept"})
    assert [each.name for each in found.files] == ["a.txt"]
    assert (found.ignored_count, found.is_cut) == (1, False)


def test_a_folder_that_is_closed_to_us_is_told_and_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its ignore file cannot even be asked for."""
    (tmp_path / "a.txt").touch()
    closed = tmp_path / "closed"
    closed.mkdir()
    for name in ("stat", "scandir"):
        monkeypatch.setattr(os, name, _refusing(getattr(os, name), closed))
    found = walk(tmp_path, tmp_path)
    assert ([each.name for each in found.files], found.closed) == (["a.txt"], [closed])


def _refusing(real: Callable[..., Any], closed: Path) -> Callable[..., Any]:
    """As the system does it for whoever is not root."""

    def call(path: Any, *arguments: Any, **named: Any) -> Any:
        if str(path).startswith(str(closed)):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **named)

    return call


def test_patterns_made_to_cost_time_are_passed_over(tmp_path: Path):
    """Each star multiplies what trying a pattern costs."""
    dear = "a".join("*" * 30) + "b"
    (tmp_path / ".gitignore").write_text(f"{dear}\n**/gone/**/*.txt\n")
    (tmp_path / ("a" * 200)).touch()
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "x.txt").touch()
    assert names(tmp_path, hidden=False) == ["a" * 200]
