"""A change of weights may stop and go on, in any process, and the old vectors are searched until the end."""

import pytest

from sutazai.errors.knowledge import CollectionMismatch, ReindexUnfinished
from sutazai.sdk.testing_documents import WordEmbedder
from sutazai.store.lance import reindexing
from sutazai.store.lance.store import LanceStore
from tests.support.documents import EMBEDDER, entry

OTHER = WordEmbedder(name="other", dimensions=16)
THIRD = WordEmbedder(name="third", dimensions=8)


@pytest.fixture
async def filled(store: LanceStore) -> LanceStore:
    await store.create("c", EMBEDDER.info)
    await store.put("c", [await entry("a", "alpha", "beta"), await entry("b", "gamma")])
    return store


async def renew(store: LanceStore, embedder: WordEmbedder, limit: int) -> list[str]:
    """One round; gives the texts."""
    pending = await store.reindex_pending("c", embedder.info, limit=limit)
    vectors = await embedder.embed([each.text for each in pending])
    await store.reindex_put("c", embedder.info, [each.id for each in pending], vectors)
    return [each.text for each in pending]


async def test_another_process_goes_on_where_one_stopped(filled, opens, tmp_path):
    first = await renew(filled, OTHER, 2)
    assert [each.text for each in await filled.reindex_pending("c", OTHER.info, limit=9)] != first
    other = opens()
    assert [(each.reindexing, each.name) for each in (await other.health()).collections] == [("other", "c")]
    second = await renew(other, OTHER, 9)
    assert sorted(first + second) == ["alpha", "beta", "gamma"]
    await other.reindex_finish("c", OTHER.info)
    await other.reindex_finish("c", OTHER.info)
    assert await filled.reindex_pending("c", OTHER.info, limit=9) == []
    assert (await filled.collection("c")).embedder == OTHER.info
    (hit,) = await filled.search_vector("c", (await OTHER.embed(["beta"])).row(0), limit=1)
    assert hit.chunk.text == "beta"
    assert len(list(tmp_path.rglob("tables/*.lance"))) == 1


async def test_a_change_that_is_not_complete_cannot_end(filled):
    await renew(filled, OTHER, 2)
    with pytest.raises(ReindexUnfinished, match="1 chunks of 'c'"):
        await filled.reindex_finish("c", OTHER.info)
    assert (await filled.collection("c")).embedder == EMBEDDER.info


async def test_weights_that_are_there_already_need_nothing(filled):
    assert await filled.reindex_pending("c", EMBEDDER.info, limit=9) == []
    await filled.reindex_finish("c", EMBEDDER.info)


async def test_other_weights_begin_anew(filled, tmp_path):
    await renew(filled, OTHER, 2)
    assert len(await filled.reindex_pending("c", THIRD.info, limit=9)) == 3
    assert len(list(tmp_path.rglob("tables/*.lance"))) == 2
    with pytest.raises(CollectionMismatch, match="made by third, not by other"):
        await filled.reindex_put("c", OTHER.info, ["x"], await OTHER.embed(["x"]))
    with pytest.raises(CollectionMismatch, match="made by third, not by other"):
        await filled.reindex_finish("c", OTHER.info)


async def test_what_was_edited_meanwhile_needs_a_new_vector_again(filled):
    await renew(filled, OTHER, 9)
    await filled.put("c", [await entry("b", "gamma", title="Another title, embedded with the text")])
    assert await renew(filled, OTHER, 9) == ["gamma"]
    await filled.reindex_finish("c", OTHER.info)
    assert (await filled.collection("c")).chunks == 3


async def test_what_was_removed_between_two_looks_is_passed_over(filled):
    assert len(await filled.reindex_pending("c", OTHER.info, limit=1)) == 1
    await filled.remove("c", [(await entry("a")).record.id])
    assert await renew(filled, OTHER, 1) == ["gamma"]
    assert await filled.reindex_pending("c", OTHER.info, limit=1) == []
    assert await filled.reindex_pending("c", OTHER.info, limit=0) == []


async def test_vectors_that_do_not_fit_are_a_mistake(filled):
    await filled.reindex_pending("c", OTHER.info, limit=1)
    with pytest.raises(AssertionError, match="one vector"):
        await filled.reindex_put("c", OTHER.info, ["x", "y"], await OTHER.embed(["x"]))
    with pytest.raises(AssertionError, match="one vector"):
        await filled.reindex_put("c", OTHER.info, ["x"], await EMBEDDER.embed(["x"]))


async def test_a_large_change_finds_its_vectors_by_an_index(filled, monkeypatch):
    monkeypatch.setattr(reindexing, "_INDEXED_FROM", 3)
    monkeypatch.setattr(reindexing, "_AT_ONCE", 1)
    await renew(filled, OTHER, 9)
    await filled.reindex_finish("c", OTHER.info)
    for text in ("alpha", "beta", "gamma"):
        (hit,) = await filled.search_vector("c", (await OTHER.embed([text])).row(0), limit=1)
        assert hit.chunk.text == text
