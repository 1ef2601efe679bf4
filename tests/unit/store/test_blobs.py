"""Originals under the hash of their bytes: whole, for their owner alone, and gone when nobody needs them."""

import hashlib
import os
import stat
import sys
import time
from pathlib import Path

import pytest

from sutazai.store.blobs import Blobs

DATA = b"an original"
NAME = hashlib.sha256(DATA).hexdigest()


def files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.rglob("*") if each.is_file())


def test_bytes_are_kept_once_under_their_hash(tmp_path):
    blobs = Blobs(tmp_path / "originals")
    assert (blobs.keep(DATA), blobs.keep(DATA)) == (NAME, NAME)
    assert blobs.read(NAME) == DATA
    assert blobs.names() == [NAME]
    blobs.settle([NAME])
    assert files(tmp_path) == [tmp_path / "originals" / NAME[:2] / NAME]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are those of POSIX")
def test_only_the_owner_can_read_them(tmp_path):
    Blobs(tmp_path / "originals").keep(DATA)
    for path in (tmp_path / "originals").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_what_is_claimed_is_not_for_the_taking_by_anybody(tmp_path):
    mine, other = Blobs(tmp_path), Blobs(tmp_path)
    mine.keep(DATA)
    assert other.unclaimed([NAME]) == []
    other.keep(DATA)
    mine.settle([NAME])
    assert mine.unclaimed([NAME, NAME]) == []
    other.settle([NAME])
    assert mine.unclaimed([NAME, "no hash"]) == [NAME]
    mine.drop([NAME, NAME])
    assert (mine.read(NAME), files(tmp_path), mine.names()) == (None, [], [])


def test_a_claim_of_a_process_that_died_long_ago_does_not_count(tmp_path):
    blobs = Blobs(tmp_path, claim_s=100)
    blobs.keep(DATA)
    (claim,) = (tmp_path / "claims").iterdir()
    os.utime(claim, (time.time() - 101, time.time() - 101))
    assert blobs.unclaimed([NAME]) == [NAME]
    assert not claim.exists()


@pytest.mark.parametrize("name", ["", "../" + "a" * 61, "A" * 64, NAME + "\n", "/etc/passwd"])
def test_what_is_no_hash_reads_nothing(tmp_path, name):
    assert Blobs(tmp_path).read(name) is None


def test_bytes_that_were_changed_on_the_disk_are_not_given_out_and_can_be_kept_anew(tmp_path):
    blobs = Blobs(tmp_path)
    blobs.keep(DATA)
    (tmp_path / NAME[:2] / NAME).write_bytes(DATA[:3])
    assert blobs.read(NAME) is None
    blobs.keep(DATA)
    assert blobs.read(NAME) == DATA


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", _full)
    with pytest.raises(OSError, match="No space left"):
        Blobs(tmp_path).keep(DATA)
    assert Blobs(tmp_path).read(NAME) is None
    assert [each.parent.name for each in files(tmp_path)] == ["claims"]


def _full(handle):
    raise OSError(28, "No space left on device")
