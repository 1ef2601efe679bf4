"""Finds documents whose file is gone. Must never call a file gone that is only left out of the search for files."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from sutazai.errors.knowledge import DocumentError
from sutazai.sdk.document import DocumentRecord, DocumentSource
from sutazai.sdk.knowledge import DocumentReader


async def gone(
    records: Iterable[DocumentRecord], paths: Sequence[str], seen: Iterable[str], reader: DocumentReader
) -> list[DocumentRecord]:
    """The documents under `paths` that are not there any more.

    Args:
        records: of the collection.
        paths: files and folders as the caller gave them.
        seen: names of files that were found, also those that could not be read.
        reader: looks whether a file that was not found is there after all (because it is ignored now).
    """
    roots, known = _roots(paths), set(seen)
    missing = (each for each in records if each.name not in known and _under(each.source, roots))
    return [each for each in missing if not await _readable(each, reader)]


def _roots(paths: Sequence[str]) -> list[Path]:
    return [Path(each).absolute() for each in paths]


def _under(source: str, roots: Sequence[Path]) -> bool:
    return any(Path(source).is_relative_to(root) for root in roots)


async def _readable(record: DocumentRecord, reader: DocumentReader) -> bool:
    try:
        await reader.original(DocumentSource(record.name, Path(record.source)))
    except DocumentError:
        return False
    return True
