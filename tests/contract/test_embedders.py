"""What every embedding model promises, tried on each back end with the same tests.

- `words`: the embedder of the test kit;
- `embedded`: the default model in this process, with its real weights;
- `ollama over words`, `ollama over embedded`: our Ollama client against the protocol server of `tests/support`, with
  those two behind it;
- `ollama`: a real server, only where the variable OLLAMA_HOST names one that has an embedding model;
- `sentence-transformers`: the library with the same official weights, only where SUTAZAI_TEST_TORCH is set;
- `… cached`: the same behind the cache of vectors.

Another back end is one more line in `BACK_ENDS`.
"""

import asyncio
import math
import os
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sutazai.errors.models import ModelError
from sutazai.llm.embedding.cached import CachedEmbedder
from sutazai.llm.embedding.embedded import EmbeddedEmbedder
from sutazai.llm.embedding.ollama import OllamaEmbedder
from sutazai.llm.embedding.recipes import RECIPES
from sutazai.llm.embedding.safetensors import Tensors
from sutazai.llm.embedding.sentence_transformers import SentenceTransformersEmbedder
from sutazai.llm.ollama_probe import probe_ollama
from sutazai.sdk.document import Vectors
from sutazai.sdk.knowledge import Embedder
from sutazai.sdk.testing import MemoryCache, ScriptedChat
from sutazai.sdk.testing_documents import WordEmbedder
from tests.support.ollama_server import OllamaServer, Served
from tests.support.tiny_encoder import embedded as written_out
from tests.support.transformer_folders import write_minilm

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.allow_hosts(["127.0.0.1", "::1"])]

Build = Callable[[pytest.FixtureRequest, AsyncExitStack], Awaitable[Embedder]]
MODEL: Final = RECIPES[0]
TEXTS: Final = (
    "A cat sits on the mat.",
    "",
    " \n\t ",
    "😀👩\u200d👩\u200d👧 Zürich, naïve café, 中文",
    "one",
    "two three four five six seven eight nine ten " * 10,
)


async def words(_request: pytest.FixtureRequest, _stack: AsyncExitStack) -> Embedder:
    return WordEmbedder()


async def embedded(request: pytest.FixtureRequest, _stack: AsyncExitStack) -> Embedder:
    weights: Path = request.getfixturevalue("embedding_weights")
    return EmbeddedEmbedder(MODEL, weights, request.getfixturevalue("weights_folder"), threads=2)


async def ollama_over_words(_request: pytest.FixtureRequest, stack: AsyncExitStack) -> Embedder:
    return await served(WordEmbedder(max_tokens=10_000), stack)


async def ollama_over_embedded(request: pytest.FixtureRequest, stack: AsyncExitStack) -> Embedder:
    return await served(await embedded(request, stack), stack)


async def served(behind: Embedder, stack: AsyncExitStack) -> Embedder:
    """Our client, and a server that gives the vectors of another embedder."""
    await behind.open()
    stack.push_async_callback(behind.close)

    async def vectors(texts: list[str]) -> list[list[float]]:
        made = await behind.embed(texts)
        return [list(numbers(made, index)) for index in range(made.count)]

    model = Served(ScriptedChat(), ("embedding",), 256, lambda text: len(behind.token_spans(text)) + 2, vectors)
    server = await stack.enter_async_context(OllamaServer({"small:latest": model}))
    return OllamaEmbedder("small", host=server.url)


async def sentence_transformers(request: pytest.FixtureRequest, _stack: AsyncExitStack) -> Embedder:
    folder = request.getfixturevalue("tmp_path_factory").mktemp("minilm")
    write_minilm(folder, request.getfixturevalue("embedding_weights"))
    return SentenceTransformersEmbedder(str(folder), may_fetch=False, announce=pytest.fail)


async def real_ollama(_request: pytest.FixtureRequest, _stack: AsyncExitStack) -> Embedder:
    host = os.environ.get("OLLAMA_HOST", "")
    if not host:
        pytest.skip("OLLAMA_HOST names no server")
    status = await probe_ollama(host)
    fit = [each for each in status.models if not each.remote_host and "embedding" in each.capabilities]
    if not fit:
        pytest.skip(status.reason or f"the server at {status.url} has no local model that makes vectors")
    return OllamaEmbedder(min(fit, key=lambda each: each.size_bytes).name, host=host)


BACK_ENDS: Final[dict[str, tuple[Build, tuple[pytest.MarkDecorator, ...]]]] = {
    "words": (words, ()),
    "embedded": (embedded, (pytest.mark.model,)),
    "ollama over words": (ollama_over_words, ()),
    "ollama over embedded": (ollama_over_embedded, (pytest.mark.model,)),
    "ollama": (real_ollama, (pytest.mark.model,)),
}
if os.environ.get("SUTAZAI_TEST_TORCH"):
    BACK_ENDS["sentence-transformers"] = (sentence_transformers, (pytest.mark.model,))
PARAMETERS: Final = [
    pytest.param((build, cached), id=name + (", cached" if cached else ""), marks=marks)
    for name, (build, marks) in BACK_ENDS.items()
    for cached in (False, True)
    if not (cached and name.startswith("ollama"))
]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=PARAMETERS)
async def embedder(request: pytest.FixtureRequest) -> AsyncIterator[Embedder]:
    build, cached = request.param
    async with AsyncExitStack() as stack:
        embedder = await build(request, stack)
        embedder = CachedEmbedder(embedder, MemoryCache()) if cached else embedder
        await embedder.open()
        yield embedder
        await embedder.close()


def numbers(vectors: Vectors, index: int) -> "array[float]":
    return array("f", vectors.row(index))


