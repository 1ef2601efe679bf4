"""A file is replaced whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from sutazai.disk import replacing
from sutazai.disk.replacing import OWNER_ONLY, replace_file, usual_mode


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("mode", [OWNER_ONLY, 0o644, 0o400])
def test_a_file_is_made_or_replaced_with_the_mode_asked_for(tmp_path: Path, mode: int):
    path = tmp_path / "a"
    for data in (b"one", b"", b"\0" * 70_000):
        replace_file(path, data, mode=mode)
        assert (path.read_bytes(), mode_of(path)) == (data, mode)
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_what_fails_half_way_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path, monkeypatch, failing: str):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((replacing.os, "fsync") if failing == "fsync" else (Path, "replace")), full)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"kept")
    link.symlink_to(target)
    replace_file(link, b"new")
    assert target.read_bytes() == b"kept"
    assert not link.is_symlink()


def test_the_usual_mode_follows_the_umask_and_leaves_it_alone():
    before = os.umask(0o027)
    try:
        assert usual_mode() == 0o640
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
