"""Word documents (DOCX): paragraphs, headings, lists, tables, notes and text boxes in the order of reading.

Text that a tracked change has deleted, hidden text, comments, heads and feet of pages are left out. Pages are those of
Word's last layout, where it left its marks.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Final
from xml.etree.ElementTree import Element

from sutazai.reading.draft import Draft
from sutazai.reading.formats.docx_runs import PAGE_BREAK, Running, Runs
from sutazai.reading.formats.docx_styles import Numbering, Styles
from sutazai.reading.markup import elements, number_in, pieces
from sutazai.reading.package import Package

_WIDEST: Final = 60
_PAGE_MARK: Final = b"lastRenderedPageBreak"
_INDENT: Final = "  "
_DEEPEST_LIST: Final = 8


def parse(data: bytes, draft: Draft) -> None:
    """Reads a Word document."""
    package = Package(data)
    main = package.main_part()
    draft.title = package.title()
    styles = Styles(package.tree(package.related(main, "styles")))
    numbering = Numbering(package.tree(package.related(main, "numbering")))
    footnotes, endnotes = (_notes(package, package.related(main, f"{kind}s"), kind) for kind in ("footnote", "endnote"))
    content = package.archive.read(main)
    body = _Body(draft, styles, numbering, Runs(footnotes, endnotes))
    if _PAGE_MARK in content:
        body.turn_page()
    body.write(elements(pieces(content), whole={"p", "tbl", "Fallback"}))


def _notes(package: Package, part: str, word: str) -> dict[str, Element]:
    if not part:
        return {}
    return {each.get("id", ""): each for each in elements(package.archive.chunks(part), whole={word})}


class _Body:
    def __init__(self, draft: Draft, styles: Styles, numbering: Numbering, runs: Runs) -> None:
        self._draft = draft
        self._styles = styles
        self._numbering = numbering
        self._runs = runs
        self._page = 0

    def turn_page(self) -> None:
        self._page += 1
        self._draft.page(self._page)

    def write(self, blocks: Iterable[Element]) -> None:
        for block in blocks:
            if block.tag == "tbl":
                self._table(block)
            elif block.tag == "p":
                self._paragraph(block)

    def _paragraph(self, paragraph: Element) -> None:
        looks, style = self._styles.looks(paragraph)
        label = self._numbering.label(looks, style)
        if looks.hidden:
            return
        running = self._runs.read(paragraph)
        if looks.level:
            self._turn(running.text)
            title = _flat(running.text)
            self._draft.title = self._draft.title or (title if looks.is_title else "")
            self._draft.heading(looks.level, f"{label} {title}" if title.strip() else "")
        elif looks.list_id:
            self._turn(running.text)
            indent = _INDENT * min(max(self._numbering.depth(looks, style), 0), _DEEPEST_LIST)
            text = _flat(running.text).strip()
            self._draft.item(f"{indent}{label} {text}" if label and text else text)
        else:
            self._running_text(running.text)
        self._hangings(running)

    def _running_text(self, text: str) -> None:
        """A paragraph, over as many pages as Word has laid it."""
        begun = False
        for number, piece in enumerate(text.split(PAGE_BREAK)):
            if number and self._page:
                self.turn_page()
            self._draft.paragraph(piece, continues=begun)
            begun = begun or bool(piece.strip())

    def _turn(self, text: str) -> None:
        for _ in range(text.count(PAGE_BREAK) if self._page else 0):
            self.turn_page()

    def _hangings(self, running: Running) -> None:
        for box in running.boxes:
            self.write(_within(box, {"p", "tbl"}, ()))
        for number, note in running.notes:
            text = " ".join(_flat(self._runs.read(each).text).strip() for each in _within(note, {"p"}, ()))
            self._draft.item(f"[{number}] {text.strip()}")

    def _table(self, table: Element) -> None:
        rows = [row for row in _within(table, {"tr"}, {"tc"}) if row.find("trPr/del") is None]
        cells = [list(_within(row, {"tc"}, ())) for row in rows]
        if table.find(".//tc//tbl") is not None or sum(map(len, cells)) == 1:
            # A table that only places text, as frames do: its cells are read one after another.
            for cell in (cell for row in cells for cell in row):
                self.write(_within(cell, {"p", "tbl"}, ()))
            return
        running = Running()
        self._draft.end_block()
        for row in cells:
            self._row(row, running)
        self._draft.end_block()
        self._hangings(running)

    def _row(self, cells: list[Element], running: Running) -> None:
        texts: list[str] = []
        breaks = 0
        for cell in cells:
            text = self._cell(cell, running)
            breaks = max(breaks, text.count(PAGE_BREAK))
            span = cell.find("tcPr/gridSpan")
            width = min(number_in(span.get("val"), 1), _WIDEST) if span is not None else 1
            texts += [_flat(text), *[""] * (width - 1)]
        self._turn(PAGE_BREAK * breaks)
        self._draft.table_row(texts)

    def _cell(self, cell: Element, running: Running) -> str:
        lines = []
        for paragraph in _within(cell, {"p"}, ()):
            label = self._numbering.label(*self._styles.looks(paragraph))
            read = self._runs.read(paragraph)
            running.notes += read.notes
            running.boxes += read.boxes
            lines.append(f"{label} {read.text}" if label and read.text else read.text)
        return "\n".join(lines)


def _flat(text: str) -> str:
    return text.replace(PAGE_BREAK, "")


def _within(parent: Element, wanted: Collection[str], barred: Collection[str]) -> Iterator[Element]:
    """The nearest descendants of the wanted names, whatever wraps them."""
    for each in parent:
        if each.tag in wanted:
            yield each
        elif each.tag not in barred:
            yield from _within(each, wanted, barred)