def cosine(vectors: Vectors, first: int, second: int) -> float:
    return sum(a * b for a, b in zip(numbers(vectors, first), numbers(vectors, second), strict=True))


async def test_what_it_is_is_known_once_it_is_open(embedder):
    await embedder.open()  # harmless the second time
    info = embedder.info
    assert info.name
    assert info.runtime
    assert len(info.digest) >= 12
    assert info.dimensions > 0
    assert info.max_tokens > 0


async def test_there_is_one_vector_of_unit_length_for_each_text(embedder):
    vectors = await embedder.embed(TEXTS)
    assert (vectors.count, vectors.dimensions) == (len(TEXTS), embedder.info.dimensions)
    for index in range(vectors.count):
        assert math.hypot(*numbers(vectors, index)) == pytest.approx(1, abs=1e-5)


async def test_no_texts_give_no_vectors(embedder):
    assert (await embedder.embed([])).count == 0


async def test_vectors_stand_in_the_order_of_the_texts(embedder):
    together = await embedder.embed(TEXTS)
    for index, text in enumerate(TEXTS):
        assert (await embedder.embed([text])).row(0) == together.row(index)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), min_size=1, max_size=5),
    beside=st.lists(st.sampled_from(TEXTS), max_size=5),
)
async def test_equal_texts_give_equal_vectors_however_they_are_batched(embedder, texts, beside):
    """Bit for bit: alone, beside longer and shorter ones, and twice in one call."""
    alone = await embedder.embed(texts)
    other = await embedder.embed([*beside, *reversed(texts), *texts])
    for index in range(len(texts)):
        for place in (len(beside) + len(texts) - 1 - index, len(beside) + len(texts) + index):
            assert other.row(place) == alone.row(index)


async def test_as_many_texts_as_a_large_document_has_are_embedded_in_one_call(embedder):
    texts = [f"Sentence {number} of {number % 7} about cats." for number in range(150)]
    vectors = await embedder.embed(texts)
    assert vectors.count == len(texts)
    assert (await embedder.embed([texts[100]])).row(0) == vectors.row(100)


async def test_queries_have_vectors_of_the_same_kind(embedder):
    vectors = await embedder.embed(["where does the cat sit?"], kind="query")
    assert (vectors.count, vectors.dimensions) == (1, embedder.info.dimensions)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
async def test_token_spans_are_code_points_in_order(embedder, text):
    spans = embedder.token_spans(text)
    assert all(0 <= first <= last <= len(text) for first, last in spans)
    assert [first for first, _ in spans] == sorted(first for first, _ in spans)


async def test_token_spans_point_at_words_behind_characters_of_many_bytes(embedder):
    text = "😀😀 cat 中文 mat"
    found = [text[first:last] for first, last in embedder.token_spans(text)]
    assert "cat" in found
    assert "mat" in found


async def test_a_text_of_many_pages_is_counted_to_its_end(embedder):
    text = "cat " * 20_000
    spans = embedder.token_spans(text)
    assert len(spans) >= 20_000
    assert spans[-1][1] >= len(text) - 1


async def test_the_longest_text_is_embedded_and_a_longer_one_refused(embedder):
    """By `max_tokens`, as `token_spans` counts: never cut in silence."""
    longest = " ".join(["cat"] * embedder.info.max_tokens)
    assert len(embedder.token_spans(longest)) == embedder.info.max_tokens
    assert (await embedder.embed([longest])).count == 1
    with pytest.raises(ModelError, match=str(embedder.info.max_tokens + 1)):
        await embedder.embed(["short", f"{longest} cat"])


async def test_two_calls_at_once_get_what_they_asked_for(embedder):
    first, second = await asyncio.gather(embedder.embed(TEXTS), embedder.embed(tuple(reversed(TEXTS))))
    assert [first.row(index) for index in range(len(TEXTS))] == [
        second.row(len(TEXTS) - 1 - index) for index in range(len(TEXTS))
    ]


async def test_a_call_can_be_cancelled_and_the_next_one_answers(embedder):
    running = asyncio.ensure_future(embedder.embed([f"text {number}, never seen before" for number in range(200)]))
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled() or embedder.info.runtime == "memory"
    assert (await embedder.embed(["one"])).count == 1


async def test_nothing_is_said_on_stdout_or_stderr(embedder, capfd):
    await embedder.embed(["quiet, please"])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("near", ["The cat is sitting on a mat.", "On the mat there sits a cat."])
async def test_what_means_the_same_is_nearer_than_what_does_not(embedder, near):
    vectors = await embedder.embed(["A cat sits on the mat.", near, "Quarterly revenue grew in spite of inflation."])
    assert cosine(vectors, 0, 1) > cosine(vectors, 0, 2) + 0.2


@pytest.mark.model
async def test_the_vectors_of_the_embedded_model_are_those_of_its_weights(embedding_weights, weights_folder):
    """Computed in double precision by numpy: what is lost is what 8-bit integers cost."""
    embedder = EmbeddedEmbedder(MODEL, embedding_weights, weights_folder, threads=1)
    await embedder.open()
    tensors = Tensors(embedding_weights)
    floats = {name: each for name, each in tensors._header.items() if each.get("dtype") == "F32"}
    weights = {name: tensors.get(name, tuple(each["shape"])) for name, each in floats.items()}
    found = await embedder.embed(TEXTS)
    for index, text in enumerate(TEXTS):
        expected = written_out(weights, embedder._ready().words.numbers(text), MODEL.shape)
        assert float(np.dot(expected, numbers(found, index))) > 0.97
    await embedder.close()
