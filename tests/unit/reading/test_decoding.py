"""Text out of bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.reading.decoding import decode_text, looks_like_text

SOME = "Grüße aus Köln, 東京 too"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_unicode_is_known_by_its_mark_or_its_zeros(encoding: str):
    text = "Plain words and a line.\nGrüße"
    assert decode_text(text.encode(encoding)) == text


def test_a_declared_encoding_is_followed_if_it_fits():
    assert decode_text(SOME.encode("gb18030"), declared="gb18030") == SOME
    assert decode_text(SOME.encode(), declared="ascii") == SOME
    assert decode_text(SOME.encode(), declared="no such thing") == SOME
    assert decode_text(SOME.encode(), declared="hex") == SOME


def test_a_coding_comment_is_followed():
    text = "# -*- coding: koi8-r -*-\nprint('Привет')\n"
    assert decode_text(text.encode("koi8-r")) == text


def test_what_nothing_explains_is_taken_for_windows_text():
    assert decode_text("Grüße “so”".encode("cp1252")) == "Grüße “so”"


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_text(data: bytes):
    assert isinstance(decode_text(data), str)
    looks_like_text(data)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_utf_8_comes_back_as_it_was(text: str):
    if "\0" not in text:
        assert decode_text(b"\xef\xbb\xbf" + text.encode()) == text.removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", True),
        (b"plain", True),
        ("Grüße".encode("cp1252"), True),
        ("wide".encode("utf-16"), True),
        ("wide text".encode("utf-16-be"), True),
        (b"a long text with one zero \0 in it" * 3 + b"and more words" * 9, True),
        (b"\x89\x01\x02\x03\x04\x05", False),
        (b"\xff\xfe\xfd\xfc \0 and some letters to make it look harmless", True),
        ("Grüße".encode("cp1252") + b"\0" + b"and more letters" * 9, False),
    ],
)
def test_text_is_told_from_other_bytes(data: bytes, expected: bool):
    assert looks_like_text(data) is expected
