"""Tending: what gathered is folded in when there is enough of it, and a search finds the same before and after."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

from sutazai.sdk.document import CollectionInfo, Condition
from sutazai.sdk.testing_documents import WordEmbedder
from sutazai.store.lance import upkeep
from sutazai.store.lance.collection import OpenCollection
from sutazai.store.lance.store import LanceStore
from sutazai.store.lance.upkeep import Budget, is_due
from tests.support.documents import EMBEDDER, entry

INDEXED = Budget(fragments=10_000, unindexed=10_000, while_adding=10_000, flat=300, growth=2.0, deltas=1)


async def add(store: LanceStore, first: int, count: int, embedder: WordEmbedder = EMBEDDER) -> None:
    await store.create("c", embedder.info)
    words = [f"shared word{at} more{at % 7}" for at in range(first, first + count)]
    await store.put("c", [await entry(f"n{first}-{at}", text, embedder=embedder) for at, text in enumerate(words)])


async def state(store: LanceStore) -> tuple[int, int, int]:
    (one,) = (await store.health()).collections
    return one.fragments, one.unindexed, one.trained


async def is_found(store: LanceStore, text: str) -> bool:
    """Whether its own vector finds it: among the first, since many of these texts have nearly the same words."""
    hits = await store.search_vector("c", (await EMBEDDER.embed([text])).row(0), limit=20)
    return text in [hit.chunk.text for hit in hits] and hits[0].score == pytest.approx(1, abs=1e-5)


async def info(store: LanceStore) -> CollectionInfo:
    found = await store.collection("c")
    assert found is not None
    return found


async def test_little_is_left_alone(opens):
    store = opens()
    await add(store, 0, 3)
    before = await state(store)
    await store.optimize("c")
    assert await state(store) == before == (1, 6, 0)


@pytest.mark.parametrize(
    "budget", [Budget(fragments=4), Budget(fragments=10_000, unindexed=8)], ids=["small files", "rows without index"]
)
async def test_much_is_folded_in(opens, budget):
    store = opens(budget=budget)
    for at in range(4):
        await add(store, at, 1)
    assert await state(store) == (4, 8, 0)
    await store.optimize("c")
    assert await state(store) == (1, 0, 0)
    assert len(await store.search_text("c", "shared", limit=9)) == 4
    assert await is_found(store, "shared word2 more2")


async def test_much_more_gathers_where_more_is_to_be_added_at_once(opens):
    store = opens(budget=Budget(unindexed=4, while_adding=8))
    for count, left in ((2, 4), (1, 6), (1, 0)):
        await add(store, count * 10 + left, count)
        await store.optimize("c", done=False)
        assert (await state(store))[1] == left
    await add(store, 100, 2)
    await store.optimize("c")
    assert (await state(store))[1] == 0


async def test_old_versions_are_freed(opens, monkeypatch):
    monkeypatch.setattr("sutazai.store.lance.upkeep._SPARE_BYTES", 0)
    store = opens(budget=Budget(fragments=10_000, unindexed=10_000, bloat=1.5, keep_s=0.001))
    for at in range(10):
        await add(store, at, 1)
    await store.remove("c", [each.id for each in await store.documents("c", limit=9)])
    before = (await info(store)).size_bytes
    await store.optimize("c")
    assert (await info(store)).size_bytes < before / 2
    assert len(await store.search_text("c", "shared", limit=9)) == 1


async def test_what_a_dead_process_left_behind_is_freed(opens, tmp_path):
    store = opens(budget=Budget(fragments=1, keep_s=0.001))
    await add(store, 0, 2)
    (table,) = tmp_path.rglob("tables/*.lance")
    left = [table / "data" / "00110011.lance", table.with_name(table.stem[:-12] + "0" * 12 + ".lance")]
    left[0].write_bytes(b"half a file")
    left[1].mkdir()
    sha = await store.keep_original(b"x")
    (claim,) = tmp_path.rglob("claims/*")
    claim.unlink()
    await store.optimize("c")
    assert [path.exists() for path in left] == [False, False]
    assert await store.read_original(sha) is None
    assert len(await store.search_text("c", "shared", limit=9)) == 2


async def test_nothing_is_done_while_another_process_writes(opens, tmp_path: Path):
    store = opens(budget=Budget(fragments=1))
    await add(store, 0, 2)
    (lock,) = tmp_path.rglob("locks/c-*.lock")
    with FileLock(lock, is_singleton=False):
        await store.optimize("c")
    assert (await state(store))[1] == 4
    await store.optimize("c")
    assert (await state(store))[1] == 0


async def test_many_vectors_are_indexed_and_the_index_is_made_anew_when_they_doubled(opens):
    store = opens(budget=INDEXED)
    await add(store, 0, 300)
    await store.optimize("c")
    assert ((await state(store))[2], (await info(store)).indexed) == (0, False)
    await add(store, 300, 1)
    await store.optimize("c")
    assert ((await state(store))[2], (await info(store)).indexed) == (301, True)
    await add(store, 301, 50)
    assert await is_found(store, "shared word340 more4")
    await store.optimize("c")
    assert (await state(store))[2] == 301
    await add(store, 351, 300)
    await store.optimize("c")
    assert (await state(store))[2] == 651
    for at in (0, 300, 340, 650):
        assert await is_found(store, f"shared word{at} more{at % 7}")
    other = opens(budget=INDEXED)
    assert await is_found(other, "shared word650 more6")


async def test_what_a_filter_leaves_is_found_by_the_index_whether_it_is_much_or_little(opens):
    store, vector = opens(budget=INDEXED), (await EMBEDDER.embed(["word7"])).row(0)
    await add(store, 0, 301)
    await store.optimize("c")
    for glob, count in (("n0-1*", 111), ("n0-29?", 10), ("n0-300", 1), ("nothing", 0)):
        hits = await store.search_vector("c", vector, limit=400, where=Condition("name", "~", glob))
        assert len(hits) == count


async def test_vectors_that_the_index_cannot_hold_are_compared_one_by_one(opens):
    embedder, store = WordEmbedder(dimensions=12), opens(budget=INDEXED)
    await add(store, 0, 301, embedder)
    await store.optimize("c")
    assert not (await info(store)).indexed
    assert len(await store.search_vector("c", (await embedder.embed(["word7"])).row(0), limit=9)) == 9


async def test_new_weights_are_indexed_as_the_old_ones_were(opens):
    store, other = opens(budget=INDEXED), WordEmbedder(name="other", dimensions=16)
    await add(store, 0, 301)
    while pending := await store.reindex_pending("c", other.info, limit=200):
        vectors = await other.embed([each.text for each in pending])
        await store.reindex_put("c", other.info, [each.id for each in pending], vectors)
    await store.reindex_finish("c", other.info)
    assert (await info(store)).indexed
    assert (await state(store))[2] == 301
    assert len(await store.search_vector("c", (await other.embed(["word7"])).row(0), limit=400)) >= 300


class Table:
    """What is asked of a table when it is to be tended, told without one."""

    def __init__(self, per_put: int) -> None:
        self.rows, self.fragments, self.unindexed, self.per_put = 0, 0, 0, per_put

    def put(self) -> None:
        self.rows, self.fragments = self.rows + self.per_put, self.fragments + 1
        self.unindexed += self.per_put

    def tend(self) -> None:
        self.fragments = self.unindexed = 0

    async def stats(self) -> dict[str, object]:
        return {
            "num_rows": self.rows,
            "fragment_stats": {"num_small_fragments": self.fragments},
            "total_bytes": self.rows * 2_000,
        }

    async def list_indices(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(columns=["content"], name="content_idx")]

    async def index_stats(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(num_unindexed_rows=self.unindexed)

    async def count_rows(self, where: str) -> int:
        return 0


@pytest.mark.parametrize(("per_put", "until", "most"), [(1_000, 1_000_000, 30), (20, 100_000, 100)])
async def test_tending_while_more_is_added_costs_as_much_a_row_however_many_there_are(opens, per_put, until, most):
    """As if each tending wrote the whole table; what old versions hold that were too young to go asks for none."""
    store, table, written = opens(), Table(per_put), 0
    await store.create("c", EMBEDDER.info)
    manifest = await store._shelf.there("c")
    while table.rows < until:
        table.put()
        bytes_now = table.rows * 2_000 * 5
        opened = OpenCollection(manifest, table)
        if await is_due(opened, Budget(), disk_bytes=bytes_now, left_bytes=bytes_now, done=False):
            written += table.rows
            table.tend()
    assert until < written < most * until


async def test_old_versions_that_could_not_go_yet_ask_for_no_tending(opens, monkeypatch):
    monkeypatch.setattr("sutazai.store.lance.upkeep._SPARE_BYTES", 0)
    tended, real = [], upkeep.tend

    async def tend(*arguments, **named):
        tended.append(1)
        return await real(*arguments, **named)

    monkeypatch.setattr("sutazai.store.lance.upkeep.tend", tend)
    budget = Budget(fragments=10_000, unindexed=10_000, bloat=1.5, keep_s=1_000)
    store = opens(budget=budget)
    for expected in (1, 2):
        for at in range(6 * expected):
            await add(store, 100 * expected + at, 1)
        await store.remove("c", [each.id for each in await store.documents("c")])
        for _ in range(2):
            await store.optimize("c")
            assert len(tended) == expected
    await opens(budget=budget).optimize("c")
    assert len(tended) == 3


def lookups() -> Budget:
    return Budget(fragments=3, unindexed=10, looked_up=5, flat=300)


async def test_documents_are_found_by_an_index_as_they_are_without_one(opens):
    """Those in the index, those not in it yet, edited ones, and those that were taken out."""
    store = opens(budget=lookups())
    await add(store, 0, 8)
    await store.optimize("c")
    async with store._shelf.writing("c") as opened:
        assert [each.columns for each in await opened.table.list_indices()] == [["content"], ["document"]]
    await store.put("c", [await entry("n0-1", "edited word"), await entry("n9-0", "fresh word")])
    names = {each.name: each.id for each in await store.documents("c")}
    assert len(names) == 9
    await store.put("c", [await entry("n9-0", "fresh word", "more of it")])
    assert await store.remove("c", [names["n0-2"], names["n9-0"], "nothing"]) == 2
    for _ in range(2):
        assert [each.text for each in await store.chunks("c", names["n0-1"])] == ["edited word"]
        assert (await info(store)).chunks == 7
        assert await store.chunks("c", names["n9-0"]) == []
        assert len(await store.search_text("c", "shared fresh edited", limit=20)) == 7
        await store.optimize("c")
