"""The embedding model in this process, on a tiny encoder: right vectors, order, lengths, cancelling, closing."""

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sutazai.errors.embedding import EmbedderMissing, EmbeddingFailed, TextTooLong
from sutazai.llm.embedding import embedded as module
from sutazai.llm.embedding.embedded import EmbeddedEmbedder
from tests.support.tiny_encoder import embedded, make_encoder, random_weights

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sutazai.llm.embedding.recipes import Recipe
    from sutazai.sdk.document import Vectors

TEXTS = ["a cat sat on the mat", "", "😀", "Zürich, naïve café", "one", "two three four five six seven eight nine ten"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> "tuple[Recipe, Path, Path]":
    """Recipe, weights, and a folder to keep what is prepared."""
    folder = tmp_path_factory.mktemp("tiny")
    return (*make_encoder(folder), folder / "store")


@pytest.fixture
async def embedder(tiny):
    embedder = EmbeddedEmbedder(*tiny, threads=3)
    await embedder.open()
    yield embedder
    await embedder.close()


def rows(vectors: "Vectors") -> "NDArray[np.float32]":
    return np.frombuffer(vectors.data, "<f4").reshape(vectors.count, vectors.dimensions)


async def test_vectors_are_those_of_the_model_written_out_in_numpy(embedder):
    """Up to what seven-bit weights and eight-bit activations cost."""
    weights = random_weights()
    model = embedder._ready()
    expected = np.array([embedded(weights, model.words.numbers(text)) for text in TEXTS])
    found = rows(await embedder.embed(TEXTS))
    assert (found * expected).sum(axis=1).min() > 0.999
    assert (expected @ expected.T).min() < 0.9  # else any vector would do


async def test_vectors_have_unit_length_and_the_order_of_the_texts(embedder):
    many = rows(await embedder.embed(TEXTS))
    assert np.linalg.norm(many, axis=1) == pytest.approx(1, abs=1e-5)
    for index, text in enumerate(TEXTS):
        assert (rows(await embedder.embed([text]))[0] == many[index]).all()


async def test_no_texts_give_no_vectors(embedder):
    assert (await embedder.embed([])).count == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(max_size=30), max_size=6), extra=st.lists(st.text(max_size=30), max_size=4))
async def test_a_vector_depends_on_its_text_alone(embedder, texts, extra):
    """Bit for bit, whatever stands beside it and in whatever order."""
    alone = await embedder.embed(texts)
    beside = await embedder.embed([*extra, *reversed(texts)])
    for index in range(len(texts)):
        assert alone.row(index) == beside.row(len(extra) + len(texts) - 1 - index)


async def test_queries_and_documents_are_read_alike(embedder):
    assert await embedder.embed(["cat"], kind="query") == await embedder.embed(["cat"], kind="document")


async def test_the_longest_text_fits_and_one_token_more_is_refused(embedder):
    """`max_tokens` counts what `token_spans` gives."""
    most = embedder.info.max_tokens
    longest = " ".join(["cat"] * most)
    assert len(embedder.token_spans(longest)) == most
    assert (await embedder.embed([longest])).count == 1
    with pytest.raises(TextTooLong, match=f"{most + 1} tokens does not fit the {most} of tiny"):
        await embedder.embed(["short", f"{longest} cat"])


async def test_spaces_alone_are_no_tokens(embedder):
    assert embedder.token_spans(" \n\t ") == []
    assert await embedder.embed([" \n\t "]) == await embedder.embed([""])


async def test_before_open_and_after_close_nothing_is_embedded(tiny):
    embedder = EmbeddedEmbedder(*tiny, threads=1)
    with pytest.raises(EmbeddingFailed, match="not open"):
        await embedder.embed(["a"])
    await embedder.open()
    await embedder.close()
    await embedder.close()
    with pytest.raises(EmbeddingFailed, match="not open"):
        embedder.token_spans("a")


async def test_two_that_open_at_once_load_it_once_and_it_can_be_opened_again(tiny, monkeypatch):
    loads = []
    monkeypatch.setattr(EmbeddedEmbedder, "_load", counted(EmbeddedEmbedder._load, loads))
    embedder = EmbeddedEmbedder(*tiny, threads=1)
    await asyncio.gather(embedder.open(), embedder.open())
    assert len(loads) == 1
    await embedder.close()
    await embedder.open()
    assert len(loads) == 2
    await embedder.close()


def counted(method, calls):
    def wrapper(self):
        calls.append(self)
        return method(self)

    return wrapper


async def test_cancelling_leaves_out_what_was_not_begun(embedder, monkeypatch):
    """And waits for what was, so that nothing runs on behind the caller's back."""
    begun, go = asyncio.Event(), asyncio.Event()
    loop, done = asyncio.get_running_loop(), []
    original = module._Model._one

    def one(self, numbers):
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(go.wait(), loop).result()
        done.append(original(self, numbers))
        return done[-1]

    monkeypatch.setattr(module._Model, "_one", one)
    running = asyncio.ensure_future(embedder.embed([f"text {n}" for n in range(40)]))
    await begun.wait()
    running.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert 1 <= len(done) <= 3


async def test_a_missing_library_is_named_with_the_way_round_it(tiny, monkeypatch):
    def gone(_data):
        raise ModuleNotFoundError("No module named 'onnxruntime'", name="onnxruntime")

    monkeypatch.setattr(module, "_session", gone)
    with pytest.raises(EmbedderMissing, match="onnxruntime is not installed") as caught:
        await EmbeddedEmbedder(*tiny, threads=1).open()
    assert "ollama:" in caught.value.hint


@pytest.mark.parametrize("where", ["_session", "_one"])
async def test_what_the_runtime_says_is_told(tiny, monkeypatch, where):
    def broken(*_):
        raise RuntimeError("no memory left")

    monkeypatch.setattr(*((module, where) if where == "_session" else (module._Model, where)), broken)
    with pytest.raises(EmbeddingFailed, match="tiny failed: no memory left"):
        await opened_and_asked(EmbeddedEmbedder(*tiny, threads=1))


async def opened_and_asked(embedder):
    try:
        await embedder.open()
        await embedder.embed(["a"])
    finally:
        await embedder.close()


async def test_bytes_that_are_no_model_are_an_error_of_the_runtime(tiny, monkeypatch, tmp_path):
    (tmp_path / "model").write_bytes(b"no model")
    monkeypatch.setattr(module, "prepared", lambda *_: tmp_path / "model")
    with pytest.raises(EmbeddingFailed, match="tiny failed"):
        await EmbeddedEmbedder(*tiny, threads=1).open()
