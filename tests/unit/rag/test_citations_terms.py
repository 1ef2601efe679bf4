"""Terms of a text, in the forms they are compared by."""

import pytest

from sutazai.rag.citations_stretches import stretches
from sutazai.rag.citations_terms import same, terms


def shown(text):
    """Kind and forms of every term."""
    return [(each.kind, *sorted(each.forms)) for each in terms(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the 3rd time", [("number", "3"), ("word", "time")]),
        ("450W and 30mA", [("number", "450"), ("unit", "W"), ("number", "30"), ("unit", "mA")]),
        ("07:40", [("number", "7:40")]),
        ("9,500", [("number", "9.500", "9500")]),
        ("1.50", [("number", "1.5")]),
        ("1.250.000,75", [("number", "1250000.75")]),
        ("007", [("number", "7")]),
        ("-5 to 6-9", [("number", "-5"), ("number", "6"), ("number", "9")]),
        ("4.2 million", [("number", "4200000")]),
        ("a million", [("word", "million")]),
        ("2024-05-01", [("number", "1"), ("name", "may"), ("number", "2024")]),
        ("you may go in May", [("word", "go"), ("name", "may")]),
        ("v4.1.3", [("code", "4.1.3", "v4.1.3")]),
        ("five-minute", [("number", "5"), ("unit", "min")]),
        ("Pavel Horak met NASA", [("name", "pavel"), ("name", "horak"), ("word", "met"), ("name", "nasa")]),
        ("See a@b.example.", [("link", "a@b.example")]),
        ("in Sep", [("name", "sep", "september")]),
        ("20 \u00b0C", [("number", "20"), ("unit", "\u00b0C")]),
    ],
)  # fmt: skip
def test_each_term_has_its_kind_and_its_forms(text, expected):
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("weigh", "weight", True), ("clean", "cleaned", True), ("replace", "replacement", True), ("cat", "cats", True),
        ("contract", "contrast", False), ("cat", "car", False), ("x200", "x300", False), ("5", "50", False),
        ("kg", "kilograms", True),
    ],
)  # fmt: skip
def test_words_are_the_same_by_their_stem_and_nothing_else_is(one, other, are_same):
    assert same(terms(one)[0], terms(other)[0]) is are_same


def test_a_number_is_not_a_word():
    assert not same(terms("5")[0], terms("fix")[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("See e.g. Dr. A. Bell. It ends.", ["See e.g. Dr. A. Bell.", "It ends."]),
        ("It costs 4.2 kg. in all", ["It costs 4.2 kg. in all"]),
        ("- one\n- two\n\nthree\nfour", ["one", "two", "three\nfour"]),
        ("1. First\n2) Second", ["First", "Second"]),
        ("\u4ef7\u683c\u662f\u4e94\u3002\u8fd9\u662f\u6c34\u3002",
         ["\u4ef7\u683c\u662f\u4e94\u3002", "\u8fd9\u662f\u6c34\u3002"]),
        ("a\tb\nc\td", ["a\tb", "c\td"]),
        ("if a | b:\n    pass", ["if a | b:", "pass"]),
        ("", []),
        (" \n\n ", []),
    ],
)  # fmt: skip
def test_a_passage_is_cut_into_sentences_items_and_rows(text, expected):
    found = stretches(text)
    assert [each.text for each in found] == expected
    assert all(text[each.start : each.end] == each.text for each in found)


def test_a_row_is_shown_with_the_names_of_its_columns():
    rows = stretches("| | A | B |\n|---|:-:|--|\n| Size | 1 | |\n| Mass | 2 | 3 |")
    assert [each.shown for each in rows[1:]] == ["Size: A 1; B", "Mass: A 2; B 3"]
    assert stretches("a  b\n c")[0].shown == "a b c"


def test_what_a_docstring_says_stands_apart_from_the_code_around_it():
    code = 'def kill(self):\n    """Kills the child.\n\n    And all.\n    """\n    self.end()\n    r"""Twice."""\n'
    assert [each.text for each in stretches(code)] == [
        "def kill(self):",
        "Kills the child.",
        "And all.",
        "self.end()",
        "Twice.",
    ]
    assert all(code[each.start : each.end] == each.text for each in stretches(code))
    assert [each.text for each in stretches("x = 1\n'''''' \n")] == ["x = 1"]
