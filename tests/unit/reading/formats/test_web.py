"""Web pages as text: what a reader sees, and nothing that only a machine does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.reading.failure import NoText, ParseFailed, TooLarge
from sutazai.reading.formats.web import parse
from tests.support.office import assert_places, headings, read, tables

HOSTILE = st.lists(
    st.sampled_from(
        [
            "<table>",
            "</table>",
            "<tr>",
            "<td>",
            "<td colspan=3 rowspan=2>",
            "</td>",
            "<ul>",
            "<ol start=x>",
            "</ul>",
            "<li>",
            "<pre>",
            "</pre>",
            "<h1>",
            "</h1>",
            "<p>",
            "<br>",
            "text ",
            "<div hidden>",
            "</div>",
            "<script>",
            "<!--",
            "<b>",
            "<dl>",
            "<dt>",
            "<dd>",
            "<template>",
            "<svg>",
            "<math>",
            "<select>",
            "&#x110000;",
            "\x00",
            "<title>",
            "<body>",
        ]
    ),
    max_size=40,
).map("".join)


def html(body: str):
    return read(parse, f"<!DOCTYPE html><html><head><title>T</title></head><body>{body}</body></html>".encode())


def test_blocks_are_paragraphs_and_runs_of_blanks_are_one():
    assert html("<p>one\n  <b>two</b>\tthree</p>four<div>five<p>six</p>seven</div>").text == (
        "one two three\n\nfour\n\nfive\n\nsix\n\nseven"
    )


def test_headings_keep_their_levels_and_the_title_is_that_of_the_head():
    document = html("<h1>Big <em>one</em></h1><h3>Small<br>one</h3>")
    assert (headings(document), document.title) == ([(1, "Big one"), (3, "Small one")], "T")


def test_what_no_reader_sees_is_left_out():
    hidden = (
        "<script>var a = '<p>no</p>'</script><style>no</style><!-- no --><template>no</template><noscript>no</noscript>"
        "<p hidden>no</p><p style='color:red; DISPLAY : none'>no</p><span style='visibility:hidden'>no</span>"
        "<nav>no</nav><select><option>no</select><textarea>no</textarea><svg><text>no</text></svg><iframe>no</iframe>"
    )
    assert html(f"yes{hidden}<p style='color: none'>and this</p>").text == "yes\n\nand this"


def test_lists_keep_their_depth_their_numbers_and_their_paragraphs():
    body = "before<ul><li>one<li>two<ul><li>deep</ul>after<li><p>a<p>b</ul><ol start=3><li>x<li>y</ol><li>stray"
    assert html(body).text == "before\n\n- one\n- two\n  - deep\n  after\n- a\n  b\n\n3. x\n4. y\n\nstray"


def test_terms_stand_above_what_they_mean():
    assert html("<dl><dt>Term<dd>Meaning</dl>").text == "Term\n  Meaning"


def test_code_keeps_its_lines_and_blanks():
    assert html("<pre><code>def f():\n    return 1\n</code></pre>").text == "def f():\n    return 1"


def test_breaks_end_lines_and_pictures_are_read_by_their_alternative_text():
    assert html("a <br> b<img alt=' A  map '><img src=x><br>c").text == "a\nb[A map]\nc"


def test_tables_of_data_are_rows_with_empty_cells_where_one_reaches_over_others():
    body = (
        "<table><caption>Cap</caption><tr><th>A<th colspan=2>B<th>C"
        "<tr><td rowspan=2>1<td>2<td><p>3</p><p>4</p><td><ul><li>5<li>6</ul><tr><td>7<td>8<td>9</table>after"
    )
    document = html(body)
    assert tables(document) == ["A | B |  | C\n1 | 2 | 3 4 | 5 6\n | 7 | 8 | 9"]
    assert document.text.startswith("Cap\n\nA")
    assert document.text.endswith("\n\nafter")


def test_tables_that_only_place_things_are_read_cell_by_cell():
    inner = "<table><tr><td>a<td>b<tr><td>c<td>d</table>"
    body = f"<table><tr><td><h2>Head</h2>text<td>side<tr><td>x<td>{inner}</table><table><tr><td>one<td>row</table>"
    document = html(body)
    assert headings(document) == [(2, "Head")]
    assert tables(document) == ["a | b\nc | d"]
    assert document.text.endswith("one\n\nrow")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("<p>Grüße".encode(), "Grüße"),
        ('<meta charset="iso-8859-1"><p>Grüße à 5 €'.encode("cp1252"), "Grüße à 5 €"),
        ('<meta charset="iso-8859-1"><p>Grüße'.encode(), "Grüße"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS"><p>日本'.encode("cp932"), "日本"),
        ("<?xml version='1.0' encoding='koi8-r'?><p>Жизнь".encode("koi8-r"), "Жизнь"),
        ("<p>Grüße".encode("utf-16"), "Grüße"),
        (b'<meta charset="utf-16"><p>Gr\xfc\xdfe aus K\xf6ln', "Grüße aus Köln"),
        (b'<meta charset="hex"><p>Gr\xfc\xdfe aus K\xf6ln', "Grüße aus Köln"),
        (b'<meta charset="unicode_escape"><p>Gr\xfc\xdfe aus \\x41', "Grüße aus \\x41"),
    ],
)
def test_the_encoding_is_what_the_bytes_are_before_what_the_page_says(data, expected):
    assert read(parse, data).text == expected


def test_a_table_around_a_table_only_places_it():
    inner = "<table><tr><td>a<td>b<tr><td>c<td>d</table>"
    assert tables(html(f"<table><tr><td>1<td>2<tr><td>3<td>{inner}</table>")) == ["a | b\nc | d"]


def test_deep_pages_are_refused_before_a_tree_is_built():
    with pytest.raises(TooLarge, match="deep"):
        read(parse, b"<div>" * 300_000)


def test_what_ends_by_itself_or_is_no_markup_is_not_deep():
    assert html("<p>x<li>x<tr><td>" * 6_000).text
    assert html(f"<script>{'a<b;' * 9_000}</script>text").text == "text"
    assert html("<b>x</b></i>" * 6_000).text


def test_an_element_of_countless_attributes_is_refused():
    with pytest.raises(TooLarge, match="attributes"):
        html("<p " + " ".join(f"a{number}=1" for number in range(5_000)) + ">x")
    assert html(f"<img alt='{'word ' * 5_000}'>").text


def test_a_page_without_text_has_none():
    with pytest.raises(NoText):
        html("<script>1</script>")


@given(HOSTILE)
@settings(max_examples=150, deadline=None)
def test_any_markup_gives_text_with_places_or_a_reason(text):
    try:
        document = read(parse, text.encode())
    except ParseFailed:
        return
    assert_places(document)
