"""Replacing files that are still what they were, and running commands that a caller named."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sutazai.disk import replacing
from sutazai.errors.files import TargetError, TargetUnreadable
from sutazai.errors.fixes import TargetChanged
from sutazai.errors.tools import ToolMissing, ToolTimedOut
from sutazai.errors.workspace import PathOutsideRoot, TargetUnwritable
from sutazai.sdk.ports import FileChange
from sutazai.workspace.commands import ProcessCommands
from sutazai.workspace.editing import FileEditor


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(), st.binary(), st.booleans())
async def test_a_file_is_wholly_new_or_wholly_old(tmp_path: Path, before: bytes, after: bytes, stale: bool) -> None:
    path, editor = tmp_path / "a.py", FileEditor()
    path.write_bytes(before)
    change = FileChange("a.py", before + b"!" * stale, after)
    try:
        await editor.replace(tmp_path, change)
    except TargetChanged:
        assert stale
    assert path.read_bytes() == (before if stale else after)
    assert await editor.read(tmp_path, "a.py") == path.read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["a.py"]


async def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.py").write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(replacing.os, "fsync", full)
    with pytest.raises(TargetUnwritable, match="No space"):
        await FileEditor().replace(tmp_path, FileChange("a.py", b"old", b"new"))
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"a.py": b"old"}


@pytest.mark.parametrize("path", ["../x.py", "/etc/passwd", "link.py", "a\0b"])
async def test_nothing_outside_of_the_root_is_read_or_written(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "x.py").write_bytes(b"old")
    (root / "link.py").symlink_to(tmp_path / "x.py")
    for work in (FileEditor().read(root, path), FileEditor().replace(root, FileChange(path, b"old", b"new"))):
        with pytest.raises(PathOutsideRoot):
            await work
    assert (tmp_path / "x.py").read_bytes() == b"old"


async def test_a_file_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(TargetUnreadable):
        await FileEditor().replace(tmp_path, FileChange("a.py", b"", b"new"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(TargetError):
        await FileEditor().read(tmp_path, "folder")
    assert not (tmp_path / "a.py").exists()


async def test_a_command_runs_in_the_callers_folder_and_leaves_no_bytecode(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("x = 1\n")
    program = "import mine, os, sys; print(os.getcwd()); sys.stderr.write('E' * 3000); sys.exit(3)"
    ended = await ProcessCommands(tmp_path).run([sys.executable, "-c", program], timeout_s=60)
    assert ended.returncode == 3
    assert ended.output == "E" * 2000
    assert [each.name for each in tmp_path.iterdir()] == ["mine.py"]
    ended = await ProcessCommands(tmp_path).run([sys.executable, "-c", "import os; print(os.getcwd())"], timeout_s=60)
    assert ended.output.strip() == str(tmp_path)


async def test_a_program_named_by_its_path_starts_from_the_callers_folder_a_plain_name_never(tmp_path: Path) -> None:
    program = tmp_path / "check"
    program.write_text("#!/bin/sh\nexit 4\n")
    program.chmod(0o700)
    assert (await ProcessCommands(tmp_path).run(["./check"], timeout_s=60)).returncode == 4
    assert (await ProcessCommands(tmp_path).run([str(program)], timeout_s=60)).returncode == 4
    with pytest.raises(ToolMissing):
        await ProcessCommands(tmp_path).run(["check"], timeout_s=60)


async def test_a_command_that_does_not_exist_or_end_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing):
        await ProcessCommands(tmp_path).run(["no-such-program-here"], timeout_s=60)
    with pytest.raises(ToolTimedOut):
        await ProcessCommands(tmp_path).run([sys.executable, "-c", "import time; time.sleep(60)"], timeout_s=0.2)
