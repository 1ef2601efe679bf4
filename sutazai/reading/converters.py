"""Old Word documents, by a program of this machine that reads them. Never run through a shell, and with limits."""

import tempfile
from pathlib import Path
from typing import Final

from sutazai.errors.reading import ConverterMissing, DocumentBroken, DocumentTooLarge, DocumentTooSlow
from sutazai.errors.tools import ToolError, ToolMissing, ToolOutputTooLarge, ToolTimedOut
from sutazai.process.run import Completed, find_tool, run
from sutazai.reading.draft import MAX_CHARS, Draft
from sutazai.reading.failure import ParseFailed
from sutazai.sdk.document import ParsedDocument

_CONVERTERS: Final = (
    ("antiword", ("-m", "UTF-8.txt", "-w", "0")),
    ("catdoc", ("-d", "utf-8", "-w")),
)


async def read_doc(name: str, data: bytes, *, timeout_s: float, memory_bytes: int) -> ParsedDocument:
    """The text of an old Word document.

    Raises:
        DocumentError: no program here reads it, or the one that does cannot.
    """
    argv = [*_limited(memory_bytes), *_converter(name)]
    with tempfile.TemporaryDirectory(prefix="sutazai-") as folder:
        file = Path(folder) / "document.doc"
        file.write_bytes(data)
        try:
            done = await run([*argv, file], cwd=Path(folder), timeout_s=timeout_s, max_output_bytes=4 * MAX_CHARS)
        except ToolTimedOut as error:
            raise DocumentTooSlow(name, f"reading it takes longer than {timeout_s:g} s") from error
        except ToolOutputTooLarge as error:
            raise DocumentTooLarge(name, f"its text is longer than {MAX_CHARS} characters") from error
        except ToolError as error:
            raise DocumentBroken(name, error.message) from error
    return _document(name, done)


def _converter(name: str) -> list[str]:
    for tool, flags in _CONVERTERS:
        try:
            return [str(find_tool(tool)), *flags]
        except ToolMissing:
            continue
    raise ConverterMissing(name)


def _limited(memory_bytes: int) -> list[str]:
    """What puts a limit on the memory of a program, where the system has it."""
    try:
        return [str(find_tool("prlimit")), f"--as={memory_bytes}", "--fsize=0", "--"]
    except ToolMissing:
        return []


def _document(name: str, done: Completed) -> ParsedDocument:
    draft = Draft()
    try:
        for block in done.stdout.decode("utf-8", "replace").split("\n\n"):
            draft.paragraph(block)
        if done.returncode == 0:
            return draft.finish("doc")
    except ParseFailed as failed:
        raise DocumentBroken(name, failed.reason) from failed
    raise DocumentBroken(name, "the program that reads old Word documents cannot read it")
