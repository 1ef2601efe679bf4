"""The port `Undo` over a folder: what files held before and after a change, by content, and a manifest of each change.

For the owner alone, since it holds their code. A manifest is written after all it names: a kept application is whole.
"""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sutazai.disk.replacing import replace_file
from sutazai.errors.fixes import NothingToUndo, UndoUnusable
from sutazai.sdk.ports import Application, Clock, FileChange

SCHEMA: Final = "sutazai.undo/1"
_KEPT: Final = 50
_MAX_MANIFEST_BYTES: Final = 10_000_000


class UndoStore:
    """Applications of changes, the newest last.

    Args:
        folder: where they are kept; made when the first one is.
        caller: the folder that relative paths start from.
        clock: dates the applications.
        kept: how many applications to keep.
    """

    def __init__(self, folder: Path, *, caller: Path, clock: Clock, kept: int = _KEPT) -> None:
        self._folder = folder
        self._blobs = folder / "blobs"
        self._caller = caller
        self._clock = clock
        self._most = kept

    async def keep(self, root: Path, changes: Sequence[FileChange]) -> str:
        """Keeps an application and gives its id; those over the limit go, with what only they held.

        Raises:
            UndoUnusable: the folder cannot be written.
        """
        return await asyncio.to_thread(self._safely, self._keep, root, changes)

    async def last(self, paths: Sequence[str] = ()) -> Application:
        """The newest application around the given paths (none: the caller's folder), above or below them.

        Raises:
            NothingToUndo: there is none.
            UndoUnusable: what was kept cannot be read.
        """
        return await asyncio.to_thread(self._safely, self._last, paths)

    async def forget(self, application: str) -> None:
        """Drops an application, with what only it held.

        Raises:
            UndoUnusable: the folder cannot be written.
        """
        await asyncio.to_thread(self._safely, self._forget, application)

    def _safely(self, work: Any, *arguments: Any) -> Any:
        try:
            return work(*arguments)
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            raise UndoUnusable(str(self._folder), reason or "it is damaged") from error

    def _keep(self, root: Path, changes: Sequence[FileChange]) -> str:
        self._blobs.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self._folder, self._blobs):
            folder.chmod(0o700)
        now = self._clock.now()
        files = [
            {"path": each.path, "before": self._put(each.before), "after": self._put(each.after)} for each in changes
        ]
        key = self._next_key(now)
        manifest = {"schema": SCHEMA, "root": str(root), "at": now.isoformat(), "files": files}
        replace_file(self._folder / f"{key}.json", json.dumps(manifest, indent=1).encode())
        self._drop(self._manifests()[: -self._most])
        return key

    def _next_key(self, now: datetime) -> str:
        """Sorts by time of making, also where the clock stands still or went back."""
        newest = max((int(each.stem.partition("-")[0]) for each in self._manifests()), default=0)
        return f"{max(int(now.timestamp() * 1000), newest + 1):015d}-{secrets.token_hex(4)}"

    def _put(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        if not (self._blobs / name).exists():
            replace_file(self._blobs / name, data)
        return name

    def _manifests(self) -> list[Path]:
        return sorted(each for each in self._folder.glob("*.json") if each.stem.partition("-")[0].isdecimal())

    def _last(self, paths: Sequence[str]) -> Application:
        places = [(self._caller / each).resolve() for each in paths or (".",)]
        elsewhere = ""
        for path in reversed(self._manifests()):
            manifest = _read(path)
            root = Path(manifest["root"])
            if all(place.is_relative_to(root) or root.is_relative_to(place) for place in places):
                return self._application(path.stem, root, manifest)
            elsewhere = elsewhere or str(root)
        raise NothingToUndo(", ".join(map(str, places)), elsewhere)

    def _application(self, key: str, root: Path, manifest: dict[str, Any]) -> Application:
        changes = tuple(
            FileChange(each["path"], self._get(each["before"]), self._get(each["after"])) for each in manifest["files"]
        )
        return Application(key, root, datetime.fromisoformat(manifest["at"]), changes)

    def _get(self, name: str) -> bytes:
        data = (self._blobs / Path(name).name).read_bytes()
        if hashlib.sha256(data).hexdigest() != name:
            raise ValueError(name)
        return data

    def _forget(self, application: str) -> None:
        self._drop([each for each in self._manifests() if each.stem == application])

    def _drop(self, manifests: Sequence[Path]) -> None:
        if not manifests:
            return
        for path in manifests:
            path.unlink(missing_ok=True)
        held = {
            blob
            for path in self._manifests()
            for each in _read(path)["files"]
            for blob in (each["before"], each["after"])
        }
        for blob in self._blobs.iterdir():
            if blob.name not in held and len(blob.name) == hashlib.sha256().digest_size * 2:
                with suppress(OSError):
                    blob.unlink()


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        manifest = json.loads(file.read(_MAX_MANIFEST_BYTES))
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise ValueError(path.name)
    return manifest
