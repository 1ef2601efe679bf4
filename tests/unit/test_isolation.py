"""What conftest promises to every unit test."""

import os
import socket
from pathlib import Path

import pytest
from pytest_socket import SocketBlockedError


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
