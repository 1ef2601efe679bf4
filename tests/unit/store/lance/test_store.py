"""What the store over LanceDB does beyond the contract: several handles, words, damage, schemas."""

import asyncio
import errno
import json
import os
from pathlib import Path

import pytest
from filelock import FileLock

from sutazai.errors.knowledge import (
    CollectionBroken,
    CollectionBusy,
    CollectionMismatch,
    CollectionMissing,
    CollectionTooNew,
    CollectionUnwritable,
    OriginalsUnwritable,
)
from sutazai.sdk.document import EmbedderInfo
from sutazai.sdk.testing_documents import WordEmbedder
from sutazai.store.lance import writing
from sutazai.store.lance.rows import table as as_table
from sutazai.store.lance.store import LanceStore
from tests.support.documents import EMBEDDER, entry


async def found(store: LanceStore, query: str, name: str = "c") -> list[str]:
    return sorted(hit.chunk.text for hit in await store.search_text(name, query, limit=50))


async def filled(store: LanceStore, *texts: str, name: str = "c") -> LanceStore:
    await store.create(name, EMBEDDER.info)
    await store.put(name, [await entry(text, text) for text in texts])
    return store


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.rglob(pattern)
    return path


async def test_another_handle_sees_at_once_what_was_acknowledged(opens):
    one, other = await filled(opens(), "alpha"), opens()
    assert await found(other, "alpha") == ["alpha"]
    await one.put("c", [await entry("b", "beta")])
    assert await found(other, "beta") == ["beta"]
    assert (await other.collection("c")).documents == 2
    await other.drop("c")
    with pytest.raises(CollectionMissing):
        await found(one, "beta")
    await other.create("c", WordEmbedder(dimensions=8).info)
    await other.put("c", [await entry("b", "delta", embedder=WordEmbedder(dimensions=8))])
    assert await found(one, "delta beta") == ["delta"]


async def test_tenants_never_see_one_another(opens):
    one, other = opens(tenant="one"), opens(tenant="../one")
    await filled(one, "alpha")
    sha = await one.keep_original(b"secret")
    assert await other.collections() == []
    assert await other.read_original(sha) is None


async def test_many_may_create_and_write_at_once(opens):
    stores = [opens() for _ in range(3)]
    await asyncio.gather(*(store.create("c", EMBEDDER.info) for store in stores))
    entries = [await entry(f"n{at}", f"word{at} shared") for at in range(9)]
    await asyncio.gather(*(stores[at % 3].put("c", [each]) for at, each in enumerate(entries)))
    assert len(await found(stores[0], "shared")) == 9


async def test_words_are_found_in_any_form_and_language_before_and_after_they_are_indexed(store):
    await filled(store, "She was running", "Zürich café", "東京都に行く", "Привет мир", "สวัสดีชาวโลก", "שלום עולם")
    for _ in range(2):
        assert await found(store, "RUNS") == ["She was running"]
        assert await found(store, "zurich Café") == ["Zürich café"]
        assert await found(store, "京都") == ["東京都に行く"]
        assert await found(store, "привет") == ["Привет мир"]
        assert await found(store, "ชาว") == ["สวัสดีชาวโลก"]
        assert await found(store, "עולם") == ["שלום עולם"]
        assert await found(store, "was the") == []
        async with store._shelf.writing("c") as opened:
            await opened.table.optimize()


async def test_titles_and_headings_are_searched_too_and_never_shown(store):
    await store.create("c", EMBEDDER.info)
    await store.put("c", [await entry("a", "the body", title="Quarterly report", chunk={"headings": ("Income",)})])
    (hit,) = await store.search_text("c", "income quarterly", limit=5)
    assert hit.chunk.text == "the body"


async def test_putting_the_same_again_writes_nothing(store):
    await filled(store, "alpha")
    before = await _version(store)
    await store.put("c", [await entry("alpha", "alpha")])
    assert await _version(store) == before
    await store.put("c", [await entry("alpha", "alpha", title="New")])
    assert await _version(store) > before


async def _version(store: LanceStore) -> int:
    async with store._shelf.writing("c") as opened:
        return int(await opened.table.version())


async def test_an_edit_writes_only_the_chunks_that_changed(store, monkeypatch):
    await store.create("c", EMBEDDER.info)
    await store.put("c", [await entry("a", "one", "two", "three")])
    written = []
    monkeypatch.setattr(writing, "table", lambda rows, size: written.extend(rows) or as_table(rows, size))
    await store.put("c", [await entry("a", "one", "TWO", "three")])
    (lost,) = (await entry("a", "two")).chunks
    assert [row.get("content") for row in written] == [None, "TWO", None]
    assert [row["ordinal"] for row in written] == [-1, 1, -2]
    assert written[2]["id"] == lost.id


