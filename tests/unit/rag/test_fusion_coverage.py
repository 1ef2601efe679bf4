"""Passages that hold more of the query's words come further up; what stands everywhere tells nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.rag.fusion import Ranked
from sutazai.rag.fusion_coverage import covered
from sutazai.rag.report import ScoreParts
from sutazai.sdk.document import Chunk


def ranked(name: str, text: str, score: float = 0.5, **more: object) -> Ranked:
    """A passage of that name with a score."""
    return Ranked(Chunk(name, name, 0, 0, len(text), text, **more), score, ScoreParts(fused=score))


def shares(query: str, *texts: str) -> list[float]:
    """How much of a query each text holds beside the others, in the order given."""
    found = {each.chunk.id: each.parts.covered for each in covered([ranked(text, text) for text in texts], query)}
    return [found[text] for text in texts]


def test_of_equals_the_one_that_holds_more_different_words_comes_first():
    found = covered([ranked("a", "pump pump pump"), ranked("b", "oil the pump"), ranked("c", "nothing")], "oil pump")
    assert [each.chunk.id for each in found] == ["b", "a", "c"]
    assert [each.parts.covered for each in found] == [1.0, pytest.approx(0.33, abs=0.1), 0.0]


def test_a_rare_word_counts_more_than_a_common_one():
    rare, common, *_ = shares("the zeppelin", "zeppelin", "the", "the sea", "the sky")
    assert rare > 2 * common > 0


def test_a_word_that_stands_in_every_passage_moves_nothing():
    texts = [f"the {at}" for at in range(20)]
    assert shares("the moon", *texts) == [pytest.approx(0, abs=0.01)] * 20


def test_a_score_that_is_far_ahead_stays_ahead():
    found = covered([ranked("a", "none of it", 0.9), ranked("b", "the oil pump", 0.5)], "oil pump")
    assert [each.chunk.id for each in found] == ["a", "b"]


def test_the_score_is_what_the_parts_say():
    for each in covered([ranked("a", "oil", 0.9), ranked("b", "pump", 0.6)], "oil pump"):
        before = {"a": 0.9, "b": 0.6}[each.chunk.id]
        assert each.parts.fused == each.score == pytest.approx((before + 0.2 * each.parts.covered) / 1.2)


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("pumps", "a pump"),
        ("battery", "batteries"),
        ("batteries", "battery"),
        ("Pump", "PUMPS"),
        ("gas", "gas"),
        ("class", "class"),
        ("shoes", "shoes"),
        ("aeroplanes", "aeroplane"),
        ("café", "cafe\u0301"),
        ("max_size", "max size"),
        ("油泵", "更换油和泵"),
        ("ポンプ", "新しいポンプです"),
        ("ㄅㄆ", "ㄆㄇㄅ"),
    ],
)
def test_forms_of_a_word_are_one_word(asked, held):
    assert shares(asked, held, "x", "y") == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("asked", "held"), [("gas", "ga"), ("bus", "bu"), ("class", "clas"), ("pump", "pumping"), ("été", "e t")]
)
def test_other_words_are_not(asked, held):
    assert shares(asked, held, "x", "y") == [0.0, 0.0, 0.0]


def test_what_stands_above_a_passage_counts_as_its_own():
    above = ranked("a", "text", headings=("Oil",), symbol="pump", lead="valve")
    assert covered([above, ranked("b", "text")], "oil pump valve")[0].parts.covered == 1.0


@pytest.mark.parametrize("query", ["", "!? ...", "_"])
def test_a_query_without_words_leaves_everything_as_it_is(query):
    found = [ranked("a", "one", 0.9), ranked("b", "two", 0.1)]
    assert covered(found, query) == found
    assert covered([], "oil") == []


def test_what_lies_far_behind_is_not_looked_at_and_stays_behind():
    found = covered([ranked(str(at), "oil" if at >= 50 else "sea", 1 - at / 1000) for at in range(120)], "oil")
    assert [each.chunk.id for each in found] == [str(at) for at in range(120)]
    assert {each.parts.covered for each in found} == {0.0}


texts = st.text(st.sampled_from("ab cs éǅß_1ー油ี"), max_size=30)


@given(texts, st.lists(texts, max_size=6, unique=True))
def test_every_passage_stays_with_a_share_and_a_score_from_0_to_1(query, held):
    found = covered([ranked(text, text, 1 - at / 10) for at, text in enumerate(held)], query)
    assert sorted(each.chunk.id for each in found) == sorted(held)
    assert all(0 <= each.parts.covered <= 1 and 0 <= each.score <= 1 for each in found)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


@given(texts)
def test_a_text_holds_all_of_itself(text):
    assert shares(text, text) == [pytest.approx(1.0 if any(each.isalnum() or each == "ี" for each in text) else 0.0)]
