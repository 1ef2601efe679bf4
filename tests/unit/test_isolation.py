"""What conftest promises to every unit test."""

import os
import socket
from pathlib import Path

import pytest
from pytest_socket import SocketBlockedError

from tests.support.coverage_files import drop_unfinished


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_unit_test_cannot_open_a_socket() -> None:
    """Not even to this machine."""
    with pytest.raises(SocketBlockedError):
        socket.socket(socket.AF_INET)


async def test_the_event_loop_still_works() -> None:
    """Its own pipes are allowed: this test runs on one."""
    first, second = socket.socketpair()
    first.close()
    second.close()


def test_the_home_is_empty_and_of_this_test_alone() -> None:
    """Nothing of whoever runs the tests is read."""
    assert list(Path(os.environ["SUTAZAI_HOME"]).iterdir()) == []
    names = {name for name in os.environ if name.startswith("SUTAZAI_")}
    assert names - {"SUTAZAI_TEST_CACHE"} == {"SUTAZAI_HOME", "SUTAZAI_RESIDENT"}


def test_what_a_killed_process_covered_is_dropped_before_it_is_joined(tmp_path: Path) -> None:
    """Whole data has a hash in its name; the data of this very process is not ended yet and stays."""
    whole = ".coverage.vm.pid7.Xabcdefghx.H0123456789h"
    own = f".coverage.vm.pid{os.getpid()}.Xabcdefghx"
    half = ".coverage.vm.pid7.Xabcdefghx"
    for name in (whole, own, half, half + "-journal", ".coverage", ".coveragerc"):
        (tmp_path / name).write_bytes(b"")
    assert drop_unfinished(tmp_path) == [half, half + "-journal"]
    assert {each.name for each in tmp_path.iterdir()} == {whole, own, ".coverage", ".coveragerc"}
