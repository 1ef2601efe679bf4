"""The embedding model of sentence-transformers, with a pretended library."""

import asyncio
import math
import sys
import threading
from array import array

import pytest

from sutazai.errors.embedding import (
    EmbedderMissing,
    EmbeddingFailed,
    HubFetchFailed,
    HubModelMissing,
    TextTooLong,
    UnknownEmbedder,
)
from sutazai.llm.embedding import hub
from sutazai.llm.embedding.hub import is_here
from sutazai.llm.embedding.sentence_transformers import SentenceTransformersEmbedder
from tests.support.fake_transformers import FakeLibrary, FakeTensor

NAME = "example/encoder"


@pytest.fixture
def library(monkeypatch) -> FakeLibrary:
    library = FakeLibrary(here={NAME})
    library.install(monkeypatch)
    monkeypatch.setattr(hub, "_fetched", library.here.__contains__)
    return library


@pytest.fixture
def said() -> list[str]:
    return []


async def opened(name: str = NAME) -> SentenceTransformersEmbedder:
    embedder = SentenceTransformersEmbedder(name, may_fetch=False, announce=pytest.fail)
    await embedder.open()
    return embedder


async def test_a_model_that_is_here_is_loaded_once_without_a_look_at_the_network(library):
    embedder = SentenceTransformersEmbedder(NAME, may_fetch=True, announce=pytest.fail)
    assert (embedder.info.name, embedder.info.dimensions) == (NAME, 0)
    await asyncio.gather(embedder.open(), embedder.open())
    assert library.loads == [(NAME, True)]
    assert library.quiet == ["bar", "advice"]
    info = embedder.info
    assert (info.name, info.runtime, info.dimensions, info.max_tokens) == (NAME, "sentence-transformers", 3, 10)
    assert len(info.digest) == 64
    await embedder.close()
    await embedder.close()
    with pytest.raises(EmbeddingFailed, match="not open"):
        await embedder.embed(["a"])


async def test_what_is_not_here_is_announced_and_then_fetched(library, said):
    library.here.clear()
    embedder = SentenceTransformersEmbedder(NAME, may_fetch=True, announce=said.append)
    await embedder.open()
    assert library.loads == [(NAME, True), (NAME, False)]
    assert len(said) == 1
    assert f"fetching {NAME} from Hugging Face" in said[0]


@pytest.mark.parametrize(
    ("broken", "error", "message"),
    [
        (OSError("We couldn't connect"), HubFetchFailed, "fetched and loaded: We couldn't connect"),
        (ImportError("no", name="einops"), EmbedderMissing, "einops"),
    ],
)
async def test_a_fetch_that_fails_says_why_and_what_to_look_at(library, said, broken, error, message):
    library.broken_fetch = broken
    library.here.clear()
    embedder = SentenceTransformersEmbedder(NAME, may_fetch=True, announce=said.append)
    with pytest.raises(error, match=message):
        await embedder.open()
    assert len(said) == 1


async def test_what_is_not_here_is_not_fetched_without_leave(library):
    library.here.clear()
    with pytest.raises(HubModelMissing, match=NAME) as caught:
        await opened()
    assert library.loads == [(NAME, True)]
    assert "st:/path" in caught.value.hint


async def test_what_is_here_and_broken_says_why(library):
    library.broken = ValueError("the config\nis odd")
    with pytest.raises(EmbeddingFailed, match="the config is odd"):
        await opened()


