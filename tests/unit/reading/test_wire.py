"""What parent and child say to each other."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.reading.wire import (
    Answer,
    Failure,
    Other,
    PageRead,
    Request,
    WireError,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
)
from sutazai.sdk.document import Heading, Page, ParsedDocument

DOCUMENT = ParsedDocument(
    "Head\n\nÜber \U0001d49c",
    "pdf",
    title="T",
    pages=(Page(1, 0, 12),),
    headings=(Heading(1, "Head", 0),),
    tables=((6, 10),),
    notes=("n",),
)


@pytest.mark.parametrize(
    "answer",
    [PageRead(7), Failure("broken", "it is broken"), Failure("unknown", "x", is_orderly=True), Other("doc"), DOCUMENT],
)
def test_an_answer_comes_over_as_it_was(answer: Answer):
    assert decode_answer(encode_answer(answer)) == answer


def test_a_request_comes_over_as_it_was():
    request = Request("näme\n.pdf", 11, 1 << 30)
    assert decode_request(encode_request(request)) == request


def lying(**changes: object) -> bytes:
    held = json.loads(encode_answer(DOCUMENT)[1:])
    return b"D" + json.dumps({**held, **changes}).encode()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"X",
        b"Pnone",
        b"F{}",
        b'F["only one"]',
        b"O\xff",
        b"D{}",
        b"Dnot json",
        lying(text="short"),
        lying(pages=[{"number": 1, "start": 5, "end": 3}]),
        lying(headings=[{"level": 1, "title": "x", "start": -1}]),
        lying(tables=[[0, 99]]),
        lying(text=7),
    ],
)
def test_an_answer_that_no_sound_child_gives_is_refused(payload: bytes):
    with pytest.raises(WireError):
        decode_answer(payload)


@settings(deadline=None)
@given(st.binary(max_size=40), st.sampled_from([b"P", b"F", b"O", b"D", b""]))
def test_any_bytes_are_an_answer_or_refused(data: bytes, letter: bytes):
    try:
        decode_answer(letter + data)
    except WireError as error:
        assert str(error)  # noqa: PT017 (either end is right)


def test_a_reason_is_cut():
    answer = decode_answer(encode_answer(Failure("broken", "x" * 1000)))
    assert isinstance(answer, Failure)
    assert len(answer.reason) == 300
