"""The embedding model over Ollama: what it asks, what it takes for an answer, and what it refuses."""

import asyncio
import json
import math
from array import array
from typing import Any

import httpx
import pytest

from sutazai.errors import ollama as errors
from sutazai.errors.embedding import EmbeddingFailed, TextTooLong, UnknownEmbedder
from sutazai.errors.models import ModelError
from sutazai.llm.embedding.ollama import OllamaEmbedder
from sutazai.llm.ollama_retry import Backoff
from tests.support.ollama_mock import refusal, unread

NAME = "all-minilm"
DIGEST = "cd" * 32
BUSY = "server busy, please try again.  maximum pending requests exceeded"


def vector_of(text: str) -> list[float]:
    """Any vector that depends on the text, of any length but one."""
    return [float(len(text)), 2.0, float(sum(map(ord, text)) % 97)]


class Mock:
    """Answers of a server in memory. `embeds` replaces the answers of /api/embed, in order, after the first."""

    def __init__(self, *embeds: Any, **replace: Any) -> None:
        self.embeds: list[Any] = list(embeds)
        self.replace = replace
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def embedder(self, model: str = NAME, **settings: Any) -> OllamaEmbedder:
        async def pause(seconds: float) -> None:
            self.pauses.append(seconds)

        backoff = Backoff(sleep=pause, draw=lambda: 1.0)
        return OllamaEmbedder(model, backoff=backoff, transport=httpx.MockTransport(self._answer), **settings)

    async def opened(self, model: str = NAME, **settings: Any) -> OllamaEmbedder:
        embedder = self.embedder(model, **settings)
        await embedder.open()
        return embedder

    def bodies(self, path: str = "/api/embed") -> list[Any]:
        return [json.loads(each.content) for each in self.requests if each.url.path == path]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._pick(request)
        if isinstance(answer, Exception):
            raise answer
        return unread(answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer))

    def _pick(self, request: httpx.Request) -> Any:
        name = request.url.path.removeprefix("/api/")
        if name == "embed" and len(self.bodies()) > 1 and self.embeds:
            return self.embeds.pop(0)
        if name in self.replace:
            return self.replace[name]
        model = {"name": f"{NAME}:latest", "digest": DIGEST}
        shown = {"model_info": {"general.architecture": "bert", "bert.context_length": 512}}
        if name == "embed":
            (text,) = json.loads(request.content)["input"]
            return {"embeddings": [vector_of(text)], "prompt_eval_count": 3}
        return {"tags": {"models": [model, {"name": "other:latest"}]}, "show": shown}[name]


async def test_opening_tells_the_weights_their_dimensions_and_how_much_they_read():
    mock = Mock()
    embedder = mock.embedder()
    assert (embedder.info.name, embedder.info.dimensions, embedder.info.digest) == (NAME, 0, "")
    await asyncio.gather(embedder.open(), embedder.open())
    assert (embedder.info.runtime, embedder.info.dimensions, embedder.info.max_tokens) == ("ollama", 3, 504)
    assert len(embedder.info.digest) == 64
    assert len(mock.bodies()) == 1
    await embedder.close()
    await embedder.close()
    with pytest.raises(EmbeddingFailed, match="not open"):
        embedder.token_spans("a")


async def test_a_request_holds_one_text_is_never_to_be_cut_and_always_alike():
    mock = Mock()
    embedder = await mock.opened(keep_alive="90")
    await embedder.embed(["one", "two", "one"])
    first, second = mock.bodies()[1:]
    options = {"num_ctx": 512, "num_batch": 512}
    assert first == {"model": NAME, "input": ["one"], "truncate": False, "keep_alive": 90, "options": options}
    assert second == first | {"input": ["two"]}


async def test_vectors_have_unit_length_and_the_order_of_the_texts():
    embedder = await Mock().opened()
    vectors = await embedder.embed(["one", "three", "one"])
    rows = [array("f", vectors.row(each)) for each in range(3)]
    assert rows[0] == rows[2] != rows[1]
    assert all(math.hypot(*each) == pytest.approx(1, abs=1e-6) for each in rows)
    assert rows[1][1] / rows[1][0] == pytest.approx(2 / 5)


async def test_what_a_server_cannot_read_is_sent_as_what_it_can():
    mock = Mock()
    embedder = await mock.opened()
    await embedder.embed(["", " \n", "a\ud800b"])
    assert [each["input"] for each in mock.bodies()[1:]] == [["."], ["."], ["a\ufffdb"]]


@pytest.mark.parametrize(
    ("model", "document", "query"),
    [
        ("nomic-embed-text:v1.5", "search_document: x", "search_query: x"),
        ("library/mxbai-embed-large", "x", "Represent this sentence for searching relevant passages: x"),
        ("unheard-of", "x", "x"),
    ],
)
async def test_models_that_want_words_before_a_text_get_them(model, document, query):
    mock = Mock()
    embedder = await mock.opened(model)
    await embedder.embed(["x"])
    await embedder.embed(["x"], kind="query")
    assert [each["input"] for each in mock.bodies()[1:]] == [[document], [query]]
    before = max(len(embedder.token_spans(each)) for each in (document, query)) - 1
    assert embedder.info.max_tokens == 504 - before


