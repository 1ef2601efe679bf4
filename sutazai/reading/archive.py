"""Documents that are zip archives: their members, unpacked no further than documents need.

Owns what an archive may expand to. What an archive says of its own sizes is never believed: the bytes that come out
are counted.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Final

from sutazai.reading.failure import Broken, Encrypted, TooLarge

MAX_MEMBERS: Final = 20_000
MAX_BYTES: Final = 400_000_000
MAX_MEMBER_BYTES: Final = 100_000_000
MAX_RATIO: Final = 150
_RATIO_FROM: Final = 10_000_000
_CHUNK: Final = 1 << 16
_MEMBER_MARK: Final = b"PK\x01\x02"
_PLAIN: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED_FLAG: Final = 1


class Archive:
    """The members of a zip archive by name, whatever their letters' case.

    Args:
        data: the archive.
        max_bytes: of all that is ever unpacked from it.
        max_member_bytes: of one member.

    Raises:
        Broken: it is no archive that can be read.
        TooLarge: it holds too many members.
    """

    def __init__(self, data: bytes, *, max_bytes: int = MAX_BYTES, max_member_bytes: int = MAX_MEMBER_BYTES) -> None:
        if data.count(_MEMBER_MARK) > MAX_MEMBERS:
            raise TooLarge(f"it holds more than {MAX_MEMBERS} files")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError) as error:
            raise Broken("its archive cannot be opened") from error
        self._max_member_bytes = max_member_bytes
        self._left = max_bytes
        self._members = {_key(each.filename): each for each in self._zip.infolist()}

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._members

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member, piece by piece.

        Raises:
            Broken: there is no such member, or it cannot be unpacked.
            Encrypted: it needs a password.
            TooLarge: it expands to more than a document does.
        """
        member = self._members.get(_key(name))
        if member is None:
            raise Broken(f"{name} is missing")
        if member.flag_bits & _ENCRYPTED_FLAG:
            raise Encrypted
        if member.compress_type not in _PLAIN:
            raise Broken("it is packed in a way that documents are not")
        try:
            with self._zip.open(member) as stream:
                yield from self._counted(stream, member)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
            raise Broken(f"{name} cannot be unpacked") from error

    def read(self, name: str) -> bytes:
        """The bytes of a member; raises like `chunks`."""
        return b"".join(self.chunks(name))

    def _counted(self, stream: IO[bytes], member: zipfile.ZipInfo) -> Iterator[bytes]:
        size = 0
        while piece := stream.read(_CHUNK):
            size += len(piece)
            self._left -= len(piece)
            if size > self._max_member_bytes or self._left < 0:
                raise TooLarge("it unpacks to more than a document does")
            if size > _RATIO_FROM and size > MAX_RATIO * max(member.compress_size, 1):
                raise TooLarge(f"it unpacks to more than {MAX_RATIO} times its size")
            yield piece


def beside(part: str, target: str) -> str:
    """The name of the member that `target`, written in the member `part`, stands for; never one outside of it."""
    if target.startswith("/"):
        return posixpath.normpath(target).lstrip("/")
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()
