"""A tiny HTTP/1.1 server on asyncio, for protocol servers in tests: chunked streams, broken ends, hang-ups.

Test support only: it trusts its client with everything but the end of the connection.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked. Header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Reply:
    """What the client gets: one `send`, or `start`, any number of `write`, and `end` (or no end, for a broken one)."""

    def __init__(self, writer: asyncio.StreamWriter, *, head: bool) -> None:
        self._writer = writer
        self._head = head
        self.started = False

    async def send(self, status: int, body: bytes = b"", kind: str = "application/json; charset=utf-8") -> None:
        """A whole answer."""
        self._headers(status, kind, f"Content-Length: {len(body)}")
        self._writer.write(b"" if self._head else body)
        await self._writer.drain()

    async def json(self, status: int, item: Any) -> None:
        """A whole answer of one JSON value."""
        await self.send(status, json.dumps(item).encode())

    async def start(self, kind: str = "application/x-ndjson") -> None:
        """Begins a stream."""
        if not self.started:
            self.started = True
            self._headers(200, kind, "Transfer-Encoding: chunked")
            await self._writer.drain()

    async def write(self, data: bytes) -> None:
        """A piece of a stream, sent at once."""
        await self.start()
        self._writer.write(b"%x\r\n%b\r\n" % (len(data), data))
        await self._writer.drain()

    async def end(self) -> None:
        """The proper end of a stream. Without it the client sees a connection that broke."""
        await self.start()
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def _headers(self, status: int, kind: str, length: str) -> None:
        lines = (f"HTTP/1.1 {status} Said", f"Content-Type: {kind}", length, "Connection: close", "", "")
        self._writer.write("\r\n".join(lines).encode())


Handle = Callable[[Request, Reply], Awaitable[None]]


class HttpServer:
    """Serves `handle` on a free loopback port; a client that hangs up cancels the handler of its request."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._tasks: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None
        self.url = ""
        self.hung_up = asyncio.Event()
        self.failures: list[BaseException] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        if self.failures:
            raise self.failures[0] from error

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            request = await _read(reader)
            if request is not None:
                await self._serve(request, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # Ended by the client or by the end of the test; asyncio would report a cancelled callback as an error.
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reply = Reply(writer, head=request.method == "HEAD")
        async with asyncio.TaskGroup() as group:
            work = group.create_task(self._guarded(request, reply))
            watch = group.create_task(self._watch(reader, work))
            await asyncio.wait({work})
            watch.cancel()

    async def _guarded(self, request: Request, reply: Reply) -> None:
        try:
            await self._handle(request, reply)
        except ConnectionError:
            self.hung_up.set()
        except Exception as error:  # noqa: BLE001 (a fault of the test server itself: told at its end)
            self.failures.append(error)

    async def _watch(self, reader: asyncio.StreamReader, work: asyncio.Task[None]) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read(1)
        if not work.done():
            self.hung_up.set()
            work.cancel()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (each.partition(":") for each in lines if each)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)
