"""Names say what they hold: no drawer for odds and ends, and a tidy top level."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
TOP = {
    "sutazai", "plugins", "configs", "docs", "tests",
    "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md",
}  # fmt: skip
BUILT = {"build", "dist", "__pycache__"}


def modules() -> list[Path]:
    """Every module of ours, tests included."""
    return [each for folder in ("sutazai", "plugins", "tests") for each in (ROOT / folder).rglob("*.py")]


def test_no_module_is_a_drawer_for_odds_and_ends():
    parts = {part for each in modules() for part in each.relative_to(ROOT).with_suffix("").parts}
    assert parts & NO_NAMES == set()


def test_the_top_level_holds_what_it_must_and_nothing_else():
    names = {each.name for each in ROOT.iterdir() if not each.name.startswith(".")}
    assert {name for name in names - TOP - BUILT if not name.endswith(".egg-info")} == set()


def test_the_shipped_packages_say_that_they_are_typed():
    assert (ROOT / "sutazai" / "py.typed").is_file()
    assert (ROOT / "plugins" / "sutazai_agents" / "py.typed").is_file()


def test_every_module_says_what_it_owns():
    silent = [
        str(each.relative_to(ROOT))
        for each in modules()
        if not each.is_relative_to(ROOT / "tests") and not ast.get_docstring(ast.parse(each.read_text("utf-8")))
    ]
    assert silent == []
