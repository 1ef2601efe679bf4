"""The test kit for documents keeps the promises of the ports it stands for."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sutazai.errors.knowledge import CollectionMismatch, CollectionMissing, CollectionNameBad, DocumentError
from sutazai.errors.models import PromptTooLong
from sutazai.sdk.document import (
    Chunk,
    Condition,
    DocumentEntry,
    DocumentRecord,
    DocumentSource,
    ParsedDocument,
    Vectors,
)
from sutazai.sdk.testing import MemoryPorts
from sutazai.sdk.testing_documents import MemoryDocuments, MemoryReader, MemoryReranker, WordEmbedder

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def entry(name: str, *texts: str, embedder: WordEmbedder | None = None) -> DocumentEntry:
    """A document of these chunks."""
    key = f"id-{name}"
    chunks = tuple(Chunk(f"{key}-{at}", key, at, at, at + 1, text) for at, text in enumerate(texts))
    record = DocumentRecord(key, name, f"/{name}", "text", "", f"sha-{name}", 1, 1, 0, len(texts), NOW)
    return DocumentEntry(record, chunks, await (embedder or WordEmbedder()).embed(texts))


@pytest.fixture
async def store() -> MemoryDocuments:
    """A collection `c` of two documents."""
    made = MemoryDocuments()
    await made.create("c", WordEmbedder().info)
    await made.put("c", [await entry("b", "red apples", "green pears"), await entry("a", "blue sky over apples")])
    return made


async def test_texts_that_share_words_have_near_vectors(store):
    embedder = WordEmbedder()
    await embedder.open()
    vector = (await embedder.embed(["pears, GREEN"], kind="query")).row(0)
    hits = await store.search_vector("c", vector, limit=2)
    assert hits[0].chunk.text == "green pears"
    assert hits[0].score == pytest.approx(1)
    assert len(hits) == 2
    await embedder.close()
    assert (embedder.opened, embedder.closed, embedder.embedded) == (1, 1, ["pears, GREEN"])


async def test_an_embedder_refuses_what_is_too_long_and_fails_when_told():
    embedder = WordEmbedder(max_tokens=2)
    assert embedder.token_spans("ab, c") == [(0, 2), (2, 3), (4, 5)]
    with pytest.raises(PromptTooLong):
        await embedder.embed(["a b c"])
    assert (await embedder.embed(["", "!"])).count == 2
    embedder.failure = ValueError("broken")
    with pytest.raises(ValueError, match="broken"):
        await embedder.embed(["a"])


async def test_text_is_searched_by_words_and_a_filter_holds(store):
    hits = await store.search_text("c", "apples", limit=9)
    assert [each.chunk.text for each in hits] == ["red apples", "blue sky over apples"]
    assert await store.search_text("c", 'none" of AND (these', limit=9) == []
    only = Condition("name", "=", "a")
    assert [each.chunk.text for each in await store.search_text("c", "apples", limit=9, where=only)] == [
        "blue sky over apples"
    ]
    vector = (await WordEmbedder().embed(["apples"])).row(0)
    assert [each.chunk.document for each in await store.search_vector("c", vector, limit=9, where=only)] == ["id-a"]


async def test_documents_come_by_name_and_are_found_by_id_prefix_or_name(store):
    assert [each.name for each in await store.documents("c")] == ["a", "b"]
    assert [each.name for each in await store.documents("c", limit=1, offset=1)] == ["b"]
    for known in ("id-a", "a"):
        assert (await store.document("c", known)).name == "a"
    for unknown in ("id-", "", "x"):
        assert await store.document("c", unknown) is None
    assert (await store.document("c", "id-b")).id == "id-b"


async def test_chunks_come_in_order(store):
    assert [each.text for each in await store.chunks("c", "id-b")] == ["red apples", "green pears"]
    assert [each.ordinal for each in await store.chunks("c", "id-b", 1, 1)] == [1]
    assert await store.chunks("c", "nothing") == []


async def test_a_newer_version_replaces_the_whole_document(store):
    await store.put("c", [await entry("b", "yellow")])
    assert [each.text for each in await store.chunks("c", "id-b")] == ["yellow"]
    info = await store.collection("c")
    assert (info.documents, info.chunks, info.name) == (2, 2, "c")
    assert [each.name for each in await store.collections()] == ["c"]
    with pytest.raises(AssertionError, match="1 vectors, 0 chunks"):
        await store.put("c", [replace(await entry("b", "yellow"), chunks=())])


async def test_what_was_removed_leaves_nothing_behind(store):
    sha = await store.keep_original(b"text")
    assert await store.read_original(sha) == b"text"
    made = await entry("c", "x")
    await store.put("c", [replace(made, record=replace(made.record, sha256=sha))])
    assert await store.remove("c", ["id-c", "id-c", "id-x"]) == 1
    assert await store.read_original(sha) is None
    await store.drop("c")
    assert await store.collection("c") is None
    with pytest.raises(CollectionMissing):
        await store.documents("c")


async def test_a_collection_knows_its_embedder(store):
    await store.create("c", WordEmbedder().info)
    with pytest.raises(CollectionMismatch, match="made by words, not by others"):
        await store.create("c", WordEmbedder(name="others").info)
    with pytest.raises(CollectionNameBad):
        await store.create("../c", WordEmbedder().info)


async def test_new_vectors_are_searched_only_when_all_are_there(store):
    other = WordEmbedder(name="others")
    pending = await store.reindex_pending("c", other.info, limit=2)
    assert len(pending) == 2
    await store.reindex_put("c", other.info, [each.id for each in pending], await other.embed(["x", "y"]))
    (last,) = await store.reindex_pending("c", other.info, limit=9)
    assert (await store.collection("c")).embedder.name == "words"
    await store.reindex_put("c", other.info, [last.id], await other.embed([last.text]))
    await store.reindex_finish("c", other.info)
    assert (await store.collection("c")).embedder.name == "others"
    vector = (await other.embed([last.text])).row(0)
    assert (await store.search_vector("c", vector, limit=1))[0].chunk.id == last.id
    await store.optimize("c")
    assert store.optimized == ["c"]


async def test_a_reader_gives_the_documents_under_a_path():
    reader = MemoryReader({"d/a.md": "# One\n\ntext\n\n## Two", "d/b": "plain", "x": DocumentError("x", "broken")})
    found = await reader.collect(["d/", "y"], exclude=["d/b"])
    assert [each.name for each in found.sources] == ["d/a.md"]
    assert ([(each.path, each.named) for each in found.skipped], found.ignored_count) == ([("y", True)], 1)
    assert len((await reader.collect(["."])).sources) == 3
    parsed = await reader.read(found.sources[0], await reader.original(found.sources[0]))
    assert (parsed.format, parsed.title) == ("markdown", "One")
    assert [(each.level, each.title, each.start) for each in parsed.headings] == [(1, "One", 0), (2, "Two", 13)]


async def test_a_reader_fails_as_the_test_says():
    whole = ParsedDocument("text", "pdf")
    reader = MemoryReader({"x": DocumentError("x", "broken"), "p": whole, "b": "plain"})
    with pytest.raises(DocumentError, match="broken"):
        await reader.read(DocumentSource("x"), await reader.original(DocumentSource("x")))
    with pytest.raises(DocumentError, match="not there"):
        await reader.original(DocumentSource("y"))
    assert await reader.read(DocumentSource("p"), await reader.original(DocumentSource("p"))) is whole
    assert (await reader.read(DocumentSource("b"), b"plain")).format == "text"
    assert (await reader.read(DocumentSource("stdin", data=b"hi"), b"hi")).text == "hi"
    assert await reader.original(DocumentSource("stdin", data=b"hi")) == b"hi"


async def test_a_reranker_counts_shared_words():
    assert await MemoryReranker().scores("red pears", ["red pears!", "pears", "sky"]) == [2, 1, 0]


async def test_tenants_share_nothing():
    ports = MemoryPorts()
    await (await ports.documents("a")).create("c", WordEmbedder().info)
    assert await (await ports.documents("b")).collections() == []
    assert len(await (await ports.documents("a")).collections()) == 1


async def test_ports_in_memory_raise_where_no_embedder_can_be_had():
    with pytest.raises(ValueError, match="none"):
        await MemoryPorts(vectors=ValueError("none")).embedder()


def test_vectors_know_their_rows():
    assert Vectors(1, b"abcdefgh").row(1) == b"efgh"
