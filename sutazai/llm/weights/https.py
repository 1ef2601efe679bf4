"""Weights from an HTTPS address, by byte ranges, several at once. Never trusts what comes: only counts it."""

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sutazai.errors.weights import SourceFailed
from sutazai.llm.catalog import Https, Segment
from sutazai.llm.weights.meter import Meter, Progress
from sutazai.llm.weights.parallel import each_of, in_thread
from sutazai.llm.weights.partial import Partial

if TYPE_CHECKING:
    import httpx

_CONNECT_S: Final = 5.0
_READ_S: Final = 30.0
_PARTIAL_CONTENT: Final = 206


async def fetch_https(
    source: Https,
    partial: Partial,
    progress: Progress,
    *,
    jobs: int,
    transport: "httpx.AsyncBaseTransport | None" = None,
) -> None:
    """Fills the missing segments from an address.

    Args:
        source: the address; redirects are followed.
        partial: the file to fill, opened.
        progress: told how far it is.
        jobs: how many segments are fetched at once.
        transport: instead of the network, for tests.

    Raises:
        SourceFailed: it cannot be reached, does not serve ranges, or broke off without giving anything new.
        OSError: the disk refuses.
    """
    host = urlsplit(source.url).hostname or source.url
    client = _client(host, transport)
    async with client:
        ranges = _Ranges(client, source.url, host, partial, Meter(partial, progress, host))
        await each_of(partial.missing(), ranges.fill, jobs)


def _client(host: str, transport: "httpx.AsyncBaseTransport | None") -> "httpx.AsyncClient":
    import httpx  # noqa: PLC0415 (loaded only when used)

    try:
        return httpx.AsyncClient(
            transport=transport,
            follow_redirects=True,
            timeout=httpx.Timeout(_READ_S, connect=_CONNECT_S),
            headers={"Accept-Encoding": "identity", "User-Agent": "sutazai"},
        )
    except (OSError, ValueError, ImportError) as error:  # a proxy or certificate setting that cannot be used
        raise SourceFailed(host, f"the connection cannot be set up: {error}") from error


class _Ranges:
    """One client that fills segments of one file."""

    def __init__(self, client: "httpx.AsyncClient", url: str, host: str, partial: Partial, meter: Meter) -> None:
        self._client, self._url, self._host = client, url, host
        self._partial, self._meter = partial, meter

    async def fill(self, segment: Segment) -> None:
        """Fills a segment, taking up again after a break as long as each try gives something new."""
        import httpx  # noqa: PLC0415 (loaded only when used)

        while (before := self._partial.have(segment)) < segment.size_bytes:
            try:
                await self._read(segment)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                if self._partial.have(segment) == before:
                    raise SourceFailed(self._host, str(error) or type(error).__name__) from error
            if self._partial.have(segment) == before:
                raise SourceFailed(self._host, "it sends nothing")

    async def _read(self, segment: Segment) -> None:
        first = segment.start + self._partial.have(segment)
        wanted = f"bytes={first}-{segment.start + segment.size_bytes - 1}"
        async with self._client.stream("GET", self._url, headers={"Range": wanted}) as response:
            self._check(response, first)
            # As they come: larger chunks would be lost with the connection.
            async for chunk in response.aiter_raw():
                await self._keep(segment, chunk)

    def _check(self, response: "httpx.Response", first: int) -> None:
        if response.status_code != _PARTIAL_CONTENT:
            raise SourceFailed(self._host, f"it answers HTTP {response.status_code} where a part of the file is due")
        given = response.headers.get("Content-Range", "")
        if not (given.startswith(f"bytes {first}-") and given.endswith(f"/{self._partial.size_bytes}")):
            raise SourceFailed(self._host, f"it has another file there ({given or 'no Content-Range'})")

    async def _keep(self, segment: Segment, chunk: bytes) -> None:
        have = self._partial.have(segment)
        if have + len(chunk) > segment.size_bytes:
            raise SourceFailed(self._host, "it sends more than was asked for")
        await in_thread(lambda: self._partial.write(segment, have, chunk))
        self._partial.count(segment, have + len(chunk))
        self._meter.arrived()
