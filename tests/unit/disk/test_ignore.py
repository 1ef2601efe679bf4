"""Walking a folder with limits; `tests/unit/workspace` tries the ignore rules themselves."""

from pathlib import Path

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


def test_patterns_made_to_cost_time_are_passed_over(tmp_path: Path):
    """Each star multiplies what trying a pattern costs."""
    dear = "a".join("*" * 30) + "b"
    (tmp_path / ".gitignore").write_text(f"{dear}\n**/gone/**/*.txt\n")
    (tmp_path / ("a" * 200)).touch()
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "x.txt").touch()
    assert names(tmp_path, hidden=False) == ["a" * 200]
