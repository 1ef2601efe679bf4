"""What a command hands over, as the resident reads it. The peer is the same user, and yet nothing it sends is run."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from socket import recv_fds, socket
from typing import Final

from sutazai.resident.client import MAGIC

STREAMS: Final = 3
_LENGTH_BYTES: Final = 4
_MAX_BYTES: Final = 16_000_000
_CHUNK_BYTES: Final = 65_536


class BadRequest(ValueError):
    """Bytes that are no request, or one without its descriptors."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command and the process it was given to.

    Attributes:
        character: what `place.character` says there.
        argv: the program's name and its arguments.
        descriptors: standard input, output and error, and the current folder; ours to close.
    """

    character: tuple[str, ...]
    argv: tuple[str, ...]
    executable: str
    environment: dict[str, str]
    descriptors: tuple[int, ...]


def receive(connection: socket) -> Request:
    """Reads one request.

    Raises:
        BadRequest: what comes is none.
        OSError: nothing comes, or not in time.
    """
    first, descriptors, _, _ = recv_fds(connection, _CHUNK_BYTES, STREAMS + 1)
    for each in descriptors:
        os.set_inheritable(each, False)  # noqa: FBT003 (the standard library's form)
    if len(descriptors) != STREAMS + 1 or len(first) < _LENGTH_BYTES:
        raise BadRequest
    size = int.from_bytes(first[:_LENGTH_BYTES], "big")
    if size > _MAX_BYTES:
        raise BadRequest
    return decoded(_rest(connection, first[_LENGTH_BYTES:], size), descriptors)


def _rest(connection: socket, held: bytes, size: int) -> bytes:
    whole = bytearray(held)
    while len(whole) < size:
        chunk = connection.recv(min(_CHUNK_BYTES, size - len(whole)))
        if not chunk:
            raise BadRequest
        whole += chunk
    return bytes(whole)


def decoded(data: bytes, descriptors: Sequence[int]) -> Request:
    """The request that `data` is.

    Raises:
        BadRequest: it is none.
    """
    parts = data.decode("utf-8", "surrogateescape").split("\0")
    if parts[0] != MAGIC:
        raise BadRequest
    character, rest = _counted(parts[1:])
    argv, rest = _counted(rest)
    if not argv or not rest:
        raise BadRequest
    pairs = (each.partition("=") for each in rest[1:])
    environment = {name: value for name, _, value in pairs if name}
    return Request(character, argv, rest[0], environment, tuple(descriptors))


def _counted(parts: Sequence[str]) -> tuple[tuple[str, ...], Sequence[str]]:
    if not parts or not (parts[0].isascii() and parts[0].isdigit()) or int(parts[0][:9]) > len(parts) - 1:
        raise BadRequest
    count = int(parts[0][:9])
    return tuple(parts[1 : count + 1]), parts[count + 1 :]
