"""Words and vectors find passages together; what repeats is folded, and every score can be explained."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.errors.knowledge import CollectionMismatch, CollectionMissing, FilterBad
from sutazai.errors.models import ModelError
from sutazai.rag import retrieve
from sutazai.rag.duplicates import folded
from sutazai.rag.fusion import Ranked, fused
from sutazai.rag.report import ScoreParts
from sutazai.rag.request import AddRequest, SearchRequest
from sutazai.sdk.document import Chunk, Hit
from sutazai.sdk.testing import collect
from sutazai.sdk.testing_documents import MemoryReader, MemoryReranker, WordEmbedder


def hit(name: str, score: float, text: str = "") -> Hit:
    """A chunk of a document of that name."""
    return Hit(Chunk(name, name, 0, 0, 1, text or name), score)


def test_what_both_ways_find_comes_first():
    found = fused([hit("a", 9), hit("b", 8), hit("c", 1)], [hit("d", 0.9), hit("b", 0.85), hit("a", 0.1)])
    assert found[0].chunk.id == "b"
    assert (found[0].parts.text_rank, found[0].parts.vector_rank) == (2, 2)
    assert (found[0].parts.text_score, found[0].parts.vector_score, found[0].parts.fused) == (8, 0.85, found[0].score)


def test_one_way_alone_keeps_its_order():
    hits = [hit("a", 3), hit("b", 2), hit("c", 1)]
    for found in (fused(hits, []), fused([], hits)):
        assert [each.chunk.id for each in found] == ["a", "b", "c"]
    assert fused([], []) == []


def test_equal_scores_are_all_the_best():
    assert {each.score for each in fused([hit("a", 1), hit("b", 1)], [])} == {1.0}


scores = st.dictionaries(st.sampled_from("abcdef"), st.floats(-1, 1, width=32))


@given(scores, scores)
def test_every_hit_is_found_once_with_a_score_from_0_to_1(text, vector):
    lists = [[hit(name, score) for name, score in each.items()] for each in (text, vector)]
    found = fused(*lists)
    assert sorted(each.chunk.id for each in found) == sorted(set(text) | set(vector))
    assert all(0 <= each.score <= 1 for each in found)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def ranked(document: str, text: str, ordinal: int = 0) -> Ranked:
    """A ranked chunk of a document."""
    return Ranked(Chunk(f"{document}{ordinal}", document, ordinal, 0, 1, text), 1.0, ScoreParts())


def test_nearly_the_same_text_is_folded_and_remembered():
    long = " ".join(f"w{at}" for at in range(40))
    found = folded(
        [ranked("a", long), ranked("b", f"{long} end"), ranked("a", long, 1), ranked("b", long), ranked("c", "other")],
        9,
    )
    assert [(each.chunk.document, each.twins) for each in found] == [("a", ("b",)), ("c", ())]


@pytest.mark.parametrize(
    ("one", "other"), [("x y z a b c d", "x y z e f g h"), ("one", "two"), ("", "!"), ("a b", "a b c d e f g h")]
)
def test_different_texts_are_not_folded(one, other):
    assert len(folded([ranked("a", one), ranked("b", other)], 9)) == 2


@pytest.mark.parametrize("text", ["word", "two words", "!!", "A  b, c\nd"])
def test_case_and_blanks_make_no_difference(text):
    assert len(folded([ranked("a", text), ranked("b", f" {text.upper()}\n")], 9)) == 1


YEAR = "In {year} the pump was oiled by the mechanic on duty, who wrote it down in the book of the station. " * 3


@pytest.mark.parametrize("documents", [("a", "b"), ("a", "a")])
def test_texts_that_differ_in_a_number_are_never_folded(documents):
    texts = (YEAR.format(year=2023), YEAR.replace("{year}", "2023", 2).format(year=2024))
    found = folded([ranked(document, text) for document, text in zip(documents, texts, strict=True)], 9)
    assert len(found) == 2


def test_within_a_document_only_equal_words_are_folded():
    text = " ".join(f"word{'s' * at}" for at in range(40))
    assert len(folded([ranked("a", text), ranked("b", f"{text} more")], 9)) == 1
    assert len(folded([ranked("a", text), ranked("a", f"{text} more")], 9)) == 2
    assert len(folded([ranked("a", text), ranked("a", text.upper())], 9)) == 1


def test_twins_are_looked_for_a_little_beyond_the_limit():
    found = folded([ranked("a", "same"), *(ranked(f"x{at}", f"other {at}") for at in range(8)), ranked("b", "same")], 3)
    assert [(each.chunk.document, each.twins) for each in found] == [("a", ()), ("x0", ()), ("x1", ())]
    near = folded([ranked("a", "same"), ranked("x", "other"), ranked("b", "same")], 1)
    assert [(each.chunk.document, each.twins) for each in near] == [("a", ("b",))]


@pytest.fixture
async def search(agent, ports):
    """Searches the three documents."""
    await collect(agent, "docs.add", AddRequest(paths=(".",)), ports)

    async def search(query, **options):
        return (await collect(agent, "docs.search", SearchRequest(query=query, **options), ports)).result

    return search


@pytest.mark.parametrize("mode", ["hybrid", "text", "vector"])
async def test_the_passage_that_fits_comes_first(search, mode):
    report = await search("sweet pears", mode=mode)
    assert (report.passages[0].name, report.passages[0].headings) == ("docs/fruit.md", ("Fruit", "Pears"))
    assert (report.query, report.collection, report.notes) == ("sweet pears", "documents", ())
    assert report.passages[0].parts is None


async def test_scores_are_explained_when_asked(search):
    (first, *_) = (await search("sweet pears", explain=True)).passages
    assert (first.parts.text_rank, first.parts.vector_rank, first.parts.fused) == (1, 1, first.score)


async def test_only_where_both_ways_searched_do_the_words_that_are_held_count(search):
    both, text, vector = [
        (await search("sweet pears", explain=True, mode=mode)).passages[0].parts
        for mode in ("hybrid", "text", "vector")
    ]
    assert (both.covered, text.covered, vector.covered) == (1, 0, 0)


async def test_no_more_passages_than_asked_for(search):
    assert len((await search("the", limit=2, mode="vector")).passages) == 2


async def test_a_filter_holds_for_both_ways(search):
    report = await search("pears sky basket", where="name~docs/** and not title=Fruit")
    assert {each.name for each in report.passages} == {"docs/sky.txt"}
    with pytest.raises(FilterBad):
        await search("pears", where="nonsense")


@pytest.mark.parametrize("mode", ["hybrid", "text", "vector"])
async def test_a_collection_that_is_not_there_is_said(search, mode):
    with pytest.raises(CollectionMissing):
        await search("x", collection="other", mode=mode)


async def test_vectors_of_other_weights_are_never_compared(search, ports):
    ports.vectors = WordEmbedder(name="others")
    with pytest.raises(CollectionMismatch):
        await search("pears")
    assert (await search("pears", mode="text")).passages


async def test_without_an_embedder_words_are_searched_and_the_report_says_so(search, ports):
    ports.vectors = ModelError("no weights")
    report = await search("pears")
    assert report.passages[0].headings == ("Fruit", "Pears")
    assert report.notes == ("only words were searched, not meaning: no weights",)
    with pytest.raises(ModelError):
        await search("pears", mode="vector")


async def test_a_query_that_is_too_long_is_cut_for_its_vector_and_the_report_says_so(search):
    report = await search("pears " * 400)
    assert report.passages[0].headings == ("Fruit", "Pears")
    assert report.notes == ("only the first 256 tokens of the query were searched by meaning",)


async def test_a_reranker_has_the_last_word(search, ports):
    class Backwards(MemoryReranker):
        async def scores(self, query, texts):
            return [-each for each in await super().scores(query, texts)]

    ports.ranker = Backwards()
    plain, turned = await search("pears", limit=4), await search("pears", limit=4, rerank=True, explain=True)
    assert turned.passages[-1].id == plain.passages[0].id
    assert turned.passages[-1].parts.reranked == turned.passages[-1].score == -1


async def test_without_a_reranker_the_report_says_so(search, ports):
    ports.ranker = None
    assert (await search("pears", rerank=True)).notes == (
        "not weighed anew: no reranker is configured (`docs.reranker`)",
    )


async def test_a_reranker_that_fails_leaves_the_order(search, ports):
    class Broken(MemoryReranker):
        async def scores(self, query, texts):
            raise ModelError("no weights")

    ports.ranker = Broken()
    report = await search("pears", rerank=True)
    assert (report.passages[0].headings, report.notes) == (("Fruit", "Pears"), ("not weighed anew: no weights",))


async def test_a_passage_knows_which_documents_hold_it_too(agent, ports):
    ports.library = MemoryReader({"a.txt": "the same words here", "b.txt": "The same words here!"})
    await collect(agent, "docs.add", AddRequest(paths=(".",)), ports)
    report = (await collect(agent, "docs.search", SearchRequest(query="same words"), ports)).result
    assert len(report.passages) == 1
    assert {report.passages[0].name, *report.passages[0].also_in} == {"a.txt", "b.txt"}


async def test_other_features_get_passages_and_notes(search, context, ports, monkeypatch):
    notes = []
    monkeypatch.setattr(context, "emit", notes.append)
    found = await retrieve.passages("pears", context, collection="documents", limit=1, where="format=markdown")
    assert [each.headings for each in found] == [("Fruit", "Pears")]
    assert found[0].parts is not None
    ports.vectors = ModelError("no weights")
    await retrieve.passages("pears", context, collection="documents")
    assert [each.text for each in notes] == ["only words were searched, not meaning: no weights"]


async def test_a_document_removed_meanwhile_is_left_out(search, ports, monkeypatch):
    store = await ports.documents("local")

    async def nothing(name, document):
        return None

    monkeypatch.setattr(store, "document", nothing)
    assert (await search("pears")).passages == ()
