"""Real git repositories that no configuration of this machine can touch."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

GitCommand = Callable[..., str]


@pytest.fixture(autouse=True)
def _no_outer_git(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Test")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "test@example.org")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """An empty repository, HEAD unborn."""
    folder = tmp_path / "repo"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
    return folder


@pytest.fixture
def git(repo: Path) -> GitCommand:
    """Runs git in the repository."""

    def call(*arguments: str, cwd: Path = repo) -> str:
        done = subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    return call


@pytest.fixture
def commit(git: GitCommand) -> Callable[..., str]:
    """Commits everything there is and gives the commit's id."""

    def call(message: str = "change") -> str:
        git("add", "-A")
        git("commit", "-q", "-m", message, "--allow-empty")
        return git("rev-parse", "HEAD")

    return call
