"""The example configurations load, say what is true, and call commands that exist."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sutazai.settings.load import load_settings, value_of
from sutazai.settings.model import PROJECT_SECTIONS, Settings, known_keys
from tests.support.doc_checks import check_settings, complaint
from tests.support.docs import ROOT, calls_of

CONFIGS = ROOT / "configs"


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def texts(data: Any) -> list[str]:
    """Every text in a tree of lists and tables."""
    if isinstance(data, str):
        return [data]
    children = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [text for child in children for text in texts(child)]


def test_every_file_is_looked_at_here() -> None:
    assert {each.name for each in CONFIGS.iterdir()} == {
        "sutazai.toml",
        "user.toml",
        "github-actions.yml",
        "gitlab-ci.yml",
        "pre-commit-config.yaml",
    }


@pytest.mark.parametrize("name", ["sutazai.toml", "user.toml"])
def test_settings_files_hold_every_key_of_their_kind_with_its_default(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origins = check_settings((CONFIGS / name).read_text(encoding="utf-8"), tmp_path, monkeypatch)
    of_projects = {key for key in known_keys() if key.partition(".")[0] in PROJECT_SECTIONS}
    assert set(origins) == (of_projects if name == "sutazai.toml" else set(known_keys()) - of_projects)
    loaded = load_settings(folder=tmp_path / "project").settings
    assert [key for key in known_keys() if value_of(loaded, key) != value_of(Settings(), key)] == []


@pytest.mark.parametrize("name", ["sutazai.toml", "user.toml"])
def test_every_key_is_explained_by_a_comment_above_it_or_its_neighbour(name: str) -> None:
    paragraphs = (CONFIGS / name).read_text(encoding="utf-8").split("\n\n")
    bare = [each for each in paragraphs if "=" in each and "#" not in each]
    assert bare == []


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_pipelines_call_commands_that_exist(name: str) -> None:
    found = [call for text in texts(read_yaml(CONFIGS / name)) for call in calls_of(text) if call]
    assert len(found) == 2
    assert [wrong for call in found if (wrong := complaint(call))] == []


def test_the_report_is_uploaded_from_where_it_is_written() -> None:
    steps = read_yaml(CONFIGS / "github-actions.yml")["jobs"]["review"]["steps"]
    assert steps[-1]["with"]["sarif_file"] in steps[-2]["run"].split()
    job = read_yaml(CONFIGS / "gitlab-ci.yml")["review"]
    assert job["artifacts"]["reports"]["codequality"] in job["script"][-1].split()


def test_hooks_that_are_shown_are_hooks_that_exist() -> None:
    hooks = {each["id"]: each for each in read_yaml(ROOT / ".pre-commit-hooks.yaml")}
    for hook in hooks.values():
        (call,) = calls_of(hook["entry"])
        assert complaint(call) == ""
    (repository,) = read_yaml(CONFIGS / "pre-commit-config.yaml")["repos"]
    assert {each["id"] for each in repository["hooks"]} <= set(hooks)
