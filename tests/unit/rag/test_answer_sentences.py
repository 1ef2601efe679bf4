"""What a model writes becomes plain sentences on one line each, whole and harmless."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.rag.answer_sentences import Sentence, Sentences, sentence_of


def cut(*pieces):
    """The sentences of a reply that comes in pieces."""
    sentences = Sentences()
    return [each for piece in pieces for each in sentences.add(piece)] + sentences.end()


def test_a_sentence_comes_when_the_next_one_begins():
    sentences = Sentences()
    assert sentences.add("It weighs 4.2 kg. ") == []
    assert sentences.add("[3] It") == [Sentence("It weighs 4.2 kg.", (3,))]
    assert sentences.end() == [Sentence("It.", ())]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("One. [1] Two. [2]", [("One.", (1,)), ("Two.", (2,))]),
        ("One [1]. Two [2].", [("One.", (1,)), ("Two.", (2,))]),
        ("One [1] [2] Two", [("One.", (1, 2)), ("Two.", ())]),
        ("One [1, 3] and two.", [("One and two.", (1, 3))]),
        ("- One [1]\n- Two [2]\n\n", [("One.", (1,)), ("Two.", (2,))]),
        ("1. One\n2) Two", [("One.", ()), ("Two.", ())]),
        ("It is 4.2.0 by Dr. T. Brandt, e.g. here.", [("It is 4.2.0 by Dr. T. Brandt, e.g. here.", ())]),
        ("Yes, it is. No: it is not.", [("It is.", ()), ("It is not.", ())]),
        ("According to sentence 7, it is.", [("It is.", ())]),
        ("It is 5 kg and it rests on sentence [7].", [("It is 5 kg.", (7,))]),
        ("It is 5 kg, as stated in [4].", [("It is 5 kg.", (4,))]),
        ("It is ![the chart](x.png) here.", [("It is here.", ())]),
        ("The limit (120) holds (sentence 3).", [("The limit (120) holds.", (3,))]),
        ("**Bold** is `code`.", [("Bold is `code`.", ())]),
        ("", []),
        ("[1]", []),
        ("...", []),
    ],
)  # fmt: skip
def test_marks_lists_and_phrases_are_taken_off(reply, expected):
    assert [(each.text, each.cites) for each in cut(reply)] == expected


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("It is ![x](http://evil.example/p.png?q=1) fine.", "It is fine."),
        ("See [the page](http://evil.example/) now.", "See the page now."),
        ("It is <img src=x onerror=alert(1)> fine.", "It is fine."),
        ("It \x1b[31mis\x1b[0m fine.", "It is fine."),
        ("It \u202eis\u202c fi\u200bne.", "It is fi ne."),
    ],
)
def test_images_links_tags_and_escapes_do_not_come_through(reply, shown):
    assert "evil" not in shown
    text = " ".join(each.text for each in cut(reply))
    assert "evil" not in text
    assert "\x1b" not in text
    assert "<img" not in text


@pytest.mark.parametrize(
    "text",
    ["The documents do not tell.", "NOT IN THE DOCUMENTS", "The number is not provided in the given text.",
     "The passages don't mention a price.", "I do not know.", "There is no information about it."],
)  # fmt: skip
def test_a_model_that_does_not_know_is_understood(text):
    assert sentence_of(text).is_silence


def test_a_plain_denial_is_no_silence():
    assert not sentence_of("Domestic flights are not reimbursed.").is_silence


@given(st.lists(st.text(max_size=80), max_size=6))
def test_whatever_comes_is_one_line_without_control_characters(pieces):
    for each in cut(*pieces):
        assert "\n" not in each.text
        assert not any(unicodedata.category(char).startswith("C") for char in each.text)
        assert any(char.isalnum() or char == "_" for char in each.text)


@given(st.text(max_size=120), st.integers(1, 10))
def test_how_a_reply_is_cut_into_pieces_changes_no_word(reply, size):
    pieces = [reply[at : at + size] for at in range(0, len(reply), size)]
    words = [" ".join(each.text for each in cut(*parts)).casefold() for parts in ([reply], pieces)]
    assert re.findall(r"[a-z]{3,}", words[0]) == re.findall(r"[a-z]{3,}", words[1])
