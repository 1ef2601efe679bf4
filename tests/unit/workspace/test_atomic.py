"""Reading and writing single files under the root."""

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.errors.files import TargetError, TargetUnreadable
from sutazai.errors.workspace import PathOutsideRoot, TargetUnwritable
from sutazai.workspace.atomic import inside
from sutazai.workspace.files import FileWorkspace


async def test_what_was_written_is_read_back(tmp_path: Path):
    """Line ends as given, missing folders made, no temporary file left."""
    files = FileWorkspace(tmp_path)
    assert await files.read("new/a.json") is None
    await files.write("new/a.json", "é\r\n")
    assert await files.read("new/a.json") == "é\r\n"
    assert (tmp_path / "new/a.json").read_bytes() == "é\r\n".encode()
    assert os.listdir(tmp_path / "new") == ["a.json"]  # noqa: PTH208 (names are all that counts)


async def test_the_root_is_the_repository(repo: Path):
    """A baseline lies at the top, wherever the caller stands."""
    (repo / "sub").mkdir()
    await FileWorkspace(repo / "sub").write("a.json", "{}")
    assert (repo / "a.json").read_text() == "{}"


async def test_a_file_keeps_its_mode(tmp_path: Path):
    """A script stays a script; a new file follows the umask."""
    path = tmp_path / "a.sh"
    path.write_text("")
    path.chmod(0o754)
    files = FileWorkspace(tmp_path)
    await files.write("a.sh", "x")
    assert path.stat().st_mode & 0o777 == 0o754
    old = os.umask(0o027)
    try:
        await files.write("b", "x")
    finally:
        os.umask(old)
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "out/x", "out.txt", "", ".", "a\0b", "loop"])
async def test_nothing_outside_the_root_is_read_or_written(path: str, tmp_path: Path):
    """Neither by dots nor by links."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "x").write_text("theirs")
    (root / "out").symlink_to(outside)
    (root / "out.txt").symlink_to(outside / "x")
    (root / "loop").symlink_to("loop")
    files = FileWorkspace(root)
    with pytest.raises(PathOutsideRoot):
        await files.write(path, "ours")
    with pytest.raises(PathOutsideRoot):
        await files.read(path)
    assert (outside / "x").read_text() == "theirs"


async def test_a_link_inside_the_root_is_written_through(tmp_path: Path):
    """The link stays a link."""
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    await FileWorkspace(tmp_path).write("link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


async def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A full disk, for one."""
    (tmp_path / "a").write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TargetUnwritable, match="No space left"):
        await FileWorkspace(tmp_path).write("a", "new")
    assert (tmp_path / "a").read_text() == "old"
    assert os.listdir(tmp_path) == ["a"]  # noqa: PTH208 (names are all that counts)


async def test_what_is_no_file_is_neither_read_nor_replaced(tmp_path: Path):
    """Folders and pipes."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    files = FileWorkspace(tmp_path)
    for name in ("folder", "pipe"):
        with pytest.raises(TargetUnreadable, match="it is a"):
            await files.read(name)
        with pytest.raises(TargetUnwritable, match="it is a"):
            await files.write(name, "x")
    with pytest.raises(TargetError):
        await files.write("folder/a\ud800", "x")
    with pytest.raises(TargetUnwritable):
        await files.write("b", "\ud800")


@given(st.lists(st.sampled_from(["..", ".", "a", "", "/", "b c", "~"]), max_size=6).map("/".join))
def test_a_place_is_under_the_root_or_refused(path: str):
    """Whatever the path."""
    root = Path("/tmp")  # noqa: S108 (nothing is written)
    with contextlib.suppress(PathOutsideRoot):
        assert inside(root, path).is_relative_to(root.resolve())
