"""Whether an Ollama server answers, and with what: a quick look for the choice of a runtime and for `doctor`.

Never raises for what a server does or is not, and loads no network library where nothing listens.
"""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sutazai.errors.models import ModelError
from sutazai.errors.ollama import OllamaUnreachable
from sutazai.llm.ollama_errors import Asked, connection_reason, printable
from sutazai.llm.ollama_host import is_loopback, ollama_url
from sutazai.llm.ollama_listing import OllamaModel, models_of

if TYPE_CHECKING:
    import httpx

_CONNECT_S: Final = 1.0
_ANSWER_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class OllamaStatus:
    """What a look at a server gave.

    Attributes:
        reachable: whether it answered as an Ollama server.
        reason: why not; empty if it did.
        url: where it was looked for.
    """

    reachable: bool
    reason: str = ""
    hint: str = ""
    url: str = ""
    version: str = ""
    models: tuple[OllamaModel, ...] = ()


async def probe_ollama(
    host: str = "", *, api_key: str = "", transport: "httpx.AsyncBaseTransport | None" = None
) -> OllamaStatus:
    """Looks at the server at `host` (as in OLLAMA_HOST): a second for the connection, three for each answer."""
    url = ""
    try:
        url = ollama_url(host)
        if transport is None and is_loopback(url):
            await _knock(url)
        return await _status(url, api_key, transport)
    except ModelError as error:
        return OllamaStatus(reachable=False, reason=error.message, hint=error.hint, url=url)


async def _knock(url: str) -> None:
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(_CONNECT_S):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except OSError as error:
        raise OllamaUnreachable(url, connection_reason(error)) from None
    writer.close()


async def _status(url: str, api_key: str, transport: "httpx.AsyncBaseTransport | None") -> OllamaStatus:
    from sutazai.llm.ollama_client import OllamaClient  # noqa: PLC0415 (loaded only when used)

    asked = Asked(url, "")
    async with OllamaClient(url, connect_timeout_s=_CONNECT_S, api_key=api_key, transport=transport) as client:
        version = await client.ask("GET", "/api/version", asked=asked, timeout_s=_ANSWER_S)
        tags = await client.ask("GET", "/api/tags", asked=asked, timeout_s=_ANSWER_S)
    said = version.get("version")
    return OllamaStatus(
        reachable=True, url=url, version=printable(said) if isinstance(said, str) else "", models=models_of(tags)
    )
