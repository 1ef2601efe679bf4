"""Text to tokens: positions in the text as it was given, nothing lost, nothing in it taken for a command."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sutazai.errors.embedding import EmbeddingFailed
from sutazai.llm.embedding import wordpiece
from sutazai.llm.embedding.recipes import RECIPES
from sutazai.llm.embedding.wordpiece import WordPiece, read_vocabulary


@pytest.fixture(scope="module")
def words():
    return WordPiece(vocabulary())


def vocabulary() -> list[str]:
    return read_vocabulary(RECIPES[0].vocabulary, RECIPES[0].vocabulary_sha256)


def pieces(words: WordPiece, text: str) -> list[str]:
    return [text[first:last] for first, last in words.spans(text)]


def test_the_numbers_are_those_of_berts_vocabulary(words):
    """The example of the model's own documentation, with [CLS] and [SEP] around it."""
    assert words.numbers("Hello, my dog is cute") == [101, 7592, 1010, 2026, 3899, 2003, 10140, 102]
    assert words.numbers("") == [101, 102]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Unbelievably", ["Un", "bel", "ie", "va", "bly"]),
        ("a 😀 b", ["a", "😀", "b"]),
        ("naïve café", ["naïve", "café"]),
        ("e\u0301te\u0301", ["e\u0301t", "e"]),  # accents that stand alone
        ("中文 text", ["中", "文", "text"]),
        ("a\u0000b\ufffdc", ["a\u0000b\ufffdc"]),
        ("x" * 101, ["x" * 101]),
        ("  tab\tend ", ["tab", "end"]),
    ],
)
def test_spans_are_code_points_of_the_text_as_it_was_given(words, text, expected):
    assert pieces(words, text) == expected


def test_marks_of_the_model_in_a_text_are_text(words):
    """A document cannot end itself, nor mask what stands in it."""
    for mark in ("[SEP]", "[CLS]", "[PAD]", "[MASK]", "[UNK]"):
        assert len(words.spans(mark)) >= 3
        assert not {0, 100, 101, 102, 103} & set(words.numbers(mark)[1:-1])


def test_half_a_character_counts_as_one_that_says_nothing(words):
    assert pieces(words, "cat \ud800 dog") == ["cat", "dog"]
    assert words.numbers("cat\udfff") == words.numbers("cat")


def test_nothing_is_cut_off(words):
    assert len(words.spans("cat " * 5000)) == 5000
    assert len(words.numbers("cat " * 5000)) == 5002


@settings(max_examples=150, deadline=None)
@given(text=st.text(st.characters(), max_size=60))
@example("İstanbul ǅ ﬁ ß")
@example("\u0300\u0301 a")
def test_spans_lie_in_the_text_and_follow_one_another(words, text):
    """And there are as many as there are numbers between the first and the last."""
    spans = words.spans(text)
    assert len(spans) == len(words.numbers(text)) - 2
    assert all(0 <= first <= last <= len(text) for first, last in spans)
    assert [first for first, _ in spans] == sorted(first for first, _ in spans)


NASTY = st.sampled_from(
    [
        *" \t\n\r\x00\x0b\x0c\x1c\x85\xa0\xad\u1680\u2003\u200b\u200d\u2028\u3000\ufeff\ufffd\ud800",
        *"aZ.,'-_中。éßİΣςﬁǅ가\u1100\u1161\u0301\u0323\u0345\u0e33\u0f73ⅷ😀",
        *("  ", "e\u0301", "word", "unbelievably", "[SEP]", "##a", "x" * 101, "\u1e9b\u0323", "👍🏽"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(parts=st.lists(NASTY | st.text(st.characters(), max_size=3), max_size=20))
def test_words_looked_up_one_by_one_are_those_of_the_whole_text(words, parts):
    """A word's tokens never depend on what stands beyond the blanks around it."""
    text = "".join(parts)
    assert words.spans(text) == [(first, last) for first, last in words._encoded(text).offsets]


def test_words_that_are_remembered_do_not_add_up_without_end(words, monkeypatch):
    monkeypatch.setattr(wordpiece, "_KEPT_WORDS", 3)
    fresh = WordPiece(vocabulary())
    text = "one two three unbelievably one five " + "y" * 41
    for _ in range(2):
        assert fresh.spans(text) == words.spans(text)
    assert set(fresh._known) <= {"one", "two", "three", "unbelievably", "five"}
    assert len(fresh._known) <= 3


def test_a_changed_vocabulary_is_refused():
    with pytest.raises(EmbeddingFailed, match="vocabulary was changed"):
        read_vocabulary(RECIPES[0].vocabulary, "0" * 64)


def test_the_vocabulary_is_as_long_as_the_table_of_the_weights():
    assert len(vocabulary()) == RECIPES[0].shape.vocabulary
    assert len(WordPiece(vocabulary()).numbers("")) == wordpiece.ADDED_TOKENS
