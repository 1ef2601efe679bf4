"""What `doctor` sees of documents: the embedding model, the store, and collections that something ails."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sutazai.errors.knowledge import CollectionMissing
from sutazai.llm.catalog import find
from sutazai.llm.ollama_listing import OllamaModel
from sutazai.runtime import knowledge_checkup
from sutazai.runtime.checkup import Check
from sutazai.runtime.knowledge_checkup import knowledge_checks
from sutazai.runtime.models import weight_store
from sutazai.store.lance.health import CollectionHealth, StoreHealth

NAME = "all-minilm-l6-v2"
WHOLE = CollectionHealth("documents", "minilm", documents=2, chunks=5, fragments=1, size_bytes=1_500_000)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The packages that are installed."""
    found = {"onnxruntime", "lancedb"}
    monkeypatch.setattr(knowledge_checkup, "find_spec", lambda name: name if name in found else None)
    return found


async def seen(machine, **flags) -> dict[str, Check]:
    """The checks by name."""
    return {each.name: each async for each in knowledge_checks(machine.loaded(**flags), machine.status)}


def has_store(machine, monkeypatch: pytest.MonkeyPatch, *collections: CollectionHealth) -> Path:
    """There is a store, and this is how it is."""
    folder = machine.loaded().folders.documents
    (folder / "local-1" / "collections").mkdir(parents=True)
    (folder / "local-1" / "collections" / "documents.json").write_text(json.dumps({}))

    async def health(_loaded: object) -> StoreHealth:
        return StoreHealth(folder, collections, 2, 500_000)

    monkeypatch.setattr(knowledge_checkup, "_health", health)
    return folder


async def test_weights_that_are_not_here_are_a_note_with_their_size(machine, here):
    check = (await seen(machine))["embedder"]
    assert (check.state, check.hint) == ("note", f"sutazai models pull {NAME}")
    assert "not fetched yet (91 MB)" in check.text


async def test_weights_are_prepared_or_will_be(machine, here):
    machine.has(NAME)
    check = (await seen(machine))["embedder"]
    assert (check.state, check.text) == ("ok", f"{NAME} by onnxruntime, here, and prepared on first use")
    derived = weight_store(machine.loaded()).derived(find(NAME).sha256)
    derived.mkdir(parents=True)
    (derived / "sha256-1").touch()
    assert (await seen(machine))["embedder"].text == f"{NAME} by onnxruntime, prepared"


async def test_a_runtime_without_a_wheel_is_missing_and_has_a_way_around(machine, here):
    here.clear()
    check = (await seen(machine))["embedder"]
    assert check.state == "missing"
    assert "ollama:NAME" in check.hint


@pytest.mark.parametrize("name", ["nope", "qwen2.5-coder:1.5b"])
async def test_a_name_of_no_embedding_model_is_missing(machine, here, name):
    check = (await seen(machine, docs__embedder=name))["embedder"]
    assert check.state == "missing"
    assert name in check.text


async def test_an_embedder_of_ollama_is_looked_for_there(machine, here):
    flags = {"docs__embedder": "ollama:nomic-embed-text"}
    assert (await seen(machine, **flags))["embedder"].state == "note"
    machine.serves()
    check = (await seen(machine, **flags))["embedder"]
    assert (check.state, check.hint) == ("missing", "ollama pull nomic-embed-text")
    machine.serves(OllamaModel("nomic-embed-text:latest", 1, "d" * 64))
    assert (await seen(machine, **flags))["embedder"] == Check("embedder", "ok", "nomic-embed-text by Ollama")


async def test_an_embedder_of_ollama_that_chats_is_doubted(machine, here):
    machine.serves(OllamaModel("qwen3:latest", 1, "d" * 64, capabilities=("completion",)))
    check = (await seen(machine, docs__embedder="ollama:qwen3"))["embedder"]
    assert (check.state, "does not say" in check.text) == ("note", True)
    machine.serves(OllamaModel("qwen3:latest", 1, "d" * 64, capabilities=("embedding",)))
    assert (await seen(machine, docs__embedder="ollama:Qwen3"))["embedder"].state == "ok"


async def test_sentence_transformers_are_an_extra(machine, here):
    flags = {"docs__embedder": "st:BAAI/bge-small-en-v1.5", "docs__reranker": "st:some/encoder"}
    checks = await seen(machine, **flags)
    for name in ("embedder", "reranker"):
        assert checks[name].state == "missing"
        assert checks[name].hint == "pip install 'sutazai[sentence-transformers]'"


async def test_a_model_of_sentence_transformers_is_here_or_will_be_fetched_or_is_missing(machine, here, tmp_path):
    here.add("sentence_transformers")
    flags = {"docs__embedder": "st:example/not-fetched", "docs__reranker": f"st:{tmp_path}"}
    checks = await seen(machine, **flags)
    assert (checks["embedder"].state, "not fetched yet" in checks["embedder"].text) == ("note", True)
    assert checks["reranker"] == Check("reranker", "ok", f"{tmp_path} by sentence-transformers")
    checks = await seen(machine, **flags, offline=True)
    assert (checks["embedder"].state, checks["reranker"].state) == ("missing", "ok")
    assert (await seen(machine, docs__embedder=f"st:{tmp_path}/gone"))["embedder"].state == "missing"


async def test_a_name_of_no_reranker_is_missing_and_none_is_not_spoken_of(machine, here):
    check = (await seen(machine, docs__reranker="bge"))["reranker"]
    assert (check.state, check.hint) == ("missing", "set `docs.reranker` to `st:NAME-OR-PATH`")
    assert "reranker" not in await seen(machine)


async def test_a_store_that_nobody_began_is_not_opened(machine, here):
    here.discard("lancedb")
    check = (await seen(machine))["documents"]
    assert (check.state, "not made yet" in check.text) == ("ok", True)


async def test_a_store_tells_its_folder_and_its_size(machine, here, monkeypatch):
    folder = has_store(machine, monkeypatch, WHOLE)
    checks = await seen(machine)
    assert checks["documents"] == Check("documents", "ok", f"{folder}: 2 documents, 5 passages, 2.0 MB in documents")
    assert list(checks) == ["embedder", "documents"]


async def test_a_store_that_cannot_be_opened_is_missing(machine, here, monkeypatch):
    has_store(machine, monkeypatch)
    here.discard("lancedb")
    assert "pip install lancedb" in (await seen(machine))["documents"].hint
    here.add("lancedb")

    async def fail(_loaded: object) -> StoreHealth:
        raise CollectionMissing("x")

    monkeypatch.setattr(knowledge_checkup, "_health", fail)
    assert (await seen(machine))["documents"].state == "missing"


async def test_collections_that_something_ails_are_named(machine, here, monkeypatch):
    broken = replace(WHOLE, name="broken", error="its table is damaged")
    moving = replace(WHOLE, name="moving", reindexing="bge")
    scattered = replace(WHOLE, name="scattered", fragments=500)
    has_store(machine, monkeypatch, WHOLE, broken, moving, scattered)
    checks = await seen(machine)
    assert checks["collection broken"].state == "missing"
    assert "docs remove --all --collection broken" in checks["collection broken"].hint
    assert checks["collection moving"].hint == "sutazai docs reindex --collection moving"
    assert "500 small files" in checks["collection scattered"].text
    assert "collection documents" not in checks
