"""Frames on a pipe: four bytes of length, most significant first, then as many bytes. Knows nothing of their content.

A length over the limit is refused before a byte of it is held: a stray line of text on the pipe reads as a huge length.
"""

import struct
from typing import BinaryIO, Final

_HEADER: Final = struct.Struct(">I")
FRAME_LIMIT: Final = 16 * 1024 * 1024


class FrameTooLarge(ValueError):
    """A frame longer than allowed, or bytes that are no frames at all."""

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(f"a frame of {size_bytes} bytes, over the limit of {limit_bytes}")


def encode_frame(payload: bytes, limit: int = FRAME_LIMIT) -> bytes:
    """A payload as a frame.

    Raises:
        FrameTooLarge: the payload is longer than `limit` bytes.
    """
    return _HEADER.pack(_checked(len(payload), limit)) + payload


class FrameDecoder:
    """Cuts a stream of bytes, arriving in any pieces, into frames of at most `limit` bytes."""

    def __init__(self, limit: int = FRAME_LIMIT) -> None:
        self._limit = limit
        self._held = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that are complete with `data`.

        Raises:
            FrameTooLarge: the next frame announces more than the limit; the stream is of no further use.
        """
        self._held += data
        frames: list[bytes] = []
        while (end := self._end_of_first()) is not None:
            frames.append(bytes(self._held[_HEADER.size : end]))
            del self._held[:end]
        return frames

    def _end_of_first(self) -> int | None:
        if len(self._held) < _HEADER.size:
            return None
        end = _HEADER.size + _checked(_HEADER.unpack_from(self._held)[0], self._limit)
        return end if len(self._held) >= end else None


def read_frame(stream: BinaryIO, limit: int = FRAME_LIMIT) -> bytes | None:
    """The next frame of a blocking stream, None at its end (also where it ends inside a frame).

    Raises:
        FrameTooLarge: the frame announces more than `limit` bytes.
    """
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    size = _checked(_HEADER.unpack(header)[0], limit)
    payload = stream.read(size)
    return payload if len(payload) == size else None


def _checked(size: int, limit: int) -> int:
    if size > limit:
        raise FrameTooLarge(size, limit)
    return size
