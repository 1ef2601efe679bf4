"""Checks of docs and example configurations that several tests share: calls of our commands, and settings files."""

import re
import tomllib
from pathlib import Path

import pytest

from sutazai.settings.load import load_settings
from sutazai.settings.model import PROJECT_SECTIONS
from tests.reference import commands
from tests.reference.rules import listed

COMMANDS = {each.path: each for each in commands.described()}


def complaint(call: list[str]) -> str:
    """What is wrong with a call of our command line; empty if nothing is."""
    path: tuple[str, ...] = ()
    rest = list(call)
    while rest and COMMANDS[path].group and not rest[0].startswith("-"):
        path = (*path, rest.pop(0).partition("|")[0])
        if path not in COMMANDS:
            return f"there is no command {' '.join(path)!r}"
    flags = [word.partition("=")[0] for word in rest if re.match(r"--?[a-zA-Z]", word)]
    unknown = [flag for flag in flags if flag not in COMMANDS[path].flags]
    return f"{' '.join(path)} has no {', '.join(unknown)}" if unknown else ""


def check_settings(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Loads a settings file where it belongs: as a project's, where it could be one. Gives the origins of its keys."""
    data = tomllib.loads(text)
    home, project = folder / "home", folder / "project"
    file = project / "sutazai.toml" if set(data) <= PROJECT_SECTIONS else home / "config" / "config.toml"
    for each in (project, file.parent):
        each.mkdir(parents=True, exist_ok=True)
    (project / ".git").mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("SUTAZAI_HOME", str(home))
    monkeypatch.delenv("SUTAZAI_RESIDENT", raising=False)  # it would hide what the file sets
    loaded = load_settings(folder=project)
    assert set(loaded.settings.review.rules) <= {each.rule.id for each in listed()}
    return {key: origin for key, origin in loaded.origins.items() if origin == str(file)}
