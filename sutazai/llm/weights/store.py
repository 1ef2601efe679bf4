"""Weights on this machine: kept by their hash, found by their name.

Owns one folder: `blobs/sha256-HEX` (the bytes), `names/*.json` (what each is and when it was checked),
`partial/` (what is being fetched), `derived/` (what was prepared from a blob, by its hash), `locks/`. Nothing is a blob
before its hash was checked.
"""

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from sutazai.errors.weights import WeightsBusy, WeightsCorrupt, WeightsFolderUnusable
from sutazai.llm.catalog import CATALOG, Entry, find
from sutazai.llm.weights.local import sha256_of
from sutazai.llm.weights.partial import Partial

_RECORD_LIMIT_BYTES: Final = 65536
_HEX: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Installed:
    """Weights that are here and were checked. `checked_mtime_ns` is the file's time stamp when they were."""

    name: str
    file: str
    size_bytes: int
    sha256: str
    licence: str
    checked_mtime_ns: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes on disk by name: whole weights with what was prepared of them, and what unfinished downloads left."""

    installed: dict[str, int] = field(default_factory=dict)
    partial: dict[str, int] = field(default_factory=dict)

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return sum(self.installed.values()) + sum(self.partial.values())


class WeightStore:
    """The weights under one folder. Makes nothing until something is stored.

    Args:
        folder: where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()  # pip runs in a folder of its own

    def blob(self, entry: Entry) -> Path:
        """Where the bytes of an entry belong, there or not."""
        return self.folder / "blobs" / f"sha256-{entry.sha256}"

    def lock_file(self, entry: Entry) -> Path:
        """The file a process locks while it fetches or deletes an entry."""
        return self.lock_of(entry.sha256)

    def lock_of(self, sha256: str) -> Path:
        """The file a process locks while it works with the bytes of a hash."""
        return self.folder / "locks" / f"{sha256}.lock"

    def derived(self, sha256: str) -> Path:
        """The folder of what was prepared from the bytes of a hash; it goes when they go."""
        return self.folder / "derived" / f"sha256-{sha256}"

    def partial(self, entry: Entry) -> Partial:
        """The unfinished download of an entry."""
        return Partial(self.folder / "partial" / f"sha256-{entry.sha256}", entry.segments)

    def installed(self) -> list[Installed]:
        """What is here and whole, by name."""
        records = (_read(path) for path in sorted(self.folder.glob("names/*.json")))
        return [each for each in records if each and self._unchanged(each)]

    def path_of(self, entry: Entry) -> Path | None:
        """The checked file of an entry; None if it is missing, or was changed since its hash was checked."""
        record = _read(self._record(entry.name))
        here = record is not None and record.sha256 == entry.sha256 and self._unchanged(record)
        return self.blob(entry) if here else None

    def verify(self, entry: Entry, *, seen: Callable[[int], None] | None = None) -> Path | None:
        """Reads every byte again; also takes in a file that a user copied here by hand. Takes seconds.

        Args:
            entry: what should be here, as a blob or under its official file name.
            seen: told how many bytes were read.

        Returns:
            The checked file, or None if there is none.

        Raises:
            WeightsCorrupt: the bytes are others; the file was deleted.
        """
        for path in (self.blob(entry), self.folder / entry.file):
            if path.is_file() and not path.is_symlink():
                return self.adopt(entry, path, seen=seen)
        return None

    def adopt(self, entry: Entry, path: Path, *, seen: Callable[[int], None] | None = None) -> Path:
        """Checks the hash of a file, moves it to its place and writes down what it is.

        Raises:
            WeightsCorrupt: the bytes are others; the file was deleted.
        """
        found = sha256_of(path, seen=seen)
        if found != entry.sha256:
            path.unlink()
            raise WeightsCorrupt(entry.name, path.name, entry.sha256, found)
        blob = self.blob(entry)
        blob.parent.mkdir(parents=True, exist_ok=True)
        _flush(path)
        path.replace(blob)
        self._write(entry, blob)
        return blob

    def remove(self, name: str) -> int:
        """Deletes weights by name or alias, with what was prepared of them and what an unfinished download left.

        Returns:
            How many bytes were freed; 0 if there was nothing.

        Raises:
            WeightsBusy: they are being fetched.
            WeightsFolderUnusable: the file system refuses.
        """
        entry = find(name)
        if entry is None or not self.folder.is_dir():
            return 0
        try:
            return self._remove(entry)
        except OSError as error:
            raise WeightsFolderUnusable(str(self.folder), error.strerror or str(error)) from error

    def sizes(self) -> Sizes:
        """What takes how much room."""
        here = self.installed()
        installed = {each.name: each.size_bytes + _allocated(self.derived(each.sha256)) for each in here}
        partial = {}
        for folder in sorted(self.folder.glob("partial/sha256-*")):
            name = next((e.name for e in CATALOG if folder.name == f"sha256-{e.sha256}"), folder.name)
            partial[name] = _allocated(folder)
        return Sizes(installed, partial)

    def _remove(self, entry: Entry) -> int:
        from filelock import FileLock, Timeout  # noqa: PLC0415 (loaded only when used)

        self.lock_file(entry).parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.lock_file(entry)).acquire(timeout=0):
                return self._delete(entry)
        except Timeout as error:
            raise WeightsBusy(entry.name) from error

    def _delete(self, entry: Entry) -> int:
        blob, others = self.blob(entry), (self.partial(entry).folder, self.derived(entry.sha256))
        freed = sum(map(_allocated, others)) + (blob.stat().st_size if blob.is_file() else 0)
        self._record(entry.name).unlink(missing_ok=True)
        blob.unlink(missing_ok=True)
        for each in others:
            shutil.rmtree(each, ignore_errors=True)
        return freed

    def _unchanged(self, record: Installed) -> bool:
        try:
            status = (self.folder / "blobs" / f"sha256-{record.sha256}").stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (record.size_bytes, record.checked_mtime_ns)

    def _record(self, name: str) -> Path:
        return self.folder / "names" / f"{name.replace(':', '_').replace('/', '_')}.json"

    def _write(self, entry: Entry, blob: Path) -> None:
        status = blob.stat()
        record = Installed(
            entry.name, entry.file, status.st_size, entry.sha256, entry.licence, checked_mtime_ns=status.st_mtime_ns
        )
        path = self._record(entry.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(record), indent=2), encoding="utf-8")
        fresh.replace(path)


def _flush(path: Path) -> None:
    # Without this a power cut could leave holes in a file that is on record as checked.
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _read(path: Path) -> Installed | None:
    """A record of the index; None for one that is missing or not ours."""
    try:
        with path.open("rb") as file:
            record = Installed(**json.loads(file.read(_RECORD_LIMIT_BYTES)))
    except (OSError, ValueError, TypeError):
        return None
    return record if _HEX.fullmatch(str(record.sha256)) else None


def _allocated(folder: Path) -> int:
    """Bytes that files really take: an unfinished download has holes."""
    total = 0
    for path in folder.rglob("*"):
        status = path.lstat()
        total += min(status.st_size, getattr(status, "st_blocks", status.st_size) * 512)
    return total
