"""The port `DocumentReader` with real children."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sutazai.errors.knowledge import DocumentError
from sutazai.errors.reading import (
    ConverterMissing,
    DocumentBroken,
    DocumentEncrypted,
    DocumentTooLarge,
    DocumentUnknown,
    DocumentUnreadable,
    DocumentWithoutText,
)
from sutazai.reading.reader import FileReader
from sutazai.reading.worker import Worker
from sutazai.sdk.document import DocumentSource, ParsedDocument
from tests.support.pdf import Pdf


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[FileReader]:
    reader = FileReader(tmp_path, max_file_bytes=1_000_000, timeout_s=30, memory_bytes=1_000_000_000)
    yield reader
    await reader.close()


def given_bytes(name: str, data: bytes) -> DocumentSource:
    return DocumentSource(name, data=data)


async def read(reader: FileReader, name: str, data: bytes) -> ParsedDocument:
    return await reader.read(given_bytes(name, data), data)


async def test_a_file_is_found_fetched_and_read(reader: FileReader, tmp_path: Path):
    (tmp_path / "report.txt").write_bytes(Pdf(title="A report").page().text(70, 700, "Hello there").data())
    (source,) = (await reader.collect(["report.txt"])).sources
    document = await reader.read(source, await reader.original(source))
    assert (document.format, document.title, document.text) == ("pdf", "A report", "Hello there")


async def test_a_warm_child_reads_as_a_fresh_one_does(reader: FileReader):
    data = Pdf(title="A report").page().text(70, 700, "Hello there", size=20).text(70, 600, "text").data()
    first = await read(reader, "a.pdf", data)
    await read(reader, "b.md", b"# Other\n\nwords")
    again = await read(reader, "a.pdf", data)
    await reader.close()
    assert first == again == await read(reader, "a.pdf", data)


async def test_documents_are_read_at_once_by_as_many_children_as_allowed(reader: FileReader):
    documents = await asyncio.gather(*(read(reader, f"{each}.txt", b"text %d" % each) for each in range(12)))
    assert [each.text.strip() for each in documents] == [f"text {each}" for each in range(12)]
    assert len(reader._idle) <= 2


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (Pdf(encrypted=True).page().data(), DocumentEncrypted),
        (b"", DocumentWithoutText),
        (b"%PDF-1.7", DocumentBroken),
        (b"\x7fELF" + bytes(99), DocumentUnknown),
        (b"x" * 1_000_001, DocumentTooLarge),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), ConverterMissing),
    ],
)
async def test_each_kind_of_failure_is_an_error_of_its_own(
    reader: FileReader, data: bytes, error: type[DocumentError], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(error) as caught:
        await read(reader, "folder/name.bin", data)
    assert caught.value.message.startswith("folder/name.bin: ")
    assert caught.value.hint


async def test_a_failure_of_no_known_kind_is_an_error_still(reader: FileReader, monkeypatch: pytest.MonkeyPatch):
    async def start(_self: object) -> None:
        raise OSError(11, "no more processes")

    monkeypatch.setattr("sutazai.process.child.Child.start", start)
    with pytest.raises(DocumentError, match="no more processes"):
        await read(reader, "a.txt", b"x")


async def test_the_original_of_bytes_is_the_bytes(reader: FileReader):
    assert await reader.original(given_bytes("a", b"x")) == b"x"
    with pytest.raises(DocumentTooLarge):
        await reader.original(given_bytes("a", b"x" * 1_000_001))


async def test_a_file_that_went_away_or_grew_since_is_told(reader: FileReader, tmp_path: Path):
    with pytest.raises(DocumentUnreadable, match="does not exist"):
        await reader.original(DocumentSource("gone", tmp_path / "gone"))
    (tmp_path / "grown").write_bytes(b"x" * 1_000_001)
    with pytest.raises(DocumentTooLarge):
        await reader.original(DocumentSource("grown", tmp_path / "grown"))


async def test_progress_names_the_document(tmp_path: Path):
    told: list[tuple[str, int]] = []
    reader = FileReader(
        tmp_path,
        max_file_bytes=1_000_000,
        timeout_s=30,
        memory_bytes=1_000_000_000,
        on_page=lambda name, number: told.append((name, number)),
    )
    pdf = Pdf()
    for _ in range(41):
        pdf.page().text(70, 70, "x")
    await read(reader, "long.pdf", pdf.data())
    await reader.close()
    assert told == [("long.pdf", 20), ("long.pdf", 40)]


async def test_a_caller_that_gives_up_frees_its_turn(reader: FileReader, monkeypatch: pytest.MonkeyPatch):
    async def forever(*_: object) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(Worker, "read", forever)
        tasks = [asyncio.ensure_future(read(reader, "a", b"x")) for _ in range(2)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert (await read(reader, "a.txt", b"words")).text.strip() == "words"


async def test_closing_twice_or_unused_is_harmless(reader: FileReader):
    await reader.close()
    await read(reader, "a.txt", b"x")
    await reader.close()
    await reader.close()
