"""Word documents as text: what a reader sees, with headings, lists, tables, notes and pages."""

import pytest

from sutazai.reading.failure import Broken, Encrypted, NoText, ParseFailed, TooLarge
from sutazai.reading.formats.docx import parse
from sutazai.reading.formats.docx_styles import in_letters
from tests.support.office import CORE, R, W, archive, assert_places, docx, headings, pages, read, relations, tables


def style(name: str, inside: str = "", *, key: str = "", default: bool = False) -> str:
    marked = ' w:default="1"' if default else ""
    return f'<w:style w:type="paragraph"{marked} w:styleId="{key or name}"><w:name w:val="{name}"/>{inside}</w:style>'


def level(depth: int, kind: str, text: str, more: str = "") -> str:
    values = f'<w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{depth}">{values}</w:lvl>'


def shape(key: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{key}">{"".join(levels)}</w:abstractNum>'


def number(key: int, of: int, more: str = "") -> str:
    return f'<w:num w:numId="{key}"><w:abstractNumId w:val="{of}"/>{more}</w:num>'


STYLES = "".join(
    (
        style("Normal", key="Standard", default=True),
        style("heading 1", key="berschrift1"),
        style("Heading 2", key="berschrift2"),
        style("Title", key="Titel"),
        style("Own", '<w:basedOn w:val="berschrift2"/>'),
        style("Plan", '<w:pPr><w:outlineLvl w:val="2"/></w:pPr>'),
        style("Ghost", "<w:rPr><w:vanish/></w:rPr>"),
        style("Loop", '<w:basedOn w:val="Loop"/>'),
        style("Listed", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'),
    )
)
NUMBERING = "".join(
    (
        shape(7, level(0, "decimal", "%1."), level(1, "lowerLetter", "%1.%2)")),
        shape(8, level(0, "bullet", "o"), level(1, "none", "")),
        shape(9, level(0, "upperRoman", "Art. %1"), level(1, "decimal", "§ %2", '<w:pStyle w:val="berschrift2"/>')),
        number(1, 7),
        number(2, 8),
        number(3, 7, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'),
        number(4, 9),
        number(5, 77),
    )
)


def p(text: str, style: str = "", properties: str = "", *, raw: bool = False) -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = text if raw else f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{runs}</w:p>"


def listed(text: str, number: int, depth: int = 0) -> str:
    return p(text, "", f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"


def test_headings_are_told_by_the_names_and_outlines_of_styles_in_any_language():
    body = p("Das Buch", "Titel") + p("Eins", "berschrift1") + p("Zwei", "Own") + p("Plan", "Plan") + p("Text", "Loop")
    document = read(parse, docx(body + p("Own outline", "", '<w:outlineLvl w:val="0"/>'), styles=STYLES))
    assert headings(document) == [(1, "Das Buch"), (1, "Eins"), (2, "Zwei"), (3, "Plan"), (1, "Own outline")]
    assert document.title == "Das Buch"
    assert document.text == "Das Buch\n\nEins\n\nZwei\n\nPlan\n\nText\n\nOwn outline"


def test_an_outline_level_of_body_text_is_no_heading():
    body = p("Not a heading", "berschrift1", '<w:outlineLvl w:val="9"/>')
    assert headings(read(parse, docx(body, styles=STYLES))) == []


def test_the_title_of_the_properties_comes_before_that_of_the_text():
    assert read(parse, docx(p("In text", "Titel"), styles=STYLES, title="In properties")).title == "In properties"


def test_broken_properties_cost_only_the_title():
    good = {"_rels/.rels": relations(("officeDocument", "main.xml")), "docProps/core.xml": CORE[:40]}
    document = read(parse, archive(good | {"main.xml": f"<w:document {W}><w:body>{p('Text')}</w:body></w:document>"}))
    assert (document.title, document.text) == ("", "Text")


def test_lists_keep_their_numbers_and_depth():
    body = listed("one", 1) + listed("two", 1) + listed("deep", 1, 1) + listed("deeper", 1, 1) + listed("three", 1)
    body += p("between") + listed("bullet", 2) + listed("nothing", 2, 1) + listed("five", 3) + listed("no such list", 5)
    body += p("by style", "Listed") + p("none", "Listed", '<w:numPr><w:numId w:val="0"/></w:numPr>')
    assert read(parse, docx(body, styles=STYLES, numbering=NUMBERING)).text == (
        "1. one\n2. two\n  2.a) deep\n  2.b) deeper\n3. three\n\nbetween\n\n- bullet\nnothing\n5. five\nno such list"
        "\n4. by style\n\nnone"
    )


def test_headings_keep_the_numbers_that_word_shows():
    chapter = p("Scope", "berschrift1", '<w:numPr><w:numId w:val="4"/></w:numPr>')
    section = p("Terms", "berschrift2", '<w:numPr><w:numId w:val="4"/></w:numPr>')
    document = read(parse, docx(chapter + section + section + chapter + section, styles=STYLES, numbering=NUMBERING))
    assert [title for _, title in headings(document)] == [
        "Art. I Scope", "§ 1 Terms", "§ 2 Terms", "Art. II Scope", "§ 1 Terms",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "kind", "shown"),
    [
        (4, "lowerRoman", "iv"), (1999, "upperRoman", "MCMXCIX"), (28, "upperLetter", "BB"), (3, "decimalZero", "03"),
        (0, "lowerRoman", "0"), (99999, "lowerLetter", "99999"), (12, "decimal", "12"),
    ],
)  # fmt: skip
def test_numbers_are_shown_as_their_kind_says(number, kind, shown):
    assert in_letters(number, kind) == shown


def test_inserted_text_is_kept_and_deleted_text_dropped():
    runs = (
        "<w:ins><w:r><w:t>new </w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText><w:t>old</w:t></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>moved away</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>moved here</w:t></w:r></w:moveTo>"
    )
    gone = "<w:tr><w:trPr><w:del/></w:trPr><w:tc>" + p("gone") + "</w:tc><w:tc>" + p("row") + "</w:tc></w:tr>"
    body = p(runs, raw=True) + f"<w:tbl>{gone}<w:tr>{cell('a')}{cell('b')}</w:tr></w:tbl>"
    assert read(parse, docx(body)).text == "new moved here\n\na | b"


def test_hidden_text_is_dropped_unless_it_is_switched_on_again():
    runs = (
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>shown</w:t></w:r>'
    )
    assert read(parse, docx(p(runs, raw=True) + p("ghost", "Ghost"), styles=STYLES)).text == "shown"


def test_fields_show_their_result_links_their_text_and_breaks_are_line_ends():
    runs = (
        '<w:r><w:instrText>PAGEREF x</w:instrText></w:r><w:fldSimple w:instr="X"><w:r><w:t>7</w:t></w:r></w:fldSimple>'
        '<w:hyperlink r:id="r9"><w:r><w:t> link</w:t></w:r></w:hyperlink><w:r><w:br/><w:t>next</w:t><w:tab/>'
        '<w:t>tab</w:t><w:noBreakHyphen/><w:cr/><w:t>end</w:t><w:br w:type="page"/></w:r><w:sdt><w:sdtContent><w:r>'
        "<w:t>!</w:t></w:r></w:sdtContent></w:sdt>"
    )
    assert read(parse, docx(p(runs, raw=True))).text == "7 link\nnext\ttab-\nend!"


def test_notes_stand_below_the_paragraph_that_refers_to_them():
    def reference(kind: str, number: int) -> str:
        return f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'

    body = p(f"<w:r><w:t>Text</w:t></w:r>{reference('footnote', 2)}{reference('endnote', 5)}", raw=True)
    body += p(f"<w:r><w:t>More</w:t></w:r>{reference('footnote', 3)}{reference('footnote', 99)}", raw=True)
    notes = "".join(
        f'<w:footnote w:id="{number}">{p(text)}</w:footnote>' for number, text in ((2, "Two"), (3, "Three"))
    )
    ends = f'<w:endnote w:id="5">{p("End")}{p("note")}</w:endnote>'
    assert read(parse, docx(body, footnotes=notes, endnotes=ends)).text == (
        "Text[1][2]\n\n[1] Two\n[2] End note\n\nMore[3]\n\n[3] Three"
    )


def test_pictures_are_read_by_their_descriptions_and_text_boxes_after_their_paragraph():
    picture = '<w:r><w:drawing><wp:inline xmlns:wp="wp"><wp:docPr id="1" descr="A map"/></wp:inline></w:drawing></w:r>'
    box = (
        '<w:r><mc:AlternateContent xmlns:mc="mc"><mc:Choice><w:txbxContent>{}</w:txbxContent></mc:Choice>'
        "<mc:Fallback><w:txbxContent>{}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>"
    ).format(p("In a box"), p("In a box"))
    body = p(f"<w:r><w:t>See </w:t></w:r>{picture}{box}", raw=True)
    assert read(parse, docx(body)).text == "See [A map]\n\nIn a box"


def test_tables_are_rows_and_merged_cells_leave_the_others_empty():
    head = cell("Wide", '<w:gridSpan w:val="2"/>') + cell("C")
    rows = [cell("Жизнь") + cell("2") + cell("3"), cell("", "<w:vMerge/>") + cell("5") + cell("6")]
    document = read(parse, docx(p("Before") + table(head, *rows) + p("After")))
    assert tables(document) == ["Wide |  | C\nЖизнь | 2 | 3\n | 5 | 6"]
    assert document.text.startswith("Before\n\nWide")
    assert document.text.endswith("6\n\nAfter")


def test_a_table_in_a_content_control_and_lists_in_cells_are_read():
    row = f"<w:tr>{cell('a')}<w:tc>{listed('x', 1)}{listed('y', 1)}</w:tc></w:tr>"
    held = f"<w:tbl><w:sdt><w:sdtContent>{row}</w:sdtContent></w:sdt></w:tbl>"
    body = f"<w:sdt><w:sdtContent>{held}</w:sdtContent></w:sdt>"
    assert tables(read(parse, docx(body, numbering=NUMBERING))) == ["a | 1. x 2. y"]


def test_tables_that_only_place_text_are_read_cell_by_cell():
    inner = table(cell("a") + cell("b"), cell("c") + cell("d"))
    outer = f"<w:tbl><w:tr><w:tc>{p('Head', 'berschrift1')}{inner}</w:tc><w:tc>{p('Side')}</w:tc></w:tr></w:tbl>"
    document = read(parse, docx(outer + table(cell("framed")), styles=STYLES))
    assert document.text == "Head\n\na | b\nc | d\n\nSide\n\nframed"
    assert (headings(document), tables(document)) == ([(1, "Head")], ["a | b\nc | d"])


def test_pages_are_those_of_the_last_layout():
    mark = "<w:r><w:lastRenderedPageBreak/></w:r>"
    body = p("one") + p(f"<w:r><w:t>begins </w:t></w:r>{mark}<w:r><w:t>goes on</w:t></w:r>", raw=True)
    body += p(f"{mark}<w:r><w:t>Chapter</w:t></w:r>", "berschrift1", raw=True)
    body += table(cell("x") + cell("y"), f"<w:tc>{p(mark + '<w:r><w:t>z</w:t></w:r>', raw=True)}</w:tc>" + cell("w"))
    document = read(parse, docx(body, styles=STYLES))
    assert pages(document) == [(1, "one\n\nbegins"), (2, "goes on"), (3, "Chapter\n\nx | y"), (4, "z | w")]
    assert_places(document)


def test_without_marks_of_a_layout_there_are_no_pages():
    assert read(parse, docx(p('<w:r><w:t>a</w:t><w:br w:type="page"/></w:r>', raw=True) + p("b"))).pages == ()


def test_of_alternative_blocks_the_first_is_read():
    either = "<mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback>".format(p("new"), p("old") + table(cell("old")))
    body = f'<mc:AlternateContent xmlns:mc="mc">{either}</mc:AlternateContent>'
    assert read(parse, docx(body)).text == "new"


def test_a_part_outside_of_the_package_is_never_followed():
    members = {
        "_rels/.rels": relations(("officeDocument", "word/document.xml")),
        "word/document.xml": f"<w:document {W} {R}><w:body>{p('Text', 'berschrift1')}</w:body></w:document>",
        "word/_rels/document.xml.rels": relations(external=[("styles", "styles.xml")]),
        "word/styles.xml": f"<w:styles {W}>{STYLES}</w:styles>",
    }
    assert headings(read(parse, archive(members))) == []


def locked(data: bytes) -> bytes:
    """An archive whose members say that they are encrypted."""
    return data.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        (b"", Broken), (b"PK\x03\x04", Broken), (docx(p("x"))[:-40], Broken), (archive({"a": "b"}), Broken),
        (archive({"_rels/.rels": relations(("officeDocument", "gone.xml"))}), Broken), (docx(""), NoText),
        (docx(p("<w:r>", raw=True)), Broken), (docx("<w:a>" * 300), TooLarge),
        (locked(docx(p("x"))), Encrypted),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_reason(data, failure):
    with pytest.raises(failure):
        read(parse, data)


def test_entities_and_document_types_are_refused():
    evil = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    main = f"{evil}<w:document {W}><w:body><w:p><w:r><w:t>&a;&b;</w:t></w:r></w:p></w:body></w:document>"
    members = {"_rels/.rels": relations(("officeDocument", "main.xml")), "main.xml": main}
    with pytest.raises(ParseFailed, match="document type"):
        read(parse, archive(members))


def test_a_span_of_a_million_columns_costs_nothing():
    body = table(cell("a", '<w:gridSpan w:val="1000000"/>') + cell("b"), cell("c") + cell("d"))
    assert len(read(parse, docx(body)).text) < 300
