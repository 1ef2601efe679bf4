"""The originals of documents under the hash of their bytes: written whole or not at all, readable by the owner alone.

Who keeps one and has not yet said which document it belongs to holds a claim, so that nobody takes it away meanwhile.
Every method that changes something is called while the caller holds the lock of the folder. Never reads a document.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from sutazai.disk.replacing import replace_file

_NAME: Final = re.compile(r"[0-9a-f]{64}")
CLAIM_S: Final = 86_400.0


class Blobs:
    """Bytes by their sha256.

    Args:
        folder: where they lie; made with the first one.
        claim_s: a claim older than this was left behind by a process that died.
    """

    def __init__(self, folder: Path, *, claim_s: float = CLAIM_S) -> None:
        self._folder = folder
        self._claims = folder / "claims"
        self._claim_s = claim_s
        self._token = secrets.token_hex(8)

    def keep(self, data: bytes) -> str:
        """Keeps the bytes and claims them; gives their sha256.

        Raises:
            OSError: they cannot be written.
        """
        name = hashlib.sha256(data).hexdigest()
        path = self._path(name)
        for folder in (self._claims, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        claim = self._claims / f"{name}.{self._token}"
        claim.touch(mode=0o600)
        if not path.is_file() or path.stat().st_size != len(data):
            replace_file(path, data)
        return name

    def read(self, name: str) -> bytes | None:
        """The bytes of that hash; None where there are none, or others."""
        if not _NAME.fullmatch(name):
            return None
        try:
            data = self._path(name).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == name else None

    def settle(self, names: Iterable[str]) -> None:
        """Gives up our claims: documents hold them now."""
        for name in set(names):
            with suppress(OSError):
                (self._claims / f"{name}.{self._token}").unlink(missing_ok=True)

    def unclaimed(self, names: Iterable[str]) -> list[str]:
        """Those that nobody is about to use."""
        claimed = self._claimed()
        return [name for name in sorted(set(names)) if _NAME.fullmatch(name) and name not in claimed]

    def drop(self, names: Iterable[str]) -> None:
        """Removes them."""
        for name in names:
            path = self._path(name)
            with suppress(OSError):
                path.unlink(missing_ok=True)
                path.parent.rmdir()

    def names(self) -> list[str]:
        """Everything that is kept."""
        return sorted(path.name for path in self._folder.glob("??/*") if _NAME.fullmatch(path.name))

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _claimed(self) -> set[str]:
        """What has a claim; claims of processes that died long ago are removed."""
        found = set()
        for claim in self._claims.glob("*.*"):
            with suppress(OSError):
                if time.time() - claim.stat().st_mtime > self._claim_s:
                    claim.unlink()
                else:
                    found.add(claim.name.partition(".")[0])
        return found
