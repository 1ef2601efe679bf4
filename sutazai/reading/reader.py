"""The port `DocumentReader` over files: finds them, reads their bytes with limits, and has children parse them.

Owns how many children there are and which error a failure becomes. Never parses anything in this process.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sutazai.disk.reading import Unreadable, read_bytes, too_large
from sutazai.errors.knowledge import DocumentError
from sutazai.errors.reading import (
    DocumentBroken,
    DocumentEncrypted,
    DocumentTooLarge,
    DocumentTooSlow,
    DocumentUnknown,
    DocumentUnreadable,
    DocumentWithoutText,
)
from sutazai.reading.collecting import Collecting
from sutazai.reading.wire import Answer, Failure
from sutazai.reading.worker import SLOW, Worker
from sutazai.sdk.document import DocumentSource, ParsedDocument
from sutazai.sdk.knowledge import DocumentSources

_ERRORS: Final[dict[str, Callable[[str, str], DocumentError]]] = {
    "encrypted": DocumentEncrypted,
    "no-text": DocumentWithoutText,
    "broken": DocumentBroken,
    "too-large": DocumentTooLarge,
    "unknown": DocumentUnknown,
    SLOW: DocumentTooSlow,
}


class FileReader:
    """Documents of one machine.

    Args:
        folder: what relative paths start from.
        max_file_bytes: larger files are refused.
        timeout_s: longest time for one document.
        memory_bytes: most memory for one document.
        jobs: documents read at once.
        without: folders in which nothing is a document.
        on_page: told how far a long document is: its name and the number of a page.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_file_bytes: int,
        timeout_s: float,
        memory_bytes: int,
        jobs: int = 2,
        without: Iterable[Path] = (),
        on_page: Callable[[str, int], None] | None = None,
    ) -> None:
        self._folder = folder
        self._max_file_bytes = max_file_bytes
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._without = tuple(without)
        self._on_page = on_page
        self._turns = asyncio.Semaphore(max(jobs, 1))
        self._idle: list[Worker] = []

    async def collect(self, paths: Sequence[str], *, exclude: Sequence[str] = ()) -> DocumentSources:
        """The files of paths, folders (git's ignore rules hold) and globs; what is missing is skipped and named."""
        return await asyncio.to_thread(self._collect, paths, exclude)

    async def original(self, source: DocumentSource) -> bytes:
        """The bytes of a source.

        Raises:
            DocumentError: it cannot be read or is too large.
        """
        if source.data is not None or source.path is None:
            return self._checked(source.name, source.data or b"")
        read = await asyncio.to_thread(read_bytes, source.path, self._max_file_bytes)
        if isinstance(read, Unreadable):
            kind = DocumentTooLarge if read.reason == too_large(self._max_file_bytes) else DocumentUnreadable
            raise kind(source.name, read.reason)
        return read

    async def read(self, source: DocumentSource, data: bytes) -> ParsedDocument:
        """The text of a document, by its content and not by its name's ending.

        Raises:
            DocumentError: it cannot be read; the subclass says why (encrypted, no text, broken, too large, unknown).
        """
        self._checked(source.name, data)
        async with self._turns, self._worker() as worker:
            answer = await worker.read(_hint(source), data, self._teller(source.name))
            return await self._document(source.name, data, answer)

    async def close(self) -> None:
        """Ends every child; safe to call twice."""
        while self._idle:
            await self._idle.pop().close()

    def _collect(self, paths: Sequence[str], exclude: Sequence[str]) -> DocumentSources:
        collecting = Collecting(self._folder, exclude, self._max_file_bytes, without=self._without)
        for path in paths:
            collecting.add(path)
        return collecting.found()

    def _checked(self, name: str, data: bytes) -> bytes:
        if len(data) > self._max_file_bytes:
            raise DocumentTooLarge(name, too_large(self._max_file_bytes))
        return data

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[Worker]:
        worker = self._idle.pop() if self._idle else self._new_worker()
        try:
            yield worker
        finally:
            self._idle.append(worker)

    def _new_worker(self) -> Worker:
        return Worker(timeout_s=self._timeout_s, memory_bytes=self._memory_bytes, max_file_bytes=self._max_file_bytes)

    def _teller(self, name: str) -> Callable[[int], None] | None:
        told = self._on_page
        return None if told is None else lambda number: told(name, number)

    async def _document(self, name: str, data: bytes, answer: Answer) -> ParsedDocument:
        if isinstance(answer, ParsedDocument):
            return answer
        if isinstance(answer, Failure):
            raise _ERRORS.get(answer.kind, DocumentError)(name, answer.reason)
        from sutazai.reading.converters import read_doc  # noqa: PLC0415 (loaded only when used)

        return await read_doc(name, data, timeout_s=self._timeout_s, memory_bytes=self._memory_bytes)


def _hint(source: DocumentSource) -> str:
    """The last part of a name: a folder's name says nothing of a document."""
    return source.name.replace("\\", "/").rpartition("/")[2]
