"""What a document is, by its bytes."""

import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.reading import detect as detect_module
from sutazai.reading.detect import Kind, detect
from sutazai.reading.failure import Broken, Encrypted, NoText, ParseFailed, TooLarge, Unknown
from sutazai.reading.formats import MODULES
from tests.support.pdf import Pdf

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
MAIL = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Hi\r\n folded\r\n\r\nText\r\n"


def archive(**members: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for name, text in members.items():
            file.writestr(name.replace("__", "/"), text)
    return held.getvalue()


def office(folder: str) -> bytes:
    return archive(**{"[Content_Types].xml": "<x/>", f"{folder}/document.xml": "<x/>"})


def mimetype(name: str) -> bytes:
    return archive(mimetype=name, content="x")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (Pdf().page().data(), "pdf"),
        (b"\n\n" + Pdf().page().data(), "pdf"),
        (b"stray bytes\n" + Pdf().page().data(), "pdf"),
        (office("word"), "docx"),
        (office("ppt"), "pptx"),
        (office("xl"), "xlsx"),
        (mimetype("application/epub+zip"), "epub"),
        (mimetype("application/vnd.oasis.opendocument.text"), "odt"),
        (mimetype("application/vnd.oasis.opendocument.spreadsheet"), "ods"),
        (archive(**{"META-INF__container.xml": "<x/>"}), "epub"),
        (b"{\\rtf1 hello}", "rtf"),
        (OLE + "WordDocument".encode("utf-16-le"), "doc"),
        (b"<!DOCTYPE html><p>x", "html"),
        (b"\n <?xml version='1.0'?>\n<!-- a --> <html xmlns='x'>", "html"),
        (MAIL, "email"),
        (b"From a@example.org Mon Jan 1\n" + MAIL, "email"),
        (json.dumps({"cells": [], "nbformat": 4}).encode(), "notebook"),
        (b"just words", "text"),
        (b"# Title\n\nwords", "markdown"),
    ],
)
@pytest.mark.parametrize("ending", ["", ".pdf", ".docx", ".unknown"])
def test_content_decides_whatever_the_name_says(data: bytes, expected: str, ending: str):
    if expected == "markdown" and ending:
        return
    assert detect(data, f"name{ending}").format == expected


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.md", b"words", Kind("markdown")),
        ("a.rst", b"words", Kind("rst")),
        ("README.TXT", b"words", Kind("text")),
        ("a.csv", b"a,b", Kind("csv")),
        ("a.py", b"x = 1", Kind("code", "python")),
        ("Makefile", b"all:", Kind("code", "make")),
        ("run", b"#!/bin/sh\necho", Kind("code", "bash")),
        ("a.json", b'{"a": 1}', Kind("code", "json")),
        ("a.html", b"<p>x</p>", Kind("html")),
        ("a.html", b"no tags, only words", Kind("text")),
        ("a.htm", b"<b>x</b><div class='a'>", Kind("html")),
        ("a.php", b"<!doctype html><?php echo 1;", Kind("code", "php")),
        ("a.md", b"<!doctype html><p>saved as", Kind("html")),
        ("a.eml", b"Subject: x\n\ty\nX-Other: z\n\nbody", Kind("email")),
        ("a.eml", b"not a mail", Kind("text")),
        ("a.py", MAIL, Kind("email")),
        ("a.yaml", MAIL, Kind("code", "yaml")),
        ("about-pdf.txt", b"a file begins with %PDF-1.7, says the standard", Kind("text")),
        ("id3.txt", b"ID3 tags are explained here", Kind("text")),
    ],
)
def test_among_kinds_of_text_the_name_helps(name: str, data: bytes, expected: Kind):
    assert detect(data, f"folder.pdf/{name}") == expected


@pytest.mark.parametrize(
    ("data", "failure", "reason"),
    [
        (b"", NoText, "it is empty"),
        (b" \n\t", NoText, "nothing but blanks"),
        (bytes(5000), NoText, "nothing but blanks"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), Unknown, "an image"),
        (b"\x7fELF" + bytes(50), Unknown, "a program"),
        (b"RIFF" + bytes(50), Unknown, "sound, video"),
        (bytes(range(256)) * 9, Unknown, "neither text"),
        (archive(a="x"), Unknown, "an archive"),
        (archive(**{"[Content_Types].xml": "<x/>", "other": "x"}), Unknown, "an archive"),
        (mimetype("application/other"), Unknown, "an archive"),
        (office("word")[:-30], Broken, "cut off"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), Encrypted, "password"),
        (OLE + "Workbook".encode("utf-16-le"), Unknown, "save it as .xlsx"),
        (OLE, Unknown, "unknown kind"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, failure: type[ParseFailed], reason: str):
    with pytest.raises(failure, match=reason):
        detect(data, "name")


def test_an_archive_under_a_password_is_told():
    data = bytearray(office("word"))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    with pytest.raises(Encrypted):
        detect(bytes(data), "a.docx")


def test_an_archive_of_very_many_members_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(detect_module, "_MAX_MEMBERS", 1)
    with pytest.raises(TooLarge, match="more than 1 members"):
        detect(office("word"), "a.docx")


@settings(deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"%PDF-", b"{\\rtf", OLE[:8], b"<html>", b"From: "])
)
def test_any_bytes_are_of_a_known_kind_or_refused(data: bytes, start: bytes):
    try:
        kind = detect(start + data, "name.txt")
    except ParseFailed as failed:
        assert failed.reason  # noqa: PT017 (either end is right)
    else:
        assert kind.format in {*MODULES, "doc"}
