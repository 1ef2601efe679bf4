"""Reads tensors out of a safetensors file: eight bytes of length, a JSON header, the data. Trusts nothing it says.

Format: https://github.com/huggingface/safetensors#format. Only float32 is read: that is what is prepared.
"""

import json
import math
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sutazai.errors.embedding import WeightsUnreadable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LENGTH_BYTES: Final = 8
_HEADER_LIMIT_BYTES: Final = 8 * 1024 * 1024
_FLOAT32_BYTES: Final = 4


class Tensors:
    """The float32 tensors of a file, read where they are asked for.

    Args:
        path: the file; it must not change as long as the tensors are in use.

    Raises:
        WeightsUnreadable: it is none.
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            try:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as error:  # an empty file
                raise WeightsUnreadable(str(path), "it is empty") from error
        self._start, self._header = self._read_header()

    def get(self, name: str, shape: tuple[int, ...]) -> "NDArray[np.float32]":
        """A tensor, copied.

        Raises:
            WeightsUnreadable: it is missing, has another shape or type, or does not lie within the file.
        """
        import numpy as np  # noqa: PLC0415 (loaded only when used)

        first, last = self._place(name, shape)
        return np.frombuffer(self._bytes[first:last], dtype="<f4").reshape(shape)

    def close(self) -> None:
        """Lets go of the file."""
        self._bytes.close()

    def _read_header(self) -> tuple[int, Mapping[str, Any]]:
        length = int.from_bytes(self._bytes[:_LENGTH_BYTES], "little")
        start = _LENGTH_BYTES + length
        self._require(
            length <= _HEADER_LIMIT_BYTES and start <= len(self._bytes), "its header is longer than it can be"
        )
        try:
            header = json.loads(self._bytes[_LENGTH_BYTES:start])
        except (ValueError, RecursionError) as error:
            raise WeightsUnreadable(str(self._path), "its header is not JSON") from error
        self._require(isinstance(header, dict), "its header is no table")
        return start, header

    def _place(self, name: str, shape: tuple[int, ...]) -> tuple[int, int]:
        """Where the bytes of a tensor begin and end in the file."""
        entry = self._header.get(name)
        if not isinstance(entry, dict):
            raise WeightsUnreadable(str(self._path), f"it has no tensor {name}")
        self._require(entry.get("dtype") == "F32", f"{name} is not float32")
        self._require(entry.get("shape") == list(shape), f"{name} has not the shape {list(shape)}")
        match entry.get("data_offsets"):
            case [int(begin), int(end)]:
                first, last = self._start + begin, self._start + end
            case _:
                raise WeightsUnreadable(str(self._path), f"{name} says not where it lies")
        inside = self._start <= first <= last <= len(self._bytes)
        self._require(inside and last - first == math.prod(shape) * _FLOAT32_BYTES, f"{name} does not fit the file")
        return first, last

    def _require(self, holds: bool, reason: str) -> None:
        if not holds:
            raise WeightsUnreadable(str(self._path), reason)
