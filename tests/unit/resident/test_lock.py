"""One at a time, and no second try right after one that failed."""

import os
import sys

import pytest

from sutazai.resident.lock import Lock, free
from sutazai.resident.place import opened

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="residents are for Linux")


@pytest.fixture
def folder(tmp_path):
    tmp_path.chmod(0o700)
    descriptor = opened(str(tmp_path))
    yield descriptor
    os.close(descriptor)


def test_one_holds_it_at_a_time(folder):
    assert free(folder, "a.sock")
    with Lock(folder, "a.sock") as first:
        first.ready()
        assert first.held
        with Lock(folder, "a.sock") as second:
            assert not second.held
        assert not free(folder, "a.sock")
        assert free(folder, "b.sock")
    assert free(folder, "a.sock")


def test_a_start_that_failed_is_not_tried_again_at_once(folder, tmp_path):
    with Lock(folder, "a.sock"):
        pass
    assert not free(folder, "a.sock")
    os.utime(tmp_path / "a.lock", (1, 1))
    assert free(folder, "a.sock")


def test_a_link_in_its_place_is_not_followed(folder, tmp_path):
    (tmp_path / "a.lock").symlink_to(tmp_path / "other")
    with pytest.raises(OSError, match="symbolic links"):
        Lock(folder, "a.sock")
    assert not free_or_error(folder)
    assert not (tmp_path / "other").exists()


def free_or_error(folder):
    try:
        return free(folder, "a.sock")
    except OSError:
        return False
