"""A look at a server never raises and tells what is there, or why not."""

import asyncio
import errno
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.llm.ollama_listing import OllamaModel, model_entry, models_of, trained_context
from sutazai.llm.ollama_probe import OllamaStatus, probe_ollama
from tests.support.ollama_mock import unread

ENTRY = {
    "name": "coder:7b",
    "size": 4_700_000_000,
    "digest": "sha256:" + "ab" * 32,
    "details": {"family": "qwen2", "parameter_size": "7.6B", "quantization_level": "Q4_K_M", "context_length": 32768},
    "capabilities": ["completion", "tools"],
    "future": {"unknown": 1},
}


def answering(version: Any, tags: Any) -> httpx.MockTransport:
    answers = {"/api/version": version, "/api/tags": tags}

    def answer(request: httpx.Request) -> httpx.Response:
        found = answers[request.url.path]
        if isinstance(found, Exception):
            raise found
        return unread(found if isinstance(found, httpx.Response) else httpx.Response(200, json=found))

    return httpx.MockTransport(answer)


async def test_a_server_tells_its_version_and_models() -> None:
    status = await probe_ollama("box", transport=answering({"version": "0.15.2"}, {"models": [ENTRY]}))
    model = OllamaModel(
        "coder:7b", 4_700_000_000, "ab" * 32, "qwen2", "7.6B", "Q4_K_M", ("completion", "tools"), "", 32768
    )
    assert status == OllamaStatus(reachable=True, url="http://box:11434", version="0.15.2", models=(model,))


async def test_a_model_that_runs_elsewhere_is_told_apart() -> None:
    entry = {"name": "big:cloud", "remote_host": "https://ollama.com:443", "remote_model": "big"}
    status = await probe_ollama("box", transport=answering({}, {"models": [entry, ENTRY]}))
    assert [each.remote_host for each in status.models] == ["https://ollama.com:443", ""]


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        (httpx.ConnectError("refused"), "refused"),
        (httpx.ConnectTimeout("slow"), "slow"),
        (httpx.Response(403), "refuses to be called by that name"),
        (httpx.Response(404, text="not here"), "does not answer like an Ollama server"),
        (httpx.Response(200, text="<html>"), "gave no JSON object"),
        (httpx.Response(200, json=[]), "gave no JSON object"),
        (httpx.Response(302, headers={"location": "http://x"}), "status 302"),
        (httpx.DecodingError("gzip"), "gzip"),
    ],
)
async def test_what_is_not_a_server_is_told_and_not_raised(version: Any, reason: str) -> None:
    status = await probe_ollama("box", transport=answering(version, {}))
    assert not status.reachable
    assert reason in status.reason
    assert status.hint


async def test_a_host_that_is_none_is_told_and_not_raised() -> None:
    status = await probe_ollama("ftp://x")
    assert not status.reachable
    assert "not usable" in status.reason


async def test_a_server_that_takes_the_question_and_sleeps_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sutazai.llm.ollama_probe._ANSWER_S", 0.01)

    async def answer(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    status = await probe_ollama("box", transport=httpx.MockTransport(answer))
    assert "gave no answer to /api/version" in status.reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "the connection was refused"),
        (TimeoutError(), "no connection in time"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "No route to host"),
    ],
)
async def test_where_nothing_listens_no_library_is_needed(
    monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
) -> None:
    async def refuse(host: str, port: int) -> Any:
        assert (host, port) == ("127.0.0.1", 11434)
        raise error

    monkeypatch.setattr(asyncio, "open_connection", refuse)
    status = await probe_ollama()
    assert not status.reachable
    assert reason in status.reason


async def test_an_endless_answer_is_not_read_whole() -> None:
    async def parts() -> Any:
        while True:
            yield b"x" * 1_000_000

    status = await probe_ollama("box", transport=answering(httpx.Response(200, content=parts()), {}))
    assert not status.reachable


def test_a_model_is_found_with_and_without_its_tag() -> None:
    listing = {"models": [ENTRY, {"model": "Other:latest", "digest": "d"}]}
    assert model_entry(listing, "other").digest == "d"
    assert model_entry(listing, "coder:7b").size_bytes == 4_700_000_000
    assert model_entry(listing, "coder") == OllamaModel("coder")
    assert model_entry({"models": [{"name": "host:80/a:latest"}]}, "host:80/a").name == "host:80/a:latest"


def test_the_trained_context_is_found_by_the_architecture() -> None:
    info = {"general.architecture": "llama", "llama.context_length": 8192, "clip.context_length": 77}
    assert trained_context({"model_info": info}) == 8192
    assert trained_context({"model_info": None}) == 0
    assert trained_context({}) == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["models", "name", "size", "details", "capabilities", "digest"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=100)
@given(JSON)
def test_any_listing_is_read(models: Any) -> None:
    for model in models_of({"models": models}):
        assert model.name
        assert model.name.isprintable()
        assert model.size_bytes >= 0
