"""Formats that are text already: plain text, code, Markdown, reStructuredText, tables and notebooks."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.reading.draft import clean
from sutazai.reading.failure import Broken, NoText, ParseFailed
from sutazai.reading.formats import markdown, notebook, plain, rst, source, table
from sutazai.reading.formats.markdown import plain_title
from tests.support.office import assert_places, headings, read, tables

LINES = st.lists(
    st.sampled_from(
        [
            "# a",
            "## *b*",
            "title",
            "=====",
            "-----",
            "---",
            "| a | b |",
            "|---|---|",
            "+--+--+",
            "| x|y |",
            "",
            "  ",
            "> # q",
            "- # l",
            "```",
            "    code",
            "title: x",
            "<div>",
            "[a]: b",
            "~~~~",
            "日本",
            "====",
            "..",
            "::",
            "\t# t",
        ]
    ),
    max_size=25,
).map("\n".join)


def test_plain_text_stays_as_it_stands():
    assert read(plain.parse, b"\n  one\r\n\r\n\r\n\ttwo  \n").text == "\n  one\n\n\n\ttwo  \n"


def test_broken_bytes_are_replaced_and_told_of():
    document = read(plain.parse, "Grüße aus Köln ".encode() * 30 + b"\xff\xfe.")
    assert document.text.endswith("Köln \ufffd\ufffd.")
    assert document.notes == ("2 places in its text fit no encoding and show as \ufffd",)


def test_code_stays_as_it_stands():
    assert read(source.parse, b"def f():\n\treturn 1  \n").text == "def f():\n\treturn 1  \n"


def test_markdown_stays_as_it_stands_and_its_headings_are_marked():
    text = "intro\n\n# One **bold** [link](http://x)\n\nSetext\n-----\n\n```\n# no heading\n```\n\n- item\n\n"
    text += "  ### In a list ###\n"
    document = read(markdown.parse, text.encode())
    assert document.text == text
    assert headings(document) == [(1, "One bold link"), (2, "Setext"), (3, "In a list")]
    assert [text[each.start :].split("\n", 1)[0] for each in document.headings] == [
        "# One **bold** [link](http://x)", "Setext", "  ### In a list ###",
    ]  # fmt: skip
    assert document.title == "One bold link"


def test_the_head_of_markdown_gives_the_title_and_no_heading():
    text = "---\ntitle: 'From the head'\ntags: [a]\n---\n\n# Heading\n"
    document = read(markdown.parse, text.encode())
    assert (document.text, document.title, headings(document)) == (text, "From the head", [(1, "Heading")])
    assert document.headings[0].start == text.index("# Heading")


def test_a_head_without_title_or_end_is_none():
    assert read(markdown.parse, b"---\nx: y\n---\n# H\n").title == "H"
    assert read(markdown.parse, b"---\n\ntext\n").headings == ()


def test_tables_of_markdown_are_marked():
    document = read(markdown.parse, b"a\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\nb\n\n|p|q|\n|-|-|\n")
    assert tables(document) == ["| x | y |\n|---|---|\n| 1 | 2 |", "|p|q|\n|-|-|"]


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("`code` and ~~gone~~", "code and gone"), ("snake_case_name", "snake_case_name"),
        ("_em_ __strong__", "em strong"),
        ("***both***", "both"), ("![alt](x.png 'no') y", "![alt](x.png 'no') y"), ("[a][b] ![c](d)", "a c"),
        ("Name {#anchor}", "Name"), ('<a id="x"></a>Name', "Name"), ("5 \\* 3 * 2", "5 * 3 * 2"), ("", ""),
    ],
)  # fmt: skip
def test_titles_lose_their_marks(markup, title):
    assert plain_title(markup) == title


def test_headings_of_restructuredtext_are_told_by_their_adornments():
    text = "=====\nTitle\n=====\n\nOne ``x``\n=======\n\nTwo\n---\n\n"
    text += "  indented\n  --------\n\nThree `l <u>`_\n==============\n\n日本\n----\n"
    document = read(rst.parse, text.encode())
    assert document.text == text
    assert headings(document) == [(1, "Title"), (2, "One x"), (3, "Two"), (2, "Three l"), (3, "日本")]
    assert document.title == "Title"
    assert_places(document)


@pytest.mark.parametrize(
    "text",
    [
        "a\n\n----\n\nb",
        "=====  =====\na      b\n=====  =====\n",
        "long title\n--\n",
        "text\nmore\n----\n",
        "....\n....\n",
        "===\ntoo long\n===\n",
    ],
)
def test_what_only_looks_like_a_heading_is_none(text):
    assert read(rst.parse, text.encode()).headings == ()


def test_grid_tables_of_restructuredtext_are_marked():
    grid = "+---+---+\n| a | b |\n+===+===+\n| 1 | 2 |\n+---+---+"
    assert tables(read(rst.parse, f"x\n\n{grid}\n\n+---+\n\ny\n\n{grid}".encode())) == [grid, grid]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2\n", "a | b\n1 | 2"), ("a;b;c\n1,5;2;3\n", "a | b | c\n1,5 | 2 | 3"),
        ("a\tb\n1\t2\n", "a | b\n1 | 2"),
        ('a,b\n"x, ""y""\nz",2\n', 'a | b\nx, "y" z | 2'), ("sep=;\na;b\n", "a | b"), ("one\ntwo\n", "one\ntwo"),
        ("a|b\n\n1|2\n", "a | b\n1 | 2"), ("Größe,1\n", "Größe | 1"),
    ],
)  # fmt: skip
def test_tables_as_text_are_cut_into_cells(text, rows):
    document = read(table.parse, text.encode())
    assert document.text == rows
    assert tables(document) == [rows]


def test_a_table_that_cannot_be_cut_is_plain_text():
    text = 'a,"' + "b,c\n" * 50_000
    document = read(table.parse, text.encode())
    assert (document.text, document.tables) == (text, ())
    assert document.notes == ("it cannot be told apart into cells and was read as plain text",)


def cells(*listed: dict) -> bytes:
    return json.dumps({"cells": listed, "metadata": {"title": "Named"}}).encode()


def test_notebooks_are_their_cells_in_order_with_shortened_outputs():
    outputs = [
        {"output_type": "stream", "text": ["line\n"] * 40},
        {"output_type": "execute_result", "data": {"text/plain": "42", "text/html": "<b>42</b>", "image/png": "iVBOR"}},
        {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": ["\x1b[31mno"]},
    ]
    document = read(
        notebook.parse,
        cells(
            {"cell_type": "markdown", "source": ["# Head\n", "text"]},
            {"cell_type": "code", "source": "x = 1\nx", "outputs": outputs},
            {"cell_type": "raw", "source": "raw"},
            {"cell_type": "heading", "level": 2, "source": "Old"},
        ),
    )
    shown = "\n".join(["line"] * 20)
    assert document.text == f"# Head\ntext\n\nx = 1\nx\n\n{shown}\n…\n\n42\n\nValueError: bad\n\nraw\n\nOld"
    assert headings(document) == [(1, "Head"), (2, "Old")]
    assert document.title == "Named"


def test_old_notebooks_keep_their_cells_in_a_worksheet():
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": "1 + 1", "outputs": "none"}]}]}
    assert read(notebook.parse, json.dumps(old).encode()).text == "1 + 1"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"cells": 1}', b'{"worksheets": [1]}', b"[" * 100_000])
def test_what_is_no_notebook_is_refused(data):
    with pytest.raises(Broken):
        read(notebook.parse, data)


def test_a_notebook_of_odd_cells_has_no_text():
    odd = [
        1,
        None,
        {},
        {"cell_type": "code", "source": 5, "outputs": [1, {"data": []}]},
        {"cell_type": "heading", "level": "x"},
    ]
    with pytest.raises(NoText):
        read(notebook.parse, cells(*odd))


@given(LINES, st.sampled_from([markdown.parse, rst.parse, table.parse, plain.parse]))
@settings(max_examples=200, deadline=None)
def test_any_lines_give_text_with_places_or_a_reason(text, parse):
    try:
        document = read(parse, text.encode())
    except ParseFailed:
        return
    assert_places(document)
    if parse is not table.parse:
        assert document.text == clean(text)