@pytest.mark.parametrize(
    ("shown", "most"),
    [
        ({"model_info": {"general.architecture": "x", "x.context_length": 8192}}, 2040),
        ({"model_info": {"general.architecture": "x", "x.context_length": 512}, "parameters": "num_ctx   256"}, 248),
        ({"parameters": 'stop "num_ctx 9"\nnum_ctx 1024'}, 1016),
        ({"parameters": "num_ctx 1"}, 56),
        ({}, 2040),
    ],
)
async def test_the_longest_text_follows_the_model_and_its_modelfile(shown, most):
    assert (await Mock(show=shown).opened()).info.max_tokens == most


async def test_other_weights_have_another_digest_under_the_same_name():
    ours = (await Mock().opened()).info.digest
    other = {"models": [{"name": NAME, "digest": "ef" * 32}]}
    assert (await Mock(tags=other).opened()).info.digest != ours
    assert (await Mock().opened()).info.digest == ours
    nameless = {"models": [{"name": NAME}]}
    assert (await Mock(tags=nameless).opened()).info.digest not in {ours, ""}


async def test_a_text_of_too_many_tokens_is_refused_and_nothing_sent():
    mock = Mock()
    embedder = await mock.opened()
    with pytest.raises(TextTooLong, match="505 tokens does not fit the 504"):
        await embedder.embed(["short", "cat " * 505])
    assert len(mock.bodies()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "the input length exceeds the context length",
        "input (700 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
    ],
)
async def test_a_text_that_the_server_finds_too_long_is_refused(text):
    embedder = await Mock(refusal(400, text)).opened()
    with pytest.raises(TextTooLong, match="513 tokens does not fit the 512"):
        await embedder.embed(["rare words"])


async def test_a_text_that_fills_the_context_may_have_been_cut_and_is_refused():
    """A server that does not know `truncate` says nothing: only the count shows it."""
    embedder = await Mock({"embeddings": [[1, 2, 3]], "prompt_eval_count": 512}).opened()
    with pytest.raises(TextTooLong):
        await embedder.embed(["rare words"])


@pytest.mark.parametrize(
    ("embed", "error", "message"),
    [
        (refusal(400, '"all-minilm" does not support embed'), UnknownEmbedder, "no embedding model"),
        (refusal(404, "model 'all-minilm' not found"), errors.OllamaModelMissing, "does not have"),
        (refusal(500, "model requires more system memory"), errors.OllamaOutOfMemory, "too little memory"),
        (httpx.Response(404, text="404 page not found"), errors.NotOllama, "404"),
        (httpx.Response(403), errors.OllamaHostRefused, "refuses"),
        (httpx.ConnectError("refused"), errors.OllamaUnreachable, "no Ollama server answers"),
        ({"embeddings": []}, errors.NotOllama, "one vector"),
        ({"embedding": [1.0]}, errors.NotOllama, "one vector"),
        ({"embeddings": [[0.0, 0.0]]}, errors.NotOllama, "without a direction"),
        ({"embeddings": [[]]}, errors.NotOllama, "0 numbers"),
        ({"embeddings": [{"a": 1}]}, errors.NotOllama, "no list"),
        ({"embeddings": [[1, "2"]]}, errors.NotOllama, "no number"),
    ],
)
async def test_what_goes_wrong_is_told_already_when_opening(embed, error, message):
    embedder = Mock(embed=embed).embedder()
    with pytest.raises(error, match=message):
        await embedder.open()
    with pytest.raises(EmbeddingFailed, match="not open"):
        await embedder.embed(["a"])


async def test_a_vector_of_other_length_than_the_first_is_refused():
    embedder = await Mock({"embeddings": [[1, 2]]}).opened()
    with pytest.raises(errors.NotOllama, match="2 numbers, and before of 3"):
        await embedder.embed(["a"])


async def test_a_missing_model_names_the_next_step_and_those_there_are():
    embedder = Mock(show=refusal(404, "model 'nomic-embed-text' not found")).embedder("nomic-embed-text")
    with pytest.raises(errors.OllamaModelMissing) as caught:
        await embedder.open()
    assert "ollama pull nomic-embed-text" in caught.value.hint
    assert "all-minilm:latest" in caught.value.hint


async def test_a_busy_server_is_asked_again_with_patience():
    mock = Mock(refusal(503, BUSY), refusal(503, BUSY))
    embedder = await mock.opened()
    assert (await embedder.embed(["a"])).count == 1
    assert mock.pauses == [0.5, 1.0]


async def test_a_silent_server_is_not_waited_for_without_end():
    mock = Mock()

    async def hang(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/embed":
            await asyncio.Event().wait()
        return mock._answer(request)

    embedder = mock.embedder(answer_timeout_s=0.01)
    embedder._transport = httpx.MockTransport(hang)
    with pytest.raises(errors.OllamaSilent):
        await embedder.open()


async def test_two_calls_at_once_ask_one_after_the_other():
    """Texts that are computed together would change one another's last digits."""
    mock, busy, most = Mock(), [0], [0]
    plain = mock._answer

    async def slow(request: httpx.Request) -> httpx.Response:
        busy[0] += 1
        most[0] = max(most[0], busy[0])
        await asyncio.sleep(0)
        busy[0] -= 1
        return plain(request)

    embedder = mock.embedder()
    embedder._transport = httpx.MockTransport(slow)
    await embedder.open()
    await asyncio.gather(embedder.embed(["a", "b"]), embedder.embed(["c", "d"]))
    assert most == [1]


async def test_a_host_that_is_none_is_refused_at_once():
    with pytest.raises(ModelError, match="not usable"):
        OllamaEmbedder(NAME, host="ftp://x")
