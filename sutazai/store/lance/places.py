"""Where a tenant's collections lie on disk, under names that every file system takes. Never opens a table."""

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sutazai.errors.knowledge import CollectionNameBad

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
_UNSAFE: Final = re.compile(r"[^a-z0-9-]+")
_SHOWN: Final = 40
_DIGEST: Final = 10


def stem(name: str) -> str:
    """A file name for any text: recognisable, and different wherever the texts differ (`Docs` and `docs` do)."""
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:_DIGEST]
    return f"{_UNSAFE.sub('-', name.lower())[:_SHOWN].strip('-') or 'x'}-{digest}"


def checked(name: str) -> str:
    """The name, if it can name a collection.

    Raises:
        CollectionNameBad: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise CollectionNameBad(name)
    return name


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one tenant."""

    root: Path

    @property
    def tables(self) -> Path:
        """Holds every table, those under construction too."""
        return self.root / "tables"

    @property
    def originals(self) -> Path:
        """Holds the documents as they came."""
        return self.root / "originals"

    def manifest(self, name: str) -> Path:
        """What is known of a collection."""
        return self.root / "collections" / f"{stem(name)}.json"

    def lock(self, name: str) -> Path:
        """Held while a collection is written."""
        return self.root / "locks" / f"{stem(name)}.lock"

    def table(self, table: str) -> Path:
        """The folder of a table."""
        return self.tables / f"{table}.lance"

    def manifests(self) -> list[Path]:
        """One file for each collection."""
        return sorted((self.root / "collections").glob("*.json"))

    def prepare(self) -> None:
        """Makes the folders, for their owner alone."""
        for folder in (self.root, self.tables, self.originals, self.root / "collections", self.root / "locks"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def tables_of(self, name: str) -> list[str]:
        """Every table that was made for a collection, used or left behind."""
        return sorted(each.stem for each in self.tables.glob(f"{stem(name)}-*.lance"))

    def drop_table(self, table: str) -> None:
        """Removes a table; what cannot be removed now goes with the next try."""
        shutil.rmtree(self.table(table), ignore_errors=True)


def folder_bytes(folder: Path) -> int:
    """The size of all files under a folder; files that vanish meanwhile do not count."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