async def test_a_death_between_the_commit_and_the_sweep_is_not_seen(store, monkeypatch):
    await store.create("c", EMBEDDER.info)
    await store.put("c", [await entry("a", "alpha", "beta"), await entry("b", "gamma")])

    async def dies(of: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(writing, "sweep", dies)
        with pytest.raises(KeyboardInterrupt):
            await store.put("c", [await entry("a", "delta")])
    assert await found(store, "alpha beta gamma delta") == ["delta", "gamma"]
    near = await store.search_vector("c", (await EMBEDDER.embed(["beta"])).row(0), limit=9)
    assert sorted(hit.chunk.text for hit in near) == ["delta", "gamma"]
    info = await store.collection("c")
    assert (info.documents, info.chunks) == (2, 2)
    await store.put("c", [await entry("a", "beta")])
    assert await found(store, "beta delta") == ["beta"]


async def test_vectors_of_another_length_are_refused(store):
    await filled(store, "alpha")
    with pytest.raises(CollectionMismatch, match="32 dimensions"):
        await store.put("c", [await entry("b", "beta", embedder=WordEmbedder(dimensions=8))])
    with pytest.raises(CollectionMismatch, match="32 dimensions"):
        await store.search_vector("c", bytes(8), limit=1)


async def test_a_document_without_chunks_is_listed_and_never_found(store):
    await store.create("c", EMBEDDER.info)
    await store.put("c", [await entry("empty")])
    assert [each.name for each in await store.documents("c")] == ["empty"]
    assert await store.search_vector("c", (await EMBEDDER.embed(["x"])).row(0), limit=9) == []


async def test_whoever_waits_too_long_is_told(opens, tmp_path):
    store = await filled(opens(wait_s=0.05), "alpha")
    with FileLock(only(tmp_path, "locks/c-*.lock"), is_singleton=False):
        with pytest.raises(CollectionBusy, match="'c'"):
            await store.put("c", [await entry("b", "beta")])
        assert await found(store, "alpha beta") == ["alpha"]
    await store.put("c", [await entry("b", "beta")])
    assert await found(store, "alpha beta") == ["alpha", "beta"]


async def test_a_chunk_whose_earlier_row_was_never_swept_is_there_once(store, monkeypatch):
    """A document lost a chunk, the process died before the sweep, and both come back after the document was removed."""

    async def never(of: object) -> None:
        """Dies."""

    with monkeypatch.context() as patched:
        patched.setattr(writing, "sweep", never)
        await filled(store, "alpha", "beta")
        await store.put("c", [await entry("n0", "gamma")])
        await store.remove("c", [each.id for each in await store.documents("c")])
        await store.put("c", [await entry("n0", "alpha", "gamma")])
        await store.put("c", [await entry("n0", "alpha", "delta")])
    assert sorted(await found(store, "alpha gamma delta")) == ["alpha", "delta"]
    async with store._shelf.writing("c") as opened:
        ids = [row["id"] for row in await opened.rows("true", ["id"])]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("kind", ["truncated", "gone", "garbage"])
async def test_damage_is_told_with_the_next_step_and_the_others_go_on(opens, tmp_path, kind):
    store = await filled(await filled(opens(), "alpha"), "beta", name="d")
    await store.close()
    for path in tmp_path.rglob("tables/c-*/data/*.lance"):
        data = path.read_bytes()
        path.unlink()
        if kind != "gone":
            path.write_bytes(data[:50] if kind == "truncated" else bytes(len(data)))
    fresh = opens()
    with pytest.raises(CollectionBroken, match="'c' are damaged") as told:
        await found(fresh, "alpha")
    assert "sutazai docs" in told.value.hint
    assert "/root/" not in told.value.message
    assert await found(fresh, "beta", name="d") == ["beta"]
    assert [each.name for each in await fresh.collections()] == ["c", "d"]
    await fresh.drop("c")
    assert [each.name for each in await fresh.collections()] == ["d"]
    assert await found(await filled(fresh, "alpha"), "alpha") == ["alpha"]


async def test_a_table_that_is_gone_is_damage(opens, tmp_path):
    await (await filled(opens(), "alpha")).close()
    only(tmp_path, "tables/c-*.lance").rename(tmp_path / "elsewhere")
    fresh = opens()
    with pytest.raises(CollectionBroken):
        await found(fresh, "alpha")
    assert [(each.name, each.documents) for each in await fresh.collections()] == [("c", 0)]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "c"}', "\x00"])
async def test_a_damaged_manifest_is_told_and_the_others_go_on(opens, tmp_path, text):
    store = await filled(await filled(opens(), "alpha"), "beta", name="d")
    only(tmp_path, "collections/c-*.json").write_text(text)
    with pytest.raises(CollectionBroken, match="'c'"):
        await found(store, "alpha")
    assert [each.name for each in await store.collections()] == ["d"]
    health = await store.health()
    assert [bool(each.error) for each in health.collections] == [True, False]
    await store.drop("c")
    await filled(store, "gamma")
    assert await found(store, "gamma") == ["gamma"]


