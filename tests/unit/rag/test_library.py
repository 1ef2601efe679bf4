"""Collections can be listed, shown, exported, emptied and given other weights."""

import pytest

from sutazai.errors.knowledge import CollectionBroken, CollectionMissing, DocumentMissing
from sutazai.rag.request import (
    AddRequest,
    CollectionsRequest,
    ExportRequest,
    ListRequest,
    ReindexRequest,
    RemoveRequest,
    SearchRequest,
    ShowRequest,
)
from sutazai.sdk.testing import collect
from sutazai.sdk.testing_documents import WordEmbedder


@pytest.fixture
async def run(agent, ports):
    """Runs a capability over a collection of three documents."""
    await collect(agent, "docs.add", AddRequest(paths=(".",), tags={"a": "b"}), ports)

    async def run(capability, request):
        return (await collect(agent, capability, request, ports)).result

    return run


async def test_documents_are_listed_by_name(run):
    listed = await run("docs.list", ListRequest())
    assert [each.name for each in listed.documents] == ["code/basket.py", "docs/fruit.md", "docs/sky.txt"]
    assert (listed.documents[1].title, listed.documents[1].tags, listed.documents[0].language) == (
        "Fruit",
        {"a": "b"},
        "python",
    )
    part = await run("docs.list", ListRequest(limit=1, offset=1))
    assert [each.name for each in part.documents] == ["docs/fruit.md"]


async def test_a_document_is_shown_with_headings_and_passages(run):
    shown = await run("docs.show", ShowRequest(document="docs/fruit.md"))
    assert shown.headings == ("Fruit", "Pears")
    assert [(each.ordinal, each.headings) for each in shown.passages] == [(0, ("Fruit",)), (1, ("Fruit", "Pears"))]
    by_id = await run("docs.show", ShowRequest(document=shown.document.id[:8]))
    assert by_id == shown
    with pytest.raises(DocumentMissing):
        await run("docs.show", ShowRequest(document="nothing"))


async def test_documents_are_removed_all_or_none(run, ports):
    with pytest.raises(DocumentMissing):
        await run("docs.remove", RemoveRequest(documents=("docs/sky.txt", "nothing")))
    report = await run("docs.remove", RemoveRequest(documents=("docs/sky.txt", "docs/sky.txt")))
    assert (report.removed, report.collection_removed) == (("docs/sky.txt",), False)
    assert len((await run("docs.list", ListRequest())).documents) == 2
    assert (await run("docs.remove", RemoveRequest())).removed == ()


async def test_a_whole_collection_is_removed(run):
    report = await run("docs.remove", RemoveRequest(everything=True))
    assert (len(report.removed), report.collection_removed) == (3, True)
    assert (await run("docs.collections", CollectionsRequest())).collections == ()
    with pytest.raises(CollectionMissing):
        await run("docs.remove", RemoveRequest(everything=True))


async def test_a_collection_that_is_damaged_can_be_removed_all_the_same(run, ports, monkeypatch):
    async def broken(*_arguments, **_options):
        raise CollectionBroken("documents", "truncated")

    monkeypatch.setattr(ports.tenants["local"], "documents", broken)
    report = await run("docs.remove", RemoveRequest(everything=True))
    assert (report.removed, report.collection_removed) == ((), True)
    assert (await run("docs.collections", CollectionsRequest())).collections == ()


async def test_collections_say_what_they_hold(run):
    (state,) = (await run("docs.collections", CollectionsRequest())).collections
    assert (state.name, state.embedder, state.documents, state.chunks) == ("documents", "words", 3, 4)


async def test_documents_are_exported_with_their_passages(run):
    everything = await run("docs.export", ExportRequest())
    assert [len(each.passages) for each in everything.documents] == [1, 2, 1]
    some = await run("docs.export", ExportRequest(documents=("docs/sky.txt", "docs/sky.txt")))
    assert [each.document.name for each in some.documents] == ["docs/sky.txt"]
    with pytest.raises(CollectionMissing):
        await run("docs.export", ExportRequest(collection="other"))


async def test_a_collection_gets_vectors_of_other_weights(run, agent, ports):
    before = list(ports.vectors.embedded)
    ports.vectors = WordEmbedder(name="others")
    seen = await collect(agent, "docs.reindex", ReindexRequest(), ports)
    assert (seen.result.before, seen.result.embedder, seen.result.chunks) == ("words", "others", 4)
    assert sorted(ports.vectors.embedded) == sorted(before)
    assert [(each.done, each.total) for each in seen.of("progress")] == [(4, 4)]
    assert (await run("docs.search", SearchRequest(query="pears", mode="vector"))).passages


async def test_vectors_of_the_same_weights_are_not_made_anew(run, agent, ports):
    ports.vectors.embedded.clear()
    await run("docs.reindex", ReindexRequest())
    assert ports.vectors.embedded == []


async def test_a_collection_that_is_not_there_cannot_be_changed(run):
    with pytest.raises(CollectionMissing):
        await run("docs.reindex", ReindexRequest(collection="other"))