async def test_a_folder_is_never_fetched(library, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in (str(tmp_path / "model"), "./model", "~/model"):
        assert is_here(name)
        await opened(name)
    assert library.loads == [(str(tmp_path / "model"), True)] * 3
    library.broken = OSError()
    with pytest.raises(EmbeddingFailed, match="OSError"):
        await opened("./model")


@pytest.mark.parametrize("name", ["./gone", "/gone/away", "a/b/c", "a b", "../x", "model"])
async def test_a_name_that_is_none_is_refused(library, tmp_path, monkeypatch, name):
    """Also one that is a folder of wherever one stands: its weights could be anybody's."""
    (tmp_path / "here" / "model").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(UnknownEmbedder):
        await opened(name)
    assert library.loads == []


async def test_a_missing_extra_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(EmbedderMissing, match="not installed") as caught:
        await opened()
    assert caught.value.hint == "pip install 'sutazai[sentence-transformers]'"


async def test_a_missing_library_of_the_library_is_named(library):
    library.broken = ImportError("no", name="einops")
    with pytest.raises(EmbedderMissing, match="einops"):
        await opened()


async def test_what_was_fetched_is_seen_without_a_look_at_the_network(tmp_path):
    assert not is_here("example/never-fetched")
    assert not is_here("never-fetched")


async def test_each_text_is_a_run_of_its_own_and_equal_ones_are_one(library):
    embedder = await opened()
    library.runs.clear()
    vectors = await embedder.embed(["a", "cat", "a", "", "b\ud800"])
    assert library.runs == [("document", "a"), ("document", "cat"), ("document", "."), ("document", "b\ufffd")]
    assert (vectors.count, vectors.row(0)) == (5, vectors.row(2))
    assert all(math.hypot(*array("f", vectors.row(each))) == pytest.approx(1, abs=1e-6) for each in range(5))
    query = await embedder.embed(["a"], kind="query")
    assert library.runs[-1] == ("query", "a")
    assert query.row(0) != vectors.row(0)


async def test_tokens_are_counted_by_the_models_tokenizer_with_nothing_cut_off(library):
    embedder = await opened()
    assert embedder.token_spans("A cat\ud800 mat.") == [(0, 1), (2, 6), (7, 10), (10, 11)]
    assert len(embedder.token_spans("cat " * 5000)) == 5000
    assert library.model.tokenizer.backend_tokenizer.truncation  # the library's own is left as it is


@pytest.mark.parametrize(("length", "most"), [(None, 510), (10**30, 8190), (256, 254)])
async def test_the_longest_text_is_as_the_model_says_within_reason(library, length, most):
    library.model.max_seq_length = length
    assert (await opened()).info.max_tokens == most


async def test_a_longer_text_is_refused_before_anything_is_computed(library):
    embedder = await opened()
    library.runs.clear()
    with pytest.raises(TextTooLong, match="11 tokens does not fit the 10"):
        await embedder.embed(["a", "cat " * 11])
    assert library.runs == []
    assert (await embedder.embed(["cat " * 10])).count == 1


@pytest.mark.parametrize(
    ("prompts", "default", "most"),
    [
        ({"query": "query: ", "passage": "a passage: "}, None, 7),
        ({"any": "a: "}, "any", 8),
        ({"document": None, "query": ""}, None, 10),
    ],
)
async def test_what_the_library_puts_before_a_text_is_counted(library, prompts, default, most):
    library.model.prompts, library.model.default_prompt_name = prompts, default
    embedder = await opened()
    assert embedder.info.max_tokens == most
    with pytest.raises(TextTooLong):
        await embedder.embed(["cat " * (most + 1)])


async def test_a_text_that_does_not_fit_together_with_what_stands_before_it_is_refused(library):
    library.model.prompts = {"document": "a"}
    embedder = await opened()
    assert (await embedder.embed(["cat " * 9])).count == 1
    library.model.prompts = {"document": "a.", "query": ""}
    embedder = await opened()
    embedder._model.max_tokens += 1  # as a tokenizer would that joins differently
    with pytest.raises(TextTooLong):
        await embedder.embed(["cat " * 9])


async def test_a_model_that_reads_nothing_or_does_not_tell_its_tokens_is_refused(library):
    library.model.max_seq_length = 2
    with pytest.raises(EmbeddingFailed, match="reads no text"):
        await opened()
    library.model.tokenizer = object()
    with pytest.raises(EmbeddingFailed, match="its tokenizer"):
        await opened()


async def test_the_digest_follows_what_makes_the_vectors_and_not_the_name(library, tmp_path):
    digests = [(await opened()).info.digest, (await opened(str(tmp_path))).info.digest]
    assert digests[0] == digests[1]
    library.model.weights["a"] = FakeTensor([[2.0, 4.0]])
    digests.append((await opened()).info.digest)
    library.model.parts[1].pooling_mode = "cls"
    digests.append((await opened()).info.digest)
    library.model.prompts["query"] = "query: "
    digests.append((await opened()).info.digest)
    library.model.max_seq_length = 20
    digests.append((await opened()).info.digest)
    assert len(set(digests)) == 5


async def test_a_run_that_fails_is_told_as_ours(library):
    embedder = await opened()
    library.fails = RuntimeError("CUDA error:\nout of memory")
    with pytest.raises(EmbeddingFailed, match="CUDA error: out of memory"):
        await embedder.embed(["a"])


async def test_a_cancelled_call_ends_after_the_text_at_hand(library):
    embedder = await opened()
    library.runs.clear()
    begun, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        go_on.wait(10)

    library.while_running = wait
    running = asyncio.ensure_future(embedder.embed([f"{each}" for each in range(9)]))
    await asyncio.to_thread(begun.wait, 10)
    running.cancel()
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.wait({running})
    assert running.cancelled()
    assert library.runs == [("document", "0")]


async def test_two_calls_never_run_the_library_at_once(library):
    """Its tokenizer cannot be used from two threads."""
    embedder = await opened()
    met: list[str] = []
    two = threading.Barrier(2)

    def meet() -> None:
        try:
            two.wait(0.05)
            met.append("two at once")
        except threading.BrokenBarrierError:
            two.reset()

    library.while_running = meet
    await asyncio.gather(embedder.embed(["a"]), embedder.embed(["cat"]))
    assert met == []
