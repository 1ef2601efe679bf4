"""OpenDocument texts, presentations and spreadsheets as text."""

import pytest

from sutazai.reading.failure import Broken, Encrypted, NoText
from sutazai.reading.formats.odt import parse
from tests.support.office import archive, assert_places, headings, odf, pages, read, tables


def p(text: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{text}</text:p>'


def h(text: str, level: int = 1) -> str:
    return f'<text:h text:outline-level="{level}">{text}</text:h>'


def entries(*inside: str, style: str = "") -> str:
    items = "".join(f"<text:list-item>{each}</text:list-item>" for each in inside)
    return f'<text:list text:style-name="{style}">{items}</text:list>'


def cells(*texts: str) -> str:
    return "".join(f"<table:table-cell>{p(each)}</table:table-cell>" for each in texts)


def rows(*inside: str) -> str:
    return "".join(f"<table:table-row>{each}</table:table-row>" for each in inside)


def table(*inside: str, name: str = "t", style: str = "") -> str:
    return f'<table:table table:name="{name}" table:style-name="{style}">{rows(*inside)}</table:table>'


def test_headings_keep_their_levels_and_the_title_style_is_the_title():
    styles = '<style:style style:name="P1" style:parent-style-name="Title"/>'
    document = read(parse, odf(p("Das Buch", "P1") + h("Eins") + h("Zwei", 2) + p("Text"), styles=styles))
    assert headings(document) == [(1, "Das Buch"), (1, "Eins"), (2, "Zwei")]
    assert document.title == "Das Buch"
    assert read(parse, odf(p("x", "Title"), title="Meta")).title == "Meta"


def test_blanks_tabs_and_line_ends_of_a_paragraph_are_kept_and_those_of_the_markup_are_not():
    text = p('a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d\n   <text:span>e</text:span> f<text:s/>g')
    assert read(parse, odf(text)).text == "a   b\tc\nd e f g"


def test_lists_keep_their_depth_and_their_numbers():
    style = (
        '<text:list-style style:name="L1"><text:list-level-style-number text:level="1"/>'
        '<text:list-level-style-bullet text:level="2"/></text:list-style>'
    )
    body = entries(p("one") + p("goes on"), p("two") + entries(p("deep")), style="L1") + entries(p("dot"), h("Head"))
    document = read(parse, odf(body, styles=style))
    assert document.text == "1. one\n  goes on\n2. two\n  - deep\n\n- dot\n\nHead"
    assert headings(document) == [(1, "Head")]


def test_notes_stand_below_and_annotations_and_deleted_text_are_dropped():
    note = (
        "<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        + p("The note")
        + "</text:note-body></text:note>"
    )
    changes = f"<text:tracked-changes><text:deletion>{p('deleted')}</text:deletion></text:tracked-changes>"
    body = changes + p(f"Text{note} ends<office:annotation>{p('remark')}</office:annotation>.<text:note/>")
    assert read(parse, odf(body)).text == "Text[1] ends.\n\n[1] The note"


def test_hidden_text_is_dropped():
    styles = '<style:style style:name="T9"><style:text-properties text:display="none"/></style:style>'
    body = p('shown<text:span text:style-name="T9">hidden</text:span><text:hidden-text>no</text:hidden-text>') + p(
        "no", "T9"
    )
    assert read(parse, odf(body, styles=styles)).text == "shown"


def test_pictures_are_read_by_their_descriptions_and_boxes_after_their_paragraph():
    picture = "<draw:frame><draw:image/><svg:title>t</svg:title><svg:desc>A mill</svg:desc></draw:frame>"
    box = f"<draw:frame><draw:text-box>{p('boxed')}</draw:text-box></draw:frame>"
    assert read(parse, odf(p(f"See {picture}{box}"))).text == "See [A mill]\n\nboxed"


def test_tables_follow_one_another_and_covered_cells_are_empty():
    first = table(cells("a") + "<table:covered-table-cell/>" + cells("b"), cells("1", "2", "3"))
    document = read(parse, odf(first + table(cells("x")) + p("after")))
    assert tables(document) == ["a |  | b\n1 | 2 | 3", "x"]


def test_sections_and_boxes_with_tables_are_read_through():
    inner = f"<text:section>{table(cells('x', 'y'))}{p('z')}</text:section>"
    box = f"<draw:frame><draw:text-box>{inner}</draw:text-box></draw:frame>"
    assert read(parse, odf(f"<text:section>{p('in section')}</text:section>{box}")).text == "in section\n\nx | y\n\nz"


def test_pages_are_those_of_the_last_layout():
    styles = '<style:style style:name="B"><style:paragraph-properties fo:break-before="page"/></style:style>'
    soft = "<text:soft-page-break/>"
    body = p("one") + p(f"begins{soft}goes on") + soft + h(f"{soft}Head") + p("new", "B") + entries(p(f"{soft}item"))
    document = read(parse, odf(body, styles=styles))
    assert pages(document) == [
        (1, "one\n\nbegins"), (2, "goes on"), (3, ""), (4, "Head"), (5, "new"), (6, "- item"),
    ]  # fmt: skip
    assert_places(document)


def test_spreadsheets_have_a_page_for_each_sheet_and_repeat_little():
    far = '<table:table-cell table:number-columns-repeated="16384"/>'
    twice = f'<table:table-cell table:number-columns-repeated="2">{p("7")}</table:table-cell>'
    sheet = table(cells("a", "b"), far, twice, name="Eins") + table(cells("x"), name="Zwei")
    many = sheet.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="1048576">', 2)
    document = read(parse, odf(many, kind="spreadsheet"))
    assert headings(document) == [(1, "Eins"), (1, "Zwei")]
    assert tables(document)[0].count("\n") < 200
    assert tables(document)[1:] == ["7 | 7", "x"]
    assert [number for number, _ in pages(document)] == [1, 2]


def test_hidden_sheets_are_left_out_and_named():
    styles = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    body = table(cells("secret"), name="S", style="ta2") + table(cells("open"), name="O")
    document = read(parse, odf(body, styles=styles, kind="spreadsheet"))
    assert (document.text, document.notes) == ("O\n\nopen", ("the hidden sheet 'S' was left out",))


def test_presentations_have_a_page_for_each_slide_with_title_and_notes():
    title = f'<draw:frame presentation:class="title"><draw:text-box>{p("Titel")}</draw:text-box></draw:frame>'
    body = f"<draw:frame><draw:text-box>{entries(p('point'))}</draw:text-box></draw:frame>"
    grid = f"<draw:frame>{table(cells('a', 'b'))}</draw:frame><draw:frame><svg:desc>A ship</svg:desc></draw:frame>"
    notes = (
        f"<presentation:notes><draw:frame><draw:text-box>{p('Speak')}</draw:text-box></draw:frame></presentation:notes>"
    )
    first = f'<draw:page draw:name="one">{title}{body}{grid}{notes}</draw:page>'
    second = f'<draw:page draw:name="two" draw:style-name="dp9">{p("no")}</draw:page>'
    styles = (
        '<style:style style:name="dp9"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    document = read(parse, odf(first + second, styles=styles, kind="presentation"))
    assert document.text == "Titel\n\n- point\n\na | b\n\n[A ship]\n\nNotes:\nSpeak"
    assert headings(document) == [(1, "Titel")]
    assert document.notes == ("the hidden slide 'two' was left out",)


def test_locked_broken_and_empty_files_are_refused():
    with pytest.raises(Encrypted):
        read(parse, odf(p("x"), manifest="<manifest:encryption-data xmlns:manifest='m'/>"))
    with pytest.raises(Broken):
        read(parse, archive({"mimetype": "x"}))
    with pytest.raises(Broken):
        read(parse, odf("<text:p>"))
    with pytest.raises(NoText):
        read(parse, odf(p("")))


def test_broken_properties_cost_only_the_title():
    content = "<d><p>text</p></d>"
    assert read(parse, archive({"content.xml": content, "meta.xml": "<"})).text == "text"
