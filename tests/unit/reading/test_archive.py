"""What an archive may expand to, and what its members are called."""

import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.reading import archive as rules
from sutazai.reading.archive import Archive, beside
from sutazai.reading.failure import Broken, Encrypted, ParseFailed, TooLarge
from tests.support.office import archive


def test_members_are_found_whatever_their_letters_and_slashes():
    opened = Archive(archive({"Word\\Document.XML": "text"}))
    assert "word/document.xml" in opened
    assert opened.read("/WORD/document.xml") == b"text"
    assert "other" not in opened


def test_a_member_that_is_not_there_is_named():
    with pytest.raises(Broken, match=r"gone\.xml is missing"):
        Archive(archive({"a": "b"})).read("gone.xml")


def test_what_comes_out_is_counted_whatever_the_archive_says():
    data = archive({"big": "x" * 5_000})
    with pytest.raises(TooLarge):
        Archive(data, max_member_bytes=4_999).read("big")
    assert len(Archive(data, max_member_bytes=5_000).read("big")) == 5_000


def test_all_members_share_one_allowance():
    opened = Archive(archive({"a": "x" * 3_000, "b": "x" * 3_000}), max_bytes=5_000)
    opened.read("a")
    with pytest.raises(TooLarge):
        opened.read("b")


def test_a_bomb_is_known_by_its_ratio():
    with pytest.raises(TooLarge, match="150 times"):
        Archive(archive({"bomb": b"\0" * (rules._RATIO_FROM + rules._CHUNK + 1)})).read("bomb")


def test_an_archive_of_countless_files_is_refused_before_it_is_listed(monkeypatch):
    monkeypatch.setattr(rules, "MAX_MEMBERS", 3)
    with pytest.raises(TooLarge, match="more than 3 files"):
        Archive(archive({str(each): "" for each in range(4)}))


def test_an_archive_packed_in_an_unusual_way_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as file:
        file.writestr("a", "b")
    with pytest.raises(Broken, match="packed"):
        Archive(path.read_bytes()).read("a")


def test_a_locked_member_is_told_of():
    data = archive({"a": "b"}).replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    with pytest.raises(Encrypted):
        Archive(data).read("a")


def test_a_member_that_is_damaged_is_refused():
    data = archive({"a": "text " * 50}, packed=False).replace(b"text text", b"tEXT text")
    with pytest.raises(Broken, match="a cannot be unpacked"):
        Archive(data).read("a")


@pytest.mark.parametrize(
    ("part", "target", "name"),
    [
        ("word/document.xml", "styles.xml", "word/styles.xml"), ("ppt/slides/s.xml", "../n/n.xml", "ppt/n/n.xml"),
        ("word/document.xml", "/xl/a.xml", "xl/a.xml"), ("a.xml", "../../../etc/passwd", "etc/passwd"),
        ("", "a/./b", "a/b"),
    ],
)  # fmt: skip
def test_a_target_stands_beside_its_part_and_never_outside(part, target, name):
    assert beside(part, target) == name


@given(st.binary(max_size=60), st.integers(0, 200), st.integers(0, 255))
@settings(max_examples=200, deadline=None)
def test_any_bytes_open_or_are_refused(extra, at, byte):
    data = bytearray(archive({"a": "text " * 20, "b": "c"}))
    data[at % len(data)] = byte
    for each in (bytes(data), bytes(data) + extra, extra + bytes(data), extra):
        with suppress(ParseFailed):
            assert isinstance(Archive(each).read("a"), bytes)
