"""What a client sends arrives as it was, and nothing else is taken for a request."""

import os
import socket
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.resident.client import MAGIC, _request
from sutazai.resident.request import BadRequest, decoded, receive

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="residents are for Linux")
WORDS = st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20), min_size=1, max_size=5)


@given(WORDS, WORDS)
@settings(max_examples=60)
def test_a_request_arrives_as_it_was(fields, argv):
    request = decoded(_request(fields, argv)[4:], (5, 6, 7, 8))
    assert (list(request.character), list(request.argv)) == (fields, argv)
    assert request.environment == dict(os.environ)
    assert request.executable == sys.executable
    assert request.descriptors == (5, 6, 7, 8)


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_other_bytes_are_refused(data):
    for each in (data, MAGIC.encode() + b"\0" + data):
        with suppress(BadRequest):
            request = decoded(each, ())
            assert request.argv


def sent(data, descriptors):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        if descriptors:
            socket.send_fds(ours, [data[:100]], descriptors)
            ours.sendall(data[100:])
        else:
            ours.sendall(data)
        ours.shutdown(socket.SHUT_WR)
        return receive(theirs)


def test_it_comes_with_its_descriptors_which_no_child_inherits():
    request = sent(_request(["c"], ["sutazai", "x" * 100_000]), [0, 1, 2, 0])
    assert request.argv[1] == "x" * 100_000
    assert not any(os.get_inheritable(each) for each in request.descriptors)
    for each in request.descriptors:
        os.close(each)


@pytest.mark.parametrize(
    ("data", "descriptors"),
    [
        (_request(["c"], ["sutazai"]), []),
        (_request(["c"], ["sutazai"])[:-5], [0, 1, 2, 0]),
        (b"\xff\xff\xff\xff" + b"x" * 50, [0, 1, 2, 0]),
        (b"\0\0", [0, 1, 2, 0]),
        (b"\0\0\0\3abc", [0, 1, 2, 0]),
    ],
)
def test_a_part_of_one_is_refused(data, descriptors):
    with pytest.raises(BadRequest):
        sent(data, descriptors)
