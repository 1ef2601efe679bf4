"""Old Word documents through a program; a script stands in for it, for it is rarely installed."""

import sys
from pathlib import Path

import pytest

from sutazai.errors.reading import ConverterMissing, DocumentBroken, DocumentTooLarge, DocumentTooSlow
from sutazai.reading import converters
from sutazai.reading.converters import read_doc
from sutazai.sdk.document import ParsedDocument

ECHO = "import sys; sys.stdout.write(open(sys.argv[-1], 'rb').read().decode())"


def install(folder: Path, name: str, program: str) -> None:
    script = folder / name
    script.write_text(f"#!{sys.executable} -S\n{program}\n")
    script.chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}")
    return tmp_path


async def converted(data: bytes = b"x", timeout_s: float = 60) -> ParsedDocument:
    return await read_doc("old.doc", data, timeout_s=timeout_s, memory_bytes=1 << 40)


@pytest.mark.parametrize("tool", ["antiword", "catdoc"])
async def test_the_text_comes_in_paragraphs_by_whichever_is_installed(tools: Path, tool: str):
    install(tools, tool, ECHO)
    document = await converted("One.\n\n\n\nZwö.\n".encode())
    assert (document.format, document.text) == ("doc", "One.\n\nZwö.")


async def test_without_a_program_the_message_names_both(tools: Path):
    with pytest.raises(ConverterMissing, match="antiword or catdoc") as caught:
        await converted()
    assert "save it as .docx" in caught.value.hint


async def test_memory_is_limited_where_the_system_can(tools: Path):
    install(tools, "prlimit", "import sys; print('\\n\\n'.join(sys.argv[1:4]))")
    install(tools, "antiword", ECHO)
    assert (await converted()).text == f"--as={1 << 40}\n\n--fsize=0\n\n--"


@pytest.mark.parametrize("program", ["print('half of it'); raise SystemExit(1)", "pass"])
async def test_a_document_that_the_program_does_not_read_is_broken(tools: Path, program: str):
    install(tools, "antiword", program)
    with pytest.raises(DocumentBroken):
        await converted()


async def test_a_program_that_does_not_end_is_ended(tools: Path):
    install(tools, "antiword", "import time; time.sleep(60)")
    with pytest.raises(DocumentTooSlow):
        await converted(timeout_s=0.1)


async def test_a_program_that_writes_without_end_is_ended(tools: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(converters, "MAX_CHARS", 100)
    install(tools, "antiword", "while True: print('x' * 1000)")
    with pytest.raises(DocumentTooLarge):
        await converted()


async def test_a_program_that_cannot_run_is_told(tools: Path):
    (tools / "antiword").write_bytes(b"\0\1 no program")
    (tools / "antiword").chmod(0o755)
    with pytest.raises(DocumentBroken, match="cannot be started"):
        await converted()
