"""Folders for tests of settings."""

from pathlib import Path

import pytest

from sutazai.settings.load import Loaded, load_settings


class Place:
    """A user's home and a project folder."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.user_file = self.home / "config" / "config.toml"
        self.project = root / "project"
        (self.project / ".git").mkdir(parents=True)

    def user(self, text: str) -> None:
        """Writes the user's own file."""
        self.user_file.parent.mkdir(parents=True, exist_ok=True)
        self.user_file.write_text(text, encoding="utf-8")

    def file(self, text: str, name: str = "sutazai.toml") -> Path:
        """Writes a file of the project."""
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def load(self, flags: dict[str, object] | None = None, folder: str = "", **environ: str) -> Loaded:
        """The settings in force in the project."""
        return load_settings(flags, environ={"SUTAZAI_HOME": str(self.home), **environ}, folder=self.project / folder)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A home and a project of their own."""
    return Place(tmp_path)
