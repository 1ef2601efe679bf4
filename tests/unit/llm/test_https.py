"""Weights by HTTPS: servers that misbehave, and connections that cannot be set up."""

from pathlib import Path

import httpx
import pytest

from sutazai.errors.weights import WeightsUnreachable
from sutazai.llm.catalog import Https
from sutazai.llm.fetch import Means, fetch
from tests.support.weights import CONTENT, URL, Cut, Said, Server, entry


def _whole(_first: int, _last: int) -> httpx.Response:
    return httpx.Response(200, content=CONTENT)


def _missing(_first: int, _last: int) -> httpx.Response:
    return httpx.Response(404)


def _other_file(first: int, last: int) -> httpx.Response:
    return httpx.Response(206, headers={"Content-Range": f"bytes {first}-{last}/5"}, content=b"hello")


def _no_range_named(_first: int, _last: int) -> httpx.Response:
    return httpx.Response(206, content=b"hello")


def _other_place(first: int, last: int) -> httpx.Response:
    return httpx.Response(206, headers={"Content-Range": f"bytes {first + 1}-{last}/{len(CONTENT)}"}, content=b"hello")


def _too_much(first: int, last: int) -> httpx.Response:
    headers = {"Content-Range": f"bytes {first}-{last}/{len(CONTENT)}"}
    return httpx.Response(206, headers=headers, stream=Cut(CONTENT + b"more", None))


def _nothing(first: int, last: int) -> httpx.Response:
    return httpx.Response(206, headers={"Content-Range": f"bytes {first}-{last}/{len(CONTENT)}"}, stream=Cut(b"", None))


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (_whole, "HTTP 200 where a part"),
        (_missing, "HTTP 404"),
        (_other_file, "another file there"),
        (_no_range_named, "no Content-Range"),
        (_other_place, "another file there"),
        (_too_much, "more than was asked for"),
        (_nothing, "it sends nothing"),
    ],
)
async def test_a_server_that_misbehaves_is_given_up_with_its_reason(reply: object, reason: str, tmp_path: Path) -> None:
    """No reply is trusted to be what was asked for."""
    means = Means(transport=Server(reply=reply))
    with pytest.raises(WeightsUnreachable, match=reason):
        await fetch(entry(Https(URL)), tmp_path, means=means)


async def test_progress_is_told_in_steps_not_for_every_packet(tmp_path: Path) -> None:
    """A packet may be a few bytes, and whoever listens may draw each report."""
    said = Said()
    packets = Server(reply=lambda first, last: Server().packets(first, last))
    await fetch(entry(Https(URL)), tmp_path, progress=said, means=Means(transport=packets))
    steps = [done for done, _, label in said.heard if label == "weights.example"]
    assert steps == sorted(set(steps))
    assert len(steps) <= 1000 < len(CONTENT)
    assert steps[-1] == len(CONTENT)


async def test_redirects_are_followed(tmp_path: Path) -> None:
    """Official repositories answer with the address of the nearest copy."""
    server = Server()

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "weights.example":
            return httpx.Response(302, headers={"Location": "https://copy.example/blob"})
        return await server.handle_async_request(request)

    path = await fetch(entry(Https(URL)), tmp_path, means=Means(transport=httpx.MockTransport(answer)))
    assert path.read_bytes() == CONTENT


async def test_a_proxy_that_cannot_be_used_fails_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong proxy setting is told, not raised."""
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://proxy")
    with pytest.raises(WeightsUnreachable, match="cannot be set up"):
        await fetch(entry(Https(URL)), tmp_path)