async def test_originals_stay_while_a_damaged_collection_might_hold_them(opens, tmp_path):
    store = await filled(opens(), "alpha")
    sha = await store.keep_original(b"x")
    await store.put("c", [await entry("b", "beta", sha256=sha)])
    await filled(store, "beta", name="d")
    only(tmp_path, "tables/d-*.lance").rename(tmp_path / "elsewhere")
    await store.remove("c", [(await entry("b")).record.id])
    assert await store.read_original(sha) == b"x"


async def test_a_folder_that_cannot_be_made_is_told(opens, tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = LanceStore(tmp_path / "file", tenant="t", clock=opens()._clock)
    with pytest.raises(CollectionUnwritable, match="cannot be written"):
        await store.create("c", EMBEDDER.info)
    with pytest.raises(OriginalsUnwritable, match="documents cannot be kept"):
        await store.keep_original(b"x")


async def test_a_lock_that_cannot_be_opened_is_told(opens, tmp_path, monkeypatch):
    """As on a disk that was mounted anew, for reading only."""
    store = await filled(opens(), "alpha")
    real = os.open

    def closed(path, *arguments, **named):
        if str(path).endswith(".lock"):
            raise OSError(errno.EROFS, "Read-only file system")
        return real(path, *arguments, **named)

    monkeypatch.setattr(os, "open", closed)
    with pytest.raises(CollectionUnwritable, match="Read-only"):
        await store.remove("c", ["x"])
    with pytest.raises(OriginalsUnwritable, match="Read-only"):
        await store.keep_original(b"x")
    assert await found(store, "alpha") == ["alpha"]


async def test_the_health_of_every_collection_is_told(store):
    await filled(store, "alpha", "beta")
    await store.keep_original(b"123")
    health = await store.health()
    (one,) = health.collections
    assert (one.name, one.embedder, one.documents, one.chunks, one.error) == ("c", "words", 2, 2, "")
    assert (one.fragments, one.unindexed, one.trained, one.reindexing) == (1, 4, 0, "")
    assert one.size_bytes == (await store.collection("c")).size_bytes > 0
    assert (health.originals, health.originals_bytes) == (1, 3)


async def test_a_table_of_an_older_schema_is_brought_to_the_present_one(opens, tmp_path):
    """Nothing was released before this schema: the step is one that a later version might bring."""
    await filled(opens(), "alpha")
    steps = []

    async def adds_a_column(table: object) -> None:
        steps.append(1)
        if "mood" not in (await table.schema()).names:
            await table.add_columns({"mood": "'calm'"})

    for _ in range(2):
        newer = opens(migrations=(adds_a_column,))
        assert await found(newer, "alpha") == ["alpha"]
    assert steps == [1]
    async with newer._shelf.writing("c") as opened:
        assert [row["mood"] for row in await opened.rows("ordinal = 0", ["mood"])] == ["calm"]
    assert json.loads(only(tmp_path, "collections/*.json").read_text())["schema"] == 2
    with pytest.raises(CollectionTooNew, match="schema 2, known up to 1"):
        await found(opens(), "alpha")


async def test_a_step_of_the_schema_that_failed_is_taken_again(opens):
    await filled(opens(), "alpha")
    fails = [True]

    async def step(table: object) -> None:
        if fails.pop():
            raise RuntimeError("no space left on device")
        fails.append(False)

    store = opens(migrations=(step,))
    with pytest.raises(CollectionUnwritable):
        await found(store, "alpha")
    fails.append(False)
    assert await found(store, "alpha") == ["alpha"]


async def test_a_collection_made_by_an_embedder_that_was_not_opened_is_a_mistake(store):
    with pytest.raises(AssertionError, match="opened"):
        await store.create("c", EmbedderInfo("x", "y", "z", 0, 10))


async def test_a_collection_whose_manifest_cannot_be_written_is_not_made(store, monkeypatch):
    def full(path: Path, manifest: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("sutazai.store.lance.manifest.write", full)
        with pytest.raises(CollectionUnwritable, match="No space left"):
            await store.create("c", EMBEDDER.info)
    assert await store.collections() == []
    assert await found(await filled(store, "alpha"), "alpha") == ["alpha"]


async def test_the_loop_goes_on_while_a_store_works(store):
    """Another task has its turn again and again while documents are put and searched."""
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.ensure_future(tick())
    await filled(store, "alpha", "beta")
    before = ticks
    assert await found(store, "alpha") == ["alpha"]
    assert ticks > before + 10
    ticking.cancel()


async def test_a_closed_store_opens_again(store):
    await filled(store, "alpha")
    await store.close()
    await store.close()
    assert await found(store, "alpha") == ["alpha"]
