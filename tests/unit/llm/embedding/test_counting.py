"""Counting tokens without the model's tokenizer: places in the text, and rather too many than too few."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.llm.embedding.counting import CautiousCounter
from sutazai.llm.embedding.recipes import RECIPES
from sutazai.llm.embedding.wordpiece import WordPiece, read_vocabulary

VOCABULARY = read_vocabulary(RECIPES[0].vocabulary, RECIPES[0].vocabulary_sha256)
COUNTER = CautiousCounter(VOCABULARY)
BERT = WordPiece(VOCABULARY)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The cat sat", ["The", "cat", "sat"]),
        ("unaffable", ["una", "ffa", "ble"]),
        ("in 2024, so", ["in", "2", "0", "2", "4", ",", "so"]),
        ("a  b\nc d", ["a", "  ", "b", "\n", "c", "d"]),
        ("中文 é", ["中", "文", "é"]),
        ("x" * 5 + "\ud800", ["xx", "xx", "x", "\ud800"]),
        ("", []),
    ],
)
def test_words_are_cut_in_pieces_and_everything_else_counts_alone(text, tokens):
    assert [text[first:last] for first, last in COUNTER.spans(text)] == tokens


def test_a_vocabulary_without_pieces_counts_every_letter():
    assert len(CautiousCounter([]).spans("cat")) == 3


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_tokens_follow_one_another_and_leave_out_nothing_but_blanks(text):
    at = 0
    for first, last in COUNTER.spans(text):
        assert at <= first < last
        assert not text[at:first].strip()
        at = last
    assert not text[at:].strip()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(VOCABULARY[2000:]) | st.text(st.characters(codec="ascii"), max_size=8), max_size=8))
def test_text_of_words_has_no_fewer_tokens_than_berts_tokenizer_finds_by_much(words):
    text = " ".join(words)
    assert len(COUNTER.spans(text)) >= 0.9 * len(BERT.spans(text)) - 2
