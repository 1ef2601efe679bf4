"""Workbooks as text: sheets as pages, rows as lines, values as people see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.reading.failure import Broken, NoText, Unknown
from sutazai.reading.formats.xlsx import parse
from sutazai.reading.formats.xlsx_numbers import kind_of, plain, shown
from tests.support.office import archive, assert_places, headings, pages, read, relations, tables, xlsx

STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="[$-407]d. mmmm yyyy;@"/>'
    '<numFmt numFmtId="165" formatCode="[h]:mm"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="10"/>'
    '<xf numFmtId="165"/><xf numFmtId="22"/></cellXfs>'
)


def cell(value: str, at: str = "", kind: str = "", style: int = 0) -> str:
    place = f' r="{at}"' if at else ""
    return f'<c{place} t="{kind or "n"}" s="{style}"><v>{value}</v></c>'


def row(*cells: str, number: int = 0) -> str:
    place = f' r="{number}"' if number else ""
    return f"<row{place}>{''.join(cells)}</row>"


def test_each_sheet_is_a_page_under_its_name():
    document = read(parse, xlsx(("Räume", row(cell("1"), cell("2"))), ("Two", row(cell("3")))))
    assert pages(document) == [(1, "Räume\n\n1 | 2"), (2, "Two\n\n3")]
    assert headings(document) == [(1, "Räume"), (1, "Two")]
    assert_places(document)


def test_strings_are_shared_inline_or_results_of_formulas():
    strings = "<si><t>plain</t></si><si><r><t>two </t></r><r><t>runs</t></r><rPh><t>spoken</t></rPh></si>"
    inline = '<c t="inlineStr"><is><t>inline</t></is></c><c t="inlineStr"/>'
    cells = [cell("0", kind="s"), cell("1", kind="s"), inline, '<c t="str"><f>A1&amp;B1</f><v>result</v></c>']
    wrong = [cell("99", kind="s"), cell("x", kind="s"), cell("-1", kind="s")]
    document = read(parse, xlsx(("S", row(*cells, *wrong)), strings=strings))
    assert tables(document) == ["plain | two runs | inline |  | result"]


def test_truths_errors_and_numbers_are_shown():
    cells = [
        cell("1", kind="b"),
        cell("0", kind="b"),
        cell("#DIV/0!", kind="e"),
        cell("0.30000000000000004"),
        cell("1E+3"),
    ]
    assert tables(read(parse, xlsx(("S", row(*cells))))) == ["TRUE | FALSE | #DIV/0! | 0.3 | 1000"]


def test_dates_shares_and_durations_follow_their_formats():
    cells = [cell("45351", style=1), cell("45351.5", style=2), cell("0.125", style=3), cell("1.25", style=4)]
    cells += [cell("45351.545139", style=5), cell("7", style=99), cell("2024-02-29", kind="d")]
    assert tables(read(parse, xlsx(("S", row(*cells)), styles=STYLES))) == [
        "2024-02-29 | 2024-02-29 | 12.5% | 30:00:00 | 2024-02-29 13:05 | 7 | 2024-02-29"
    ]


def test_workbooks_that_count_from_1904_do():
    sheet = ("S", row(cell("43889", style=1)))
    assert tables(read(parse, xlsx(sheet, styles=STYLES, head='<workbookPr date1904="1"/>'))) == ["2024-02-29"]


def test_cells_stand_in_their_columns_and_tables_are_parted_by_empty_rows():
    rows = row(cell("1", "B1"), cell("2", "D1"), number=1) + row(number=2) + row(cell("3", "A3"), number=3)
    assert tables(read(parse, xlsx(("S", rows)))) == [" | 1 |  | 2", "3"]


def test_a_cell_far_out_and_a_million_empty_rows_cost_nothing():
    rows = "<row/>" * 50_000 + row(cell("1", "XFD1048576"), cell("2", "ZZZ9"), cell("3", "A1"), number=1_048_576)
    document = read(parse, xlsx(("S", rows)))
    assert len(document.text) < 200
    assert document.text.split() == ["S", *["|"] * 30, "1", "|", "2", "|", "3"]


def test_hidden_sheets_are_left_out_and_named():
    document = read(parse, xlsx(("Shown", row(cell("1"))), ("Secret", row(cell("2"))), state='state="veryHidden"'))
    assert document.notes == ("the hidden sheet 'Secret' was left out",)
    assert "2" not in document.text


def test_formulas_without_a_stored_result_are_told_of():
    document = read(parse, xlsx(("S", row(cell("1"), "<c><f>SUM(A1)</f></c>"))))
    assert document.notes == ("1 formulas have no stored result: open and save it in a spreadsheet first",)


def test_a_workbook_of_nothing_but_its_first_part_has_no_text():
    members = {"_rels/.rels": relations(("officeDocument", "w.xml")), "w.xml": "<workbook/>"}
    with pytest.raises(NoText):
        read(parse, archive(members))


def test_a_binary_workbook_is_named_as_such():
    members = {"_rels/.rels": relations(("officeDocument", "xl/workbook.bin")), "xl/workbook.bin": "\x83\x01"}
    with pytest.raises(Unknown, match="binary workbook"):
        read(parse, archive(members))


def test_a_sheet_that_breaks_off_is_refused():
    with pytest.raises(Broken):
        read(parse, xlsx(("S", "<row><c>")))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("", "plain"), ("General", "plain"), ("#,##0.00 €", "plain"), ('0 "days"', "plain"), ("yyyy-mm-dd", "date"),
        ("mmmm", "date"), ("mm/yy", "date"), ("h:mm AM/PM", "time"), ("mm:ss", "time"), ("dd.mm.yyyy hh:mm", "moment"),
        ("[mm]:ss", "duration"), ("0.0%", "percent"), ("[Red]0;[Blue]-0", "plain"), ("\\d0", "plain"),
        ("[s]", "duration"), ("0;yyyy", "plain"),
    ],
)  # fmt: skip
def test_the_code_of_a_format_tells_what_numbers_become(code, kind):
    assert kind_of(0, code) == kind


def test_a_format_without_code_is_told_by_its_number():
    assert [kind_of(number, "") for number in (9, 14, 20, 22, 46, 1000)] == [
        "percent", "date", "time", "moment", "duration", "plain",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("1", "date", "1900-01-01"), ("59", "date", "1900-02-28"), ("61", "date", "1900-03-01"),
        ("0.5", "time", "12:00"),
        ("0.99999", "time", "23:59:59"), ("2.5", "time", "1900-01-02 12:00"), ("-1", "date", "-1"),
        ("1e30", "date", "1e+30"),
        ("nan", "plain", "nan"), ("inf", "percent", "inf%"), ("-inf", "date", "-inf"), ("words", "date", "words"),
        ("12345678901234567", "plain", "12345678901234600"), ("1e300", "plain", "1e+300"), ("1E-7", "plain", "1e-07"),
    ],
)  # fmt: skip
def test_numbers_are_shown_by_their_kind(text, kind, expected):
    assert shown(text, kind) == expected


@given(st.floats(-1e300, 1e300), st.sampled_from(["plain", "date", "time", "moment", "duration"]))
def test_any_number_can_be_shown(value, kind):
    assert shown(repr(value), kind)
    assert plain(value) == "0" or float(plain(value)) == pytest.approx(value, rel=1e-13)
