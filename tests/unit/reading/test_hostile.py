"""Documents made to do harm, read by real children: each ends soon and small with its reason, and the rest goes on."""

import io
import os
import random
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sutazai.errors.knowledge import DocumentError
from sutazai.errors.reading import (
    DocumentBroken,
    DocumentEncrypted,
    DocumentTooLarge,
    DocumentTooSlow,
    DocumentUnknown,
    DocumentWithoutText,
)
from sutazai.reading.reader import FileReader
from sutazai.sdk.document import DocumentSource, ParsedDocument
from tests.support.pdf import PICTURE, Pdf, assembled, stream

MEBIBYTE = 1 << 20
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LAUGHS = "<!DOCTYPE d [<!ENTITY a0 'ha'>{}]>".format(
    "".join(f"<!ENTITY a{each} '{f'&a{each - 1};' * 10}'>" for each in range(1, 12))
)
FETCH = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def archive(members: dict[str, bytes | str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return held.getvalue()


def docx(body: str, before: str = "") -> bytes:
    document = f"<?xml version='1.0'?>{before}<w:document {WORD}><w:body>{body}</w:body></w:document>"
    return archive({"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": document})


def swollen(size_bytes: int, before: bytes = b"", after: bytes = b"") -> bytes:
    """A member of a docx that is blanks in the main."""
    document = before + b" " * size_bytes + after
    return archive({"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": document})


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def endless_pdf() -> bytes:
    """A few hundred bytes of forms, each drawing the next ten times, thirty deep."""
    forms = 30
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R "
        b"/Resources << /XObject << /F 10 0 R >> >> >>",
        4: stream(b"/F Do " * 10),
    }
    for number in range(10, 10 + forms):
        inner = zlib.compress(b"/F Do " * 10)
        nested = f"<< /XObject << /F {number + 1} 0 R >> >>".encode()
        head = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources " + nested + b" /Filter /FlateDecode"
        objects[number] = head + b" /Length %d >>\nstream\n" % len(inner) + inner + b"\nendstream"
    return assembled(objects, "/Root 1 0 R")


def flate_bomb() -> bytes:
    """A content stream of gigabytes, packed twice."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"
    once = zlib.compress(b"0 0 m " * (60 * MEBIBYTE // 6), 9)
    packed = zlib.compress(once * 40, 9)
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        3: page,
        4: b"<< /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream",
    }
    return assembled(objects, "/Root 1 0 R")


def long_content() -> bytes:
    """Twenty-five kilobytes that are gigabytes of drawing."""
    pdf = Pdf().page().draw("0 0 m 1 1 l S q Q " * 600_000)
    return pdf.data()


HOSTILE: dict[str, tuple[Callable[[], bytes], tuple[type[DocumentError], ...]]] = {
    "empty.pdf": (lambda: b"", (DocumentWithoutText,)),
    "zeros.txt": (lambda: bytes(MEBIBYTE), (DocumentWithoutText,)),
    "random.docx": (lambda: random.Random(1).randbytes(200_000), (DocumentUnknown,)),
    "endless.pdf": (endless_pdf, (DocumentTooSlow, DocumentWithoutText, DocumentTooLarge)),
    "flate.pdf": (flate_bomb, (DocumentTooSlow, DocumentTooLarge, DocumentBroken, DocumentWithoutText)),
    "long.pdf": (long_content, (DocumentTooSlow, DocumentTooLarge, DocumentWithoutText)),
    "locked.pdf": (lambda: Pdf(encrypted=True).page().text(9, 9, "secret").data(), (DocumentEncrypted,)),
    "scan.pdf": (lambda: Pdf().page().draw(PICTURE).data(), (DocumentWithoutText,)),
    "cut.pdf": (lambda: b"%PDF-1.7\n1 0 obj <<", (DocumentBroken,)),
    "bomb.docx": (lambda: swollen(60 * MEBIBYTE), (DocumentTooLarge, DocumentBroken)),
    "laughs.docx": (lambda: docx(paragraph("&a11;"), LAUGHS), (DocumentBroken,)),
    "fetch.docx": (lambda: docx(paragraph("&x;"), FETCH), (DocumentBroken,)),
    "deep.docx": (lambda: docx("<w:p>" * 100_000 + "</w:p>" * 100_000), (DocumentTooLarge, DocumentBroken)),
    "nested.zip": (lambda: archive({"a.zip": archive({"b.zip": archive({"c": b"x"})})}), (DocumentUnknown,)),
    "members.docx": (
        lambda: archive({"[Content_Types].xml": TYPES, **{f"word/{each}": b"" for each in range(21_000)}}),
        (DocumentTooLarge,),
    ),
    "deep.ipynb": (
        lambda: b'{"nbformat": 4, "cells": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}",
        (DocumentBroken, DocumentTooLarge, DocumentWithoutText),
    ),
    "broken.rtf": (lambda: b"{\\rtf1 " + b"{" * 2_000_000, (DocumentBroken, DocumentTooLarge, DocumentWithoutText)),
    "long.txt": (lambda: b"words and " * (9 * MEBIBYTE), (DocumentTooLarge,)),
    "too-large.txt": (lambda: b"x" * (121 * MEBIBYTE), (DocumentTooLarge,)),
}

ODD_BUT_READABLE: dict[str, tuple[Callable[[], bytes], str]] = {
    "deep.html": (lambda: b"<html>" + b"<div>" * 200_000 + b"bottom" + b"</div>" * 200_000, ""),
    "wrong.docx": (lambda: Pdf().page().text(70, 70, "a PDF after all").data(), "a PDF after all"),
    "wrong.pdf": (lambda: docx(paragraph("a letter after all")), "a letter after all"),
    "one-line.txt": (lambda: b"word " * 2_000_000, "word word"),
}


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[FileReader]:
    reader = FileReader(tmp_path, max_file_bytes=120 * MEBIBYTE, timeout_s=2, memory_bytes=600 * MEBIBYTE)
    yield reader
    await reader.close()


async def outcome(reader: FileReader, name: str, data: bytes) -> ParsedDocument | DocumentError:
    try:
        return await reader.read(DocumentSource(name, data=data), data)
    except DocumentError as error:
        return error


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_document_ends_with_its_reason_and_the_next_is_read(reader: FileReader, name: str):
    build, expected = HOSTILE[name]
    ended = await outcome(reader, name, build())
    assert isinstance(ended, expected), ended
    assert name in ended.message
    assert 0 < len(ended.reason) < 200
    good = await outcome(reader, "good.txt", b"All is well.")
    assert isinstance(good, ParsedDocument)
    assert good.text.strip() == "All is well."


@pytest.mark.parametrize("name", ODD_BUT_READABLE)
async def test_an_odd_document_is_read_or_refused_but_never_harmful(reader: FileReader, name: str):
    build, expected = ODD_BUT_READABLE[name]
    ended = await outcome(reader, name, build())
    if expected:
        assert isinstance(ended, ParsedDocument), ended
        assert expected in ended.text
    else:
        assert isinstance(ended, ParsedDocument | DocumentBroken | DocumentTooLarge | DocumentTooSlow)


async def test_files_cut_and_changed_anywhere_are_read_or_refused(reader: FileReader):
    """Every parser that has to trust the structure of its file."""
    chance = random.Random(7)
    pdf = Pdf(title="T", outline=[(1, "One", 0)]).page().text(70, 700, "One", size=20).text(70, 600, "some words")
    for name, whole in (("a.pdf", pdf.data()), ("a.docx", docx(paragraph("some words") * 3))):
        for _ in range(60):
            data = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.5 else whole)
            for _ in range(chance.randrange(4)):
                at = chance.randrange(len(data) + 1)
                data[at : at + 1] = bytes([chance.randrange(256)])
            assert isinstance(await outcome(reader, name, bytes(data)), ParsedDocument | DocumentError)


async def test_devices_pipes_and_loops_are_refused_without_waiting(reader: FileReader, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", 1 << 30)
    found = await reader.collect(["pipe", "loop", "large", "/dev/zero", "gone"])
    assert {(each.path, each.reason, each.named) for each in found.skipped} == {
        ("pipe", "it is a pipe", True),
        ("loop", "its symbolic links form a loop", True),
        ("large", "larger than 125829120 bytes", True),
        ("/dev/zero", "it is a device", True),
        ("gone", "it does not exist", True),
    }
    for name in ("pipe", "large", "gone"):
        with pytest.raises(DocumentError):
            await reader.original(DocumentSource(name, tmp_path / name))
    with pytest.raises(DocumentError, match="it is a device"):
        await reader.original(DocumentSource("zero", Path("/dev/zero")))
