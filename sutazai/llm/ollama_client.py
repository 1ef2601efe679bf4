"""One HTTP exchange with an Ollama server: the official client, with bounds on what is read and our errors.

Importing this loads the client (0.4 s): only `OllamaChat` and the probe do, when they need it. It never retries, never
follows a redirect (the prompt would leave for a host nobody named) and sends nothing for this machine through a proxy.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any, Final

import httpx
from ollama import AsyncClient

from sutazai.errors.ollama import NotOllama, OllamaSilent, OllamaUnreachable
from sutazai.llm.ollama_errors import Asked, connection_reason, error_of, printable, refusal_of
from sutazai.llm.ollama_host import is_loopback

_LINE_BYTES: Final = 1_000_000
_ERROR_BYTES: Final = 64_000
_BODY_BYTES: Final = 8_000_000
_OK: Final = 200


class OllamaClient(AsyncClient):
    """The official client, asked below its own parsing: that lacks fields we must send and bounds we must keep.

    Args:
        url: from `ollama_url`.
        connect_timeout_s: longest wait for a connection. Waiting for answers is limited by the caller.
        api_key: sent as a bearer token when not empty.
        transport: replaces the network in tests.
    """

    def __init__(
        self,
        url: str,
        *,
        connect_timeout_s: float,
        api_key: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        # Compressed answers are not asked for, and read as garbage if they come: they would defeat the bounds.
        headers = {"accept-encoding": "identity"} | ({"authorization": f"Bearer {api_key}"} if api_key else {})
        super().__init__(
            url,
            headers=headers,
            timeout=httpx.Timeout(None, connect=connect_timeout_s),
            follow_redirects=False,
            trust_env=not is_loopback(url),
            transport=transport,
        )
        self.url = url

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def ask(self, method: str, path: str, *, asked: Asked, timeout_s: float, body: Any = None) -> dict[str, Any]:
        """One JSON object for one request.

        Raises:
            ModelError: as the server's answer says, or there is none.
        """
        with self._translated():
            try:
                async with asyncio.timeout(timeout_s), self._exchange(method, path, asked, body) as response:
                    content = await _content(response, _BODY_BYTES)
            except TimeoutError:
                raise OllamaSilent(asked.model or asked.host, timeout_s, f"answer to {path}") from None
        item = _object(content)
        if item is None:
            raise NotOllama(self.url, f"{path} gave no JSON object")
        return item

    async def objects(self, path: str, body: Any, *, asked: Asked) -> AsyncGenerator[dict[str, Any], None]:
        """The objects of a stream. It just ends where the server is cut off after the first of them.

        Raises:
            ModelError: as the server's answer says, or a line is no JSON object.
        """
        heard = False
        with self._translated():
            try:
                async with (
                    self._exchange("POST", path, asked, body) as response,
                    aclosing(_lines(response, self.url)) as lines,
                ):
                    async for line in lines:
                        item = _object(line)
                        if item is None:
                            raise NotOllama(self.url, f"a line of {path} is no JSON object")
                        heard = True
                        yield item
            except httpx.TransportError:
                if not heard:
                    raise

    @asynccontextmanager
    async def _exchange(self, method: str, path: str, asked: Asked, body: Any) -> AsyncIterator[httpx.Response]:
        async with self._client.stream(method, path, json=body) as response:
            if response.status_code != _OK:
                raise error_of(refusal_of(response.status_code, await _content(response, _ERROR_BYTES)), asked)
            yield response

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise OllamaUnreachable(self.url, connection_reason(error)) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotOllama(self.url, printable(str(error))) from None


async def _content(response: httpx.Response, limit: int) -> bytes:
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece[: limit - len(content)]
        if len(content) >= limit:
            break
    return bytes(content)


async def _lines(response: httpx.Response, url: str) -> AsyncGenerator[bytes, None]:
    rest = bytearray()
    async for piece in response.aiter_raw():
        *lines, tail = piece.split(b"\n")
        for line in lines:
            whole = bytes(rest + line)
            rest.clear()
            if whole.strip():
                yield whole
        rest += tail
        if len(rest) > _LINE_BYTES:
            raise NotOllama(url, f"a line of more than {_LINE_BYTES} bytes")
    # A last line without its end is whole if it parses; else the server was cut off within it.
    if _object(bytes(rest)) is not None:
        yield bytes(rest)


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        item = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return item if isinstance(item, dict) else None
