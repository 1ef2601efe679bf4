"""What documents need is opened on first use, once, and closed at the end."""

import asyncio
import sys

import pytest

from sutazai.runtime import embedders
from sutazai.runtime.knowledge import collection_names
from sutazai.runtime.opening import open_runtime
from sutazai.sdk.document import DocumentSource
from sutazai.sdk.testing_documents import MemoryReranker, WordEmbedder
from sutazai.store.lance import manifest
from sutazai.store.lance.places import Places, stem


def ignore(_event) -> None:
    """Nobody listens."""


@pytest.fixture
def embedder(monkeypatch):
    """The embedder that is always chosen."""
    chosen = WordEmbedder()
    chosen.chosen = 0

    async def choose(loaded, emit):
        chosen.chosen += 1
        await asyncio.sleep(0)
        return chosen

    monkeypatch.setattr(embedders, "choose_embedder", choose)
    return chosen


async def test_two_runs_at_once_get_the_same_embedder_which_is_closed_at_the_end(machine, embedder):
    async with open_runtime(machine.loaded()) as runtime:
        ports = [runtime.resources.ports(ignore) for _ in range(2)]
        first, second = await asyncio.gather(*(each.embedder() for each in ports))
        assert first is second is embedder
        assert (embedder.chosen, embedder.closed) == (1, 0)
    assert embedder.closed == 1


async def test_each_tenant_has_a_store_of_its_own_and_nothing_is_loaded_for_it(machine):
    loaded_before = "lancedb" in sys.modules
    async with open_runtime(machine.loaded()) as runtime:
        ports, others = runtime.resources.ports(ignore), runtime.resources.ports(ignore)
        ours = await ports.documents("ours")
        assert ours is await others.documents("ours")
        assert ours is not await ports.documents("theirs")
    assert ("lancedb" in sys.modules) == loaded_before
    assert not machine.loaded().folders.documents.exists()


async def test_a_run_has_one_reader_that_tells_it_which_page_it_is_at(machine):
    events = []
    async with open_runtime(machine.loaded(), folder=machine.folder) as runtime:
        ports = runtime.resources.ports(events.append)
        reader = await ports.reader()
        assert reader is await ports.reader()
        assert reader is not await runtime.resources.ports(ignore).reader()
        reader._on_page("long.pdf", 7)
    assert [(each.phase, each.done, each.unit, each.label) for each in events] == [("pages", 7, "pages", "long.pdf")]


async def test_documents_are_read_within_the_limits_of_the_settings(machine):
    from sutazai.errors.reading import DocumentTooLarge  # noqa: PLC0415 (only here)

    async with open_runtime(machine.loaded(docs__max_file_bytes=3)) as runtime:
        reader = await runtime.resources.ports(ignore).reader()
        with pytest.raises(DocumentTooLarge):
            await reader.original(DocumentSource("a", data=b"four"))


async def test_there_is_a_reranker_only_where_one_is_configured(machine, monkeypatch):
    chosen = []

    async def choose(loaded, emit):
        chosen.append(loaded.settings.docs.reranker)
        return MemoryReranker()

    monkeypatch.setattr(embedders, "choose_reranker", choose)
    async with open_runtime(machine.loaded()) as runtime:
        assert await runtime.resources.ports(ignore).reranker() is None
    async with open_runtime(machine.loaded(docs__reranker="st:some/cross-encoder")) as runtime:
        first, second = [await runtime.resources.ports(ignore).reranker() for _ in range(2)]
    assert first is second
    assert chosen == ["st:some/cross-encoder"]


async def test_conversations_lie_beside_the_history(machine):
    async with open_runtime(machine.loaded()) as runtime:
        assert await (await runtime.resources.sessions()).sessions() == []
    assert not machine.loaded().folders.local_file.exists()


async def test_collections_are_named_without_opening_them(machine):
    """A manifest that cannot be read names none."""
    loaded = machine.loaded()
    assert collection_names(loaded) == []
    folder = Places(loaded.folders.documents / stem("local"))
    folder.prepare()
    for name in ("manuals", "Code"):
        manifest.write(folder.manifest(name), manifest.Manifest(name, 1, WordEmbedder().info, "t"))
    folder.manifest("broken").write_text("{")
    assert collection_names(loaded) == ["Code", "manuals"]
