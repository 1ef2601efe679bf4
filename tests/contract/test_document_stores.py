"""What every store of documents promises, tried on LanceDB and on the store of the test kit with the same tests."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sutazai.errors.knowledge import CollectionMismatch, CollectionMissing, CollectionNameBad
from sutazai.sdk.document import Chunk, Combined, Condition, DocumentEntry, Filter
from sutazai.sdk.knowledge import DocumentStore
from sutazai.sdk.matching import matches
from sutazai.sdk.testing import FixedClock
from sutazai.sdk.testing_documents import MemoryDocuments, WordEmbedder
from sutazai.store.lance.store import LanceStore
from tests.support.documents import EMBEDDER, NOW, entry


@pytest.fixture(params=["memory", "lance"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DocumentStore]:
    """An empty store with a collection `c`."""
    made = MemoryDocuments() if request.param == "memory" else LanceStore(tmp_path, tenant="t", clock=FixedClock())
    await made.create("c", EMBEDDER.info)
    yield made
    if isinstance(made, LanceStore):
        await made.close()


async def vector(text: str, embedder: WordEmbedder = EMBEDDER) -> bytes:
    return (await embedder.embed([text], kind="query")).row(0)


async def texts(store: DocumentStore, query: str, where: Filter | None = None) -> list[str]:
    """What the two searches find, which must be consistent: text first."""
    return [hit.chunk.text for hit in await store.search_text("c", query, limit=50, where=where)]


async def test_what_was_put_comes_back_as_it_was(store):
    made = await entry(
        "docs/ä.md",
        "First passage\nwith lines",
        "second",
        chunk={"headings": ("One", "Two"), "page": 3, "end_page": 4, "start_line": 7, "end_line": 9, "symbol": "a.b"},
        title="A title",
        tags={"team": "search", "x": "1=2"},
        notes=("one page has no text",),
        modified_at=NOW - timedelta(days=1, microseconds=1),
        language="python",
    )
    await store.put("c", [made])
    assert await store.documents("c") == [made.record]
    assert tuple(await store.chunks("c", made.record.id)) == made.chunks
    hits = await store.search_text("c", "passage", limit=5)
    assert [hit.chunk for hit in hits] == [made.chunks[0]]
    nearest = await store.search_vector("c", await vector("second"), limit=1)
    assert [hit.chunk for hit in nearest] == [made.chunks[1]]
    assert nearest[0].score == pytest.approx(1, abs=1e-5)


async def test_an_edited_document_replaces_what_it_was(store):
    await store.put("c", [await entry("a", "alpha", "beta", "gamma"), await entry("b", "delta")])
    edited = await entry("a", "beta", "epsilon")
    await store.put("c", [edited])
    assert await texts(store, "alpha gamma") == []
    assert sorted(await texts(store, "beta delta epsilon")) == ["beta", "delta", "epsilon"]
    assert tuple(await store.chunks("c", edited.record.id)) == edited.chunks
    info = await store.collection("c")
    assert (info.documents, info.chunks) == (2, 3)


async def test_putting_the_same_again_changes_nothing(store):
    made = [await entry("a", "alpha", "beta"), await entry("b")]
    for _ in range(3):
        await store.put("c", made)
    info = await store.collection("c")
    assert (info.documents, info.chunks, info.name, info.embedder) == (2, 2, "c", EMBEDDER.info)
    assert await texts(store, "alpha") == ["alpha"]


async def test_the_last_version_in_a_batch_counts(store):
    await store.put("c", [await entry("a", "old"), await entry("a", "new")])
    await store.put("c", [])
    assert (await texts(store, "old"), await texts(store, "new")) == ([], ["new"])


async def test_what_was_removed_leaves_nothing_behind(store):
    sha = await store.keep_original(b"the original")
    made = await entry("a", "alpha", sha256=sha)
    await store.put("c", [made, await entry("b", "beta")])
    assert await store.read_original(sha) == b"the original"
    assert await store.remove("c", [made.record.id, made.record.id, "nothing"]) == 1
    assert await store.remove("c", [made.record.id]) == 0
    assert await texts(store, "alpha beta") == ["beta"]
    assert await store.document("c", "a") is None
    assert await store.chunks("c", made.record.id) == []
    assert await store.read_original(sha) is None


async def test_an_original_stays_as_long_as_any_document_of_any_collection_has_it(store):
    sha = await store.keep_original(b"shared")
    await store.create("d", EMBEDDER.info)
    await store.put("c", [await entry("a", "x", sha256=sha), await entry("b", "x", sha256=sha)])
    await store.put("d", [await entry("a", "x", sha256=sha)])
    await store.remove("c", [(await entry("a")).record.id])
    await store.drop("d")
    assert await store.read_original(sha) == b"shared"
    await store.remove("c", [(await entry("b")).record.id])
    assert await store.read_original(sha) is None
    assert await store.read_original("../../etc/passwd") is None


async def test_documents_come_by_name_and_are_found_by_id_prefix_or_name(store):
    made = {name: await entry(name, "x") for name in ("b", "a", "it's")}
    await store.put("c", list(made.values()))
    assert [each.name for each in await store.documents("c")] == ["a", "b", "it's"]
    assert [each.name for each in await store.documents("c", limit=1, offset=1)] == ["b"]
    assert [each.name for each in await store.documents("c", offset=2)] == ["it's"]
    assert await store.documents("c", limit=0) == []
    key = made["b"].record.id
    for known in (key, key[:12], "b"):
        assert (await store.document("c", known)) == made["b"].record
    assert (await store.document("c", "it's")).name == "it's"
    for unknown in ("", "nothing", "%", "_"):
        assert await store.document("c", unknown) is None


async def test_chunks_come_in_order(store):
    made = await entry("a", *"abcdefghijkl")
    await store.put("c", [made])
    key = made.record.id
    assert [each.text for each in await store.chunks("c", key)] == list("abcdefghijkl")
    assert [each.text for each in await store.chunks("c", key, 2, 4)] == ["c", "d", "e"]
    assert [each.text for each in await store.chunks("c", key, 10)] == ["k", "l"]
    assert [each.text for each in await store.chunks("c", key, -3, 0)] == ["a"]
    assert await store.chunks("c", "nothing") == []


async def test_a_collection_knows_its_embedder_and_its_name(store):
    await store.create("c", EMBEDDER.info)
    with pytest.raises(CollectionMismatch, match="made by words, not by others"):
        await store.create("c", WordEmbedder(name="others").info)
    for bad in ("", "../c", "1a", "a b", "a/b", "é", "x" * 65, "a\n", ".a"):
        with pytest.raises(CollectionNameBad):
            await store.create(bad, EMBEDDER.info)


async def test_names_that_differ_by_case_alone_are_two_collections(store):
    for name in ("Docs", "docs", "docs.", "a-b_c.d", "con"):
        await store.create(name, EMBEDDER.info)
    await store.put("Docs", [await entry("a", "x")])
    counts = {each.name: each.documents for each in await store.collections()}
    assert counts == {"Docs": 1, "a-b_c.d": 0, "c": 0, "con": 0, "docs": 0, "docs.": 0}
    assert [each.name for each in await store.collections()] == sorted(counts)


async def test_a_collection_that_is_not_there_is_named(store):
    await store.drop("c")
    assert await store.collection("c") is None
    assert await store.collections() == []
    for call in (
        store.documents("c"),
        store.document("c", "a"),
        store.chunks("c", "a"),
        store.search_text("c", "a", limit=1),
        store.search_vector("c", await vector("a"), limit=1),
        store.put("c", [await entry("a", "x")]),
        store.remove("c", ["a"]),
        store.drop("c"),
    ):
        with pytest.raises(CollectionMissing, match="'c'"):
            await call
    await store.create("c", WordEmbedder(name="others").info)


@pytest.mark.parametrize(
    "query",
    ["", " ", "\n", "the", '"', '"a phrase', "(a OR", "AND NOT *", "a:b^2~", "😀", "\x00", "\ud800", "x" * 10_000],
)
async def test_any_text_is_a_query(store, query):
    await store.put("c", [await entry("a", "something else entirely")])
    assert await texts(store, query) == []


async def test_a_limit_holds(store):
    await store.put("c", [await entry(str(at), f"word {at}") for at in range(5)])
    for limit, found in ((0, 0), (3, 3), (99, 5)):
        assert len(await store.search_text("c", "word", limit=limit)) == found
        assert len(await store.search_vector("c", await vector("word"), limit=limit)) == found


async def test_new_vectors_are_searched_only_when_all_are_there(store):
    await store.put("c", [await entry("a", "alpha", "beta"), await entry("b", "gamma")])
    other = WordEmbedder(name="others", dimensions=16)
    seen: list[Chunk] = []
    while pending := await store.reindex_pending("c", other.info, limit=2):
        seen += pending
        vectors = await other.embed([each.text for each in pending])
        assert (await store.collection("c")).embedder == EMBEDDER.info
        assert (await store.search_vector("c", await vector("gamma"), limit=1))[0].chunk.text == "gamma"
        await store.reindex_put("c", other.info, [each.id for each in pending], vectors)
    assert sorted(each.text for each in seen) == ["alpha", "beta", "gamma"]
    await store.reindex_finish("c", other.info)
    assert (await store.collection("c")).embedder == other.info
    for text in ("alpha", "beta", "gamma"):
        (hit,) = await store.search_vector("c", await vector(text, other), limit=1)
        assert (hit.chunk.text, hit.score) == (text, pytest.approx(1, abs=1e-5))
    assert await texts(store, "beta") == ["beta"]
    assert len(await store.documents("c")) == 2
    await store.put("c", [await entry("d", "delta", embedder=other)])
    assert (await store.search_vector("c", await vector("delta", other), limit=1))[0].chunk.text == "delta"


async def test_documents_may_come_and_go_while_vectors_are_made_anew(store):
    first = await entry("a", "alpha", "beta")
    await store.put("c", [first, await entry("b", "gamma")])
    other = WordEmbedder(name="others", dimensions=16)
    pending = await store.reindex_pending("c", other.info, limit=9)
    vectors = await other.embed([each.text for each in pending])
    await store.reindex_put("c", other.info, [each.id for each in pending], vectors)
    await store.remove("c", [first.record.id])
    await store.put("c", [await entry("d", "delta")])
    (left,) = await store.reindex_pending("c", other.info, limit=9)
    assert left.text == "delta"
    await store.reindex_put("c", other.info, [left.id], await other.embed(["delta"]))
    assert await store.reindex_pending("c", other.info, limit=9) == []
    await store.reindex_finish("c", other.info)
    hits = await store.search_vector("c", await vector("alpha", other), limit=9)
    assert sorted(hit.chunk.text for hit in hits) == ["delta", "gamma"]


WORDS = st.text(st.sampled_from("ab'\"\\%_*?/[]().;-= \n\x1f😀éA"), max_size=6)
TEXT_FIELDS = st.sampled_from(["document", "name", "format", "language", "title", "symbol"])
VALUES = WORDS | st.sampled_from(["a/b.md", "a*", "**/b.md", "a/?.md", "' OR '1'='1", "') OR true --", "team=a", "x"])
CONDITIONS = st.one_of(
    st.builds(Condition, TEXT_FIELDS, st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "~"]), VALUES),
    st.builds(Condition, st.just("tag"), st.sampled_from(["=", "!=", "~"]), VALUES | st.just("team=*")),
    st.builds(Condition, st.just("page"), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.integers(-1, 7)),
    st.builds(
        Condition,
        st.sampled_from(["added_at", "modified_at"]),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.integers(-2, 2).map(lambda days: NOW + timedelta(days=days)),
    ),
)
FILTERS = st.recursive(
    CONDITIONS,
    lambda inner: (
        st.builds(lambda part: Combined("not", (part,)), inner)
        | st.builds(Combined, st.sampled_from(["and", "or"]), st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=5,
)


async def assorted() -> list[DocumentEntry]:
    """Documents that differ in everything a filter can ask for."""
    pages = [{}, {"page": 2}, {"page": 3, "end_page": 5}, {"page": 6, "symbol": "a.b"}, {"symbol": "it's"}]
    return [
        await entry("a/b.md", "word 0", chunk=pages[0], title="It's", tags={"team": "a", "x": "y/z"}),
        await entry("a/c.md", "word 1", chunk=pages[1], format="pdf", modified_at=NOW),
        await entry("b.md", "word 2", chunk=pages[2], format="pdf", language="python", added_at=NOW + timedelta(1)),
        await entry("x'; --", "word 3", chunk=pages[3], title="a%b_c\\", modified_at=NOW - timedelta(1)),
        await entry(
            "a*b\n😀", "word 4", chunk=pages[4], tags={"team": "search", "k'": "é"}, added_at=NOW - timedelta(2)
        ),
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LanceStore]:
    made = LanceStore(tmp_path_factory.mktemp("filled"), tenant="t", clock=FixedClock())
    await made.create("c", EMBEDDER.info)
    await made.put("c", await assorted())
    yield made
    await made.close()


@pytest.mark.asyncio(loop_scope="module")
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=FILTERS)
async def test_a_filter_finds_what_it_means_whatever_its_values_are(filled, where):
    """No value can change the structure of a query: then it would find something else than the meaning says."""
    entries = await assorted()
    wanted = {chunk.text for each in entries for chunk in each.chunks if matches(where, each.record, chunk)}
    assert set(await texts(filled, "word", where)) == wanted
    nearest = await filled.search_vector("c", await vector("word"), limit=9, where=where)
    assert {hit.chunk.text for hit in nearest} == wanted


async def test_a_filtered_search_finds_as_many_as_there_are(store):
    entries = [await entry(f"n{at}", f"word {at}", format="pdf" if at % 10 == 0 else "text") for at in range(100)]
    await store.put("c", entries)
    only = Condition("format", "=", "pdf")
    assert len(await texts(store, "word", only)) == 10
    assert len(await store.search_vector("c", await vector("word"), limit=10, where=only)) == 10
