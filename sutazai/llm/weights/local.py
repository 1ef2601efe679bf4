"""Model files a user names by path, and how any file's hash is computed. Never copies or changes them."""

import hashlib
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sutazai.errors.weights import NotWeights

_MAGIC: Final = b"GGUF"
_HEADER_BYTES: Final = 24
_CHUNK_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LocalWeights:
    """A GGUF file somewhere on this machine."""

    path: Path
    size_bytes: int

    @classmethod
    def at(cls, path: Path) -> "LocalWeights":
        """The weights at a path (`~` is resolved).

        Raises:
            NotWeights: nothing is there, or it is not a GGUF file.
        """
        try:
            where = path.expanduser().absolute()
            status = where.stat()
            _require(stat.S_ISREG(status.st_mode), where, "it is not a regular file")
            with where.open("rb") as file:
                header = file.read(_HEADER_BYTES)
        except (OSError, ValueError, RuntimeError) as error:  # the last two: no path at all, or nobody's home
            raise NotWeights(str(path), getattr(error, "strerror", "") or str(error)) from error
        _require(len(header) == _HEADER_BYTES and header.startswith(_MAGIC), path, "it does not start as a GGUF file")
        return cls(where, status.st_size)

    @property
    def name(self) -> str:
        """How it is named in reports: the file's name without `.gguf`."""
        return self.path.stem

    def digest(self) -> str:
        """Its sha256 in hex. Reads the whole file: seconds, so call it in a thread and once."""
        return sha256_of(self.path)


def _require(holds: bool, path: Path, reason: str) -> None:
    if not holds:
        raise NotWeights(str(path), reason)


def looks_like_path(name: str) -> bool:
    """Whether a user meant a file by this and not a model's name: it ends in .gguf, or starts like a path."""
    return (
        name.lower().endswith(".gguf") or name.startswith(("/", "./", "../", "~", "\\")) or name[1:3] in {":\\", ":/"}
    )


def sha256_of(path: Path, *, seen: Callable[[int], None] | None = None) -> str:
    """The sha256 of a file in hex.

    Args:
        path: the file.
        seen: told the number of bytes read so far; may raise to stop.
    """
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            if seen:
                seen(done)
    return digest.hexdigest()
