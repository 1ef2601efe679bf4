"""Frames on a pipe."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.process.frames import FrameDecoder, FrameTooLarge, encode_frame, read_frame


@given(st.lists(st.binary(max_size=40), max_size=8), st.lists(st.integers(0, 60), max_size=20))
def test_frames_come_out_as_they_went_in_however_the_bytes_are_cut(payloads: list[bytes], cuts: list[int]) -> None:
    """Pipes give bytes in pieces of any size."""
    stream = io.BytesIO(b"".join(encode_frame(each) for each in payloads))
    decoder = FrameDecoder()
    got = [frame for cut in cuts for frame in decoder.feed(stream.read(cut))]
    got += decoder.feed(stream.read())
    assert got == payloads


@given(st.binary(max_size=200))
def test_random_bytes_are_frames_or_a_clean_refusal(data: bytes) -> None:
    """Nothing over the limit is ever given out, and nothing else is raised."""
    try:
        assert all(len(frame) <= 64 for frame in FrameDecoder(64).feed(data))
    except FrameTooLarge:
        return


def test_a_line_of_text_on_the_pipe_is_refused_at_once() -> None:
    """Its first letters read as a length of gigabytes."""
    with pytest.raises(FrameTooLarge, match="1751477356 bytes"):
        FrameDecoder().feed(b"hello, world\n")


def test_a_payload_over_the_limit_is_not_sent() -> None:
    """The other side would refuse it."""
    with pytest.raises(FrameTooLarge, match="5 bytes, over the limit of 4"):
        encode_frame(b"12345", limit=4)


@pytest.mark.parametrize("rest", [b"", b"\0\0", b"\0\0\0\5ab"])
def test_a_stream_that_ends_is_read_as_its_end_also_inside_a_frame(rest: bytes) -> None:
    """The parent was killed while it wrote."""
    stream = io.BytesIO(encode_frame(b"whole") + rest)
    assert read_frame(stream) == b"whole"
    assert read_frame(stream) is None


def test_a_blocking_reader_refuses_a_frame_over_the_limit() -> None:
    """Before it reads any of it."""
    with pytest.raises(FrameTooLarge):
        read_frame(io.BytesIO(encode_frame(b"12345")), limit=4)
