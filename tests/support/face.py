"""Calls of the command line: in this process, and in one of its own where streams and signals count."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sutazai.cli.session import run_face

FAULTY = """import hashlib
import subprocess


def pack(folder):
    subprocess.run(f"tar czf reports.tgz {folder}", shell=True, check=True)


def digest(text):
    return hashlib.md5(text).hexdigest()
"""
SHELL, HASH = "py-command-injection", "py-weak-hash"  # high at line 6, medium at line 10
CLEAN = "def twice(number):\n    return 2 * number\n"
SUTAZAI = (sys.executable, "-P", "-m", "sutazai")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stdout holds."""
        return json.loads(self.out)

    @property
    def rules(self) -> list[str]:
        """Rules of the findings of a JSON report."""
        return [each["rule"] for each in self.json["findings"]]


class Face:
    """Calls the command line in this process, in a folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._capsys, self._monkeypatch = folder, capsys, monkeypatch

    def __call__(self, *arguments: str, stdin: str | bytes = b"") -> Ended:
        """Runs it."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        self._capsys.readouterr()
        code = run_face(arguments)
        said = self._capsys.readouterr()
        return Ended(code, said.out, said.err)

    def review(self, *arguments: str, stdin: str | bytes = b"") -> Ended:
        """A static review as JSON."""
        return self("review", *arguments, "--no-model", "--format", "json", stdin=stdin)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Puts files into the folder."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)


def started(*arguments: str, cwd: Path, **options: Any) -> "subprocess.Popen[bytes]":
    """The command line in a process of its own, its streams in our hands."""
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*SUTAZAI, *arguments], cwd=cwd, **streams | options)


def called(
    *arguments: str, cwd: Path, stdin: bytes = b"", env: Mapping[str, str] | None = None, **options: Any
) -> Ended:
    """The same, waited for."""
    with started(*arguments, cwd=cwd, env={**os.environ, **(env or {})}, **options) as process:
        out, err = process.communicate(stdin, timeout=120)
    return Ended(process.returncode, (out or b"").decode(), (err or b"").decode())


def git(folder: Path, *arguments: str) -> str:
    """Runs git in a folder, deaf to whoever runs the tests."""
    names = {f"GIT_{role}_{what}": "ann" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-c", "core.autocrlf=false", *arguments],
        cwd=folder,
        env={**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def repository(folder: Path) -> Path:
    """A repository whose one commit is clean."""
    folder.mkdir(exist_ok=True)
    git(folder, "init", "-q")
    (folder / "app.py").write_text(CLEAN)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "begin")
    return folder


def tree(folder: Path) -> dict[str, bytes | str]:
    """Everything under a folder: contents of files, targets of links."""
    return {
        str(each.relative_to(folder)): str(each.readlink()) if each.is_symlink() else each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_symlink() or each.is_file()
    }


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(each.name for each in folder.iterdir())
