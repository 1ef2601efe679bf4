"""Workbooks (XLSX): each sheet a page with the sheet's name as heading, each row a line of a table.

Cells show what the workbook stores of them: results of formulas, dates as dates. Hidden sheets are left out and named.
What a sheet says of its own size is never believed, and an empty row costs nothing.
"""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from sutazai.reading.draft import Draft
from sutazai.reading.failure import Unknown
from sutazai.reading.formats.xlsx_numbers import Kind, kind_of, shown
from sutazai.reading.markup import elements, number_in
from sutazai.reading.package import Package

_REFERENCE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_LETTERS: Final = 26
_LAST_COLUMN: Final = 16_384
# More empty cells in a row than this tell nothing of where the next one stands.
_WIDEST_GAP: Final = 30
_TRUTHS: Final = {"1": "TRUE", "0": "FALSE"}


def parse(data: bytes, draft: Draft) -> None:
    """Reads a workbook."""
    package = Package(data)
    main = package.main_part()
    if main.endswith(".bin"):
        raise Unknown("it is a binary workbook; save it as .xlsx")
    draft.title = package.title()
    parts = {each.id: each.target for each in package.relations(main)}
    workbook = package.tree(main)
    cells = _Cells(package, main, since_1904=_says(workbook.find("workbookPr"), "date1904"))
    number = 0
    for sheet in workbook.iterfind("sheets/sheet"):
        name, part = sheet.get("name", ""), parts.get(sheet.get("r:id", ""), "")
        if sheet.get("state", "visible") != "visible":
            draft.note(f"the hidden sheet {name!r} was left out")
        elif part in package.archive:
            number += 1
            draft.page(number)
            draft.heading(1, name)
            _write_sheet(draft, elements(package.archive.chunks(part), whole={"row"}), cells)
    if cells.without_value:
        draft.note(f"{cells.without_value} formulas have no stored result: open and save it in a spreadsheet first")


def _write_sheet(draft: Draft, rows: Iterator[Element], cells: "_Cells") -> None:
    last = 0
    for row in rows:
        number = number_in(row.get("r"), last + 1)
        texts = cells.row(row) if len(row) else []
        if not any(texts):
            continue
        if number > last + 1:
            draft.end_block()
        draft.table_row(texts)
        last = number
    draft.end_block()


class _Cells:
    """Reads cells by the workbook's shared strings and number formats."""

    def __init__(self, package: Package, main: str, *, since_1904: bool) -> None:
        self.without_value = 0
        self._since_1904 = since_1904
        part = package.related(main, "sharedStrings")
        self._strings = [_text(each) for each in elements(package.archive.chunks(part), whole={"si"})] if part else []
        self._kinds = _kinds(package.tree(package.related(main, "styles")))

    def row(self, row: Element) -> list[str]:
        texts: list[str] = []
        column = 0
        for cell in row.iterfind("c"):
            at = _column(cell.get("r", ""), column)
            texts += [""] * min(max(at - column, 0), _WIDEST_GAP)
            texts.append(self._shown(cell).strip())
            column = at + 1
        return texts

    def _shown(self, cell: Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inline = cell.find("is")
            return "" if inline is None else _text(inline)
        value = cell.findtext("v") or ""
        if not value:
            self.without_value += cell.find("f") is not None
            return ""
        if kind == "s":
            number = number_in(value, -1)
            return self._strings[number] if 0 <= number < len(self._strings) else ""
        if kind == "b":
            return _TRUTHS.get(value, value)
        return shown(value, self._kind(cell.get("s", "")), since_1904=self._since_1904) if kind == "n" else value

    def _kind(self, style: str) -> Kind:
        number = number_in(style)
        return self._kinds[number] if 0 <= number < len(self._kinds) else "plain"


def _kinds(styles: Element) -> list[Kind]:
    codes = {each.get("numFmtId", ""): each.get("formatCode", "") for each in styles.iterfind("numFmts/numFmt")}
    named = (each.get("numFmtId", "") for each in styles.iterfind("cellXfs/xf"))
    return [kind_of(number_in(each), codes.get(each, "")) for each in named]


def _text(holder: Element) -> str:
    """The text of a string, its runs joined; how it is spoken (`rPh`) is left out."""
    runs = (each if each.tag == "t" else each.find("t") for each in holder if each.tag in {"t", "r"})
    return "".join(each.text or "" for each in runs if each is not None)


def _column(reference: str, following: int) -> int:
    """The column a reference names, from 0; the following one where it names none or goes back."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return following
    column = 0
    for letter in found[1]:
        column = column * _LETTERS + ord(letter) - ord("A") + 1
    return max(min(column, _LAST_COLUMN) - 1, following)


def _says(element: Element | None, name: str) -> bool:
    return element is not None and element.get(name, "0") in {"1", "true"}
