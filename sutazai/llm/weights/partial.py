"""A file that arrives in segments, in any order and from any source, and survives being killed.

Owns one folder: the data, and how much of each segment is there. Never decides where bytes come from, and never says
that they are right: only the hash of the whole does.
"""

import contextlib
import json
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sutazai.llm.catalog import Segment

_SAVE_EVERY_BYTES: Final = 16 * 1024 * 1024
_STATE_LIMIT_BYTES: Final = 65536


class Partial:
    """Segments of one file, some of them filled.

    Args:
        folder: where data and state are kept; made by `open`.
        segments: the stretches of the whole file, in order, without gaps.
    """

    def __init__(self, folder: Path, segments: Sequence[Segment]) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.segments = tuple(segments)
        self.size_bytes = sum(each.size_bytes for each in segments)
        self._state = folder / "state.json"
        self._done = [0] * len(self.segments)
        self._unsaved = 0
        self._lock = threading.Lock()

    def open(self) -> None:
        """Takes up what an earlier run left, or starts anew; leftovers of that run's downloads go."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for leftover in self.folder.glob("pip-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        if not self._resume():
            self._done = [0] * len(self.segments)
            with self.data.open("wb") as file:
                file.truncate(self.size_bytes)
            self.save()

    def _resume(self) -> bool:
        """Reads the state; False if there is none, or if it belongs to other segments or other data."""
        try:
            with self._state.open("rb") as file:
                state = json.loads(file.read(_STATE_LIMIT_BYTES))
            fits = state["sizes"] == [s.size_bytes for s in self.segments] and self._whole()
            done = [int(each) for each in state["done"]]
        except (OSError, ValueError, KeyError, TypeError):
            return False
        if not fits or len(done) != len(self.segments):
            return False
        self._done = [min(max(have, 0), seg.size_bytes) for have, seg in zip(done, self.segments, strict=True)]
        return True

    def _whole(self) -> bool:
        return self.data.stat().st_size == self.size_bytes

    @property
    def done_bytes(self) -> int:
        """How much of the file is there."""
        return sum(self._done)

    def have(self, segment: Segment) -> int:
        """How many bytes of a segment are there, from its start."""
        return self._done[segment.index]

    def missing(self) -> list[Segment]:
        """The segments that are not complete."""
        return [each for each in self.segments if self.have(each) < each.size_bytes]

    def write(self, segment: Segment, offset: int, data: bytes) -> None:
        """Writes bytes at an offset of a segment without counting them.

        Raises:
            ValueError: they would run over the segment's end.
            OSError: the disk refuses.
        """
        if offset + len(data) > segment.size_bytes:
            raise ValueError("more bytes than the segment has")
        with self.data.open("r+b") as file:
            file.seek(segment.start + offset)
            file.write(data)

    def count(self, segment: Segment, have: int) -> None:
        """Says that a segment's first `have` bytes are there; saved now and then, and always when it is complete."""
        with self._lock:
            self._unsaved += have - self._done[segment.index]
            self._done[segment.index] = have
        if self._unsaved >= _SAVE_EVERY_BYTES or have == segment.size_bytes:
            self.save()

    def save(self) -> None:
        """Keeps the state, atomically."""
        with self._lock:
            fresh = self._state.with_suffix(".new")
            fresh.write_text(json.dumps({"sizes": [s.size_bytes for s in self.segments], "done": self._done}))
            fresh.replace(self._state)
            self._unsaved = 0

    def close(self) -> None:
        """Keeps the state if the disk lets us; what cannot be kept is fetched again."""
        with contextlib.suppress(OSError):
            self.save()

    def discard(self) -> None:
        """Deletes everything that was fetched."""
        shutil.rmtree(self.folder, ignore_errors=True)
