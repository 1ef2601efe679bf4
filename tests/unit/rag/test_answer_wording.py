"""What is shown of a sentence that holds: itself where it is its source word for word, else the words of its source."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.rag.answer_wording import asked_cells, is_literal, is_own, own_words
from sutazai.rag.citations import Evidence
from sutazai.rag.report import Passage

TABLE = """\
| | X200 | X300 |
| --- | --- | --- |
| Weight | 4.2 kg | 5.6 kg |
"""


def evidence(text, *, symbol="", format_=""):
    """A passage."""
    return Evidence(1, Passage(
        id="p", document="d", name="a.py", start=0, end=len(text), text=text, score=1, symbol=symbol, format=format_,
    ))  # fmt: skip


def literal(sentence, source):
    """Whether the sentence is the last stretch of the source, or all of them."""
    stretches = evidence(source).stretches
    return is_literal(sentence, stretches[-1:] if stretches[-1].cells else stretches)


def own(source, sentence="", question="", **passage):
    """What is shown of the whole source."""
    cited = evidence(source, **passage)
    window = cited.stretches[-1:] if cited.stretches[-1].cells else cited.stretches
    return own_words(window, cited, sentence, question)


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("The lease ends in May.", "The lease ends in May."),
        ("Lease ends in May", "The lease ends in May."),
        ("The lease ends in May; it is long.", "The lease ends in May, it is long."),
        ("The weight of the X300 is 5.6 kg.", TABLE),
        ("X300 has a weight of 5.6 kg.", TABLE),
    ],
)
def test_a_sentence_is_literal_but_for_articles_and_marks(sentence, source):
    assert literal(sentence, source)


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("The lease ends in June.", "The lease ends in May."),
        ("The lease ends.", "The lease ends in May."),
        ("The tenant pays the landlord.", "The landlord pays the tenant."),
        ("It may leak.", "It must leak."),
        ("Hepatitis is harmless.", "Hepatitis A is harmless."),
        ("It is at >5 bar.", "It is at <5 bar."),
        ("It is at 5 degrees.", "It is at -5 degrees."),
        ("The weight of the X200 is 5.6 kg.", TABLE),
        ("The weight of the X300 is not 5.6 kg.", TABLE),
        ("The X300 has 5.6 kg.", TABLE),
    ],
)
def test_anything_more_or_less_or_in_another_order_is_not(sentence, source):
    assert not literal(sentence, source)


def test_a_source_is_shown_on_one_line_and_ends_as_a_sentence_does():
    assert own("parking costs\n60 euros:") == "Parking costs 60 euros."
    assert own("\u82b1\u304c\u54b2\u304f\u3002") == "\u82b1\u304c\u54b2\u304f\u3002"
    assert own("**Bold** words, [a link](http://x.example/), as in [3]!") == "Bold words, a link, as in!"


def test_a_source_that_would_say_something_else_once_it_is_harmless_is_not_shown():
    assert own("The weight is 4<b>2</b> kg.") == ""
    assert own("Smoking is ![not](x.png) allowed.") == ""
    assert own("---") == ""


def test_what_is_shown_keeps_the_words_their_order_and_every_denial():
    assert is_own("The pump runs.", "The pump (new) runs.")
    assert not is_own("The pump runs.", "The pump never runs.")
    assert not is_own("Runs the pump.", "The pump runs.")


def test_of_a_row_the_columns_that_were_asked_for_are_shown():
    assert own(TABLE, question="What is the weight of the X300?") == "Weight: X300 5.6 kg."
    assert own(TABLE) == "Weight: X200 4.2 kg; X300 5.6 kg."
    assert own("| Weight | 4.2 kg |\n| Length | 3 m |") == "| Length | 3 m |."
    (row,) = evidence("| Weight | 4.2 kg |").stretches
    assert asked_cells(row, "") == "| Weight | 4.2 kg |"


def test_of_a_long_source_the_part_that_has_to_do_with_the_sentence_is_shown_with_a_mark():
    long = ", ".join(f"item {n} of the endless list that nobody ever reads to its end" for n in range(40))
    assert own(f"{long}, and the pump weighs 5 kg.", "The pump weighs 5 kg.") == "\u2026 and the pump weighs 5 kg."
    cut = own(f"The pump weighs 5 kg, {long}.", "The pump weighs 5 kg.")
    assert re.fullmatch(r"The pump weighs 5 kg, .{500,600} \u2026", cut)
    assert own("x" * 900, "x") == "X" + "x" * 599 + " \u2026"


def test_of_code_the_lines_that_have_to_do_with_the_sentence_are_shown():
    code = "def stop(child):\n    wait = limits[0]\n    os.kill(child, 9)\n"
    assert own(code, "It calls os.kill.", symbol="stop") == "`os.kill(child, 9)`"
    assert own(code, "It sings.", symbol="stop") == "See `stop`."
    assert own(code, "The limits wait.", format_="code") == "See `a.py`."


def test_a_docstring_is_shown_as_a_sentence():
    assert own('"""Ends the child.\n"""\n', "It ends the child.", symbol="stop") == "Ends the child."


@given(st.text(max_size=400), st.text(max_size=100))
def test_whatever_a_source_holds_only_its_words_are_shown(source, sentence):
    cited = evidence(source)
    for each in cited.stretches:
        shown = own_words([each], cited, sentence, sentence)
        assert not re.search(r"[\x00-\x1f\u202e]", shown)
        if not each.cells:
            assert is_own(shown.strip("\u2026 "), each.text)
