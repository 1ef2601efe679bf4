"""OpenDocument texts, presentations and spreadsheets: all three share one markup, told apart by their bodies.

Deleted text of tracked changes, hidden text, annotations, hidden slides and sheets are left out. Slides and sheets are
pages; those of a text are where its last layout left marks.
"""

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from sutazai.reading.archive import Archive
from sutazai.reading.draft import Draft
from sutazai.reading.failure import Encrypted, ParseFailed
from sutazai.reading.formats.odt_text import PAGE_BREAK, Running, Styles, described, read_running
from sutazai.reading.markup import elements, number_in, pieces, tree

_CONTENT: Final = "content.xml"
_MANIFEST: Final = "META-INF/manifest.xml"
_META: Final = "meta.xml"
_BLOCKS: Final = frozenset({"p", "h", "list", "table-row", "frame", "notes"})
_STYLES: Final = frozenset({"style", "list-style"})
_SKIPPED: Final = frozenset({"tracked-changes", "forms", "annotation", "content-validations"})
_OPENED: Final = frozenset({"page", "table", "soft-page-break", "spreadsheet"})
_PAGE_MARK: Final = b"soft-page-break"
_INDENT: Final = "  "
_DEEPEST_LIST: Final = 8
# A row or a cell that is said to stand a million times stands there so often only where nothing is in it.
_MOST_ROWS: Final = 100
_MOST_CELLS: Final = 30


def parse(data: bytes, draft: Draft) -> None:
    """Reads an OpenDocument file of any of the three kinds."""
    archive = Archive(data)
    if _MANIFEST in archive and b"encryption-data" in archive.read(_MANIFEST):
        raise Encrypted
    draft.title = _title(archive)
    content = archive.read(_CONTENT)
    body = _Body(draft)
    if _PAGE_MARK in content:
        body.turn_page()
    for each in elements(pieces(content), whole=_BLOCKS | _STYLES | _SKIPPED, opened=_OPENED):
        body.take(each)


def _title(archive: Archive) -> str:
    try:
        return tree(archive.chunks(_META)).findtext("meta/title") or "" if _META in archive else ""
    except ParseFailed:
        return ""


class _Body:
    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._styles = Styles()
        self._page = 0
        self._page_of_text = 0
        self._is_sheet = False
        self._is_left_out = False

    def turn_page(self) -> None:
        """The next page of a text."""
        self._page_of_text += 1
        self._draft.page(self._page_of_text)

    def take(self, element: Element) -> None:
        if element.tag in _STYLES:
            self._styles.add(element)
        elif element.tag in _OPENED:
            self._begin(element)
        elif element.tag in _BLOCKS and not self._is_left_out:
            self._block(element)

    def _begin(self, element: Element) -> None:
        """What holds others begins: a slide, a sheet, a table of a text."""
        if element.tag == "spreadsheet":
            self._is_sheet = True
        elif element.tag == "soft-page-break":
            self.turn_page()
        elif element.tag == "table" and not self._is_sheet:
            self._draft.end_block()
        else:
            self._begin_page(element)

    def _begin_page(self, element: Element) -> None:
        self._page += 1
        name = element.get("name", "")
        self._is_left_out = element.get("style-name", "") in self._styles.hidden
        if self._is_left_out:
            self._draft.note(f"the hidden {'sheet' if self._is_sheet else 'slide'} {name!r} was left out")
            return
        self._draft.page(self._page)
        if self._is_sheet:
            self._draft.heading(1, name)

    def _block(self, block: Element) -> None:
        match block.tag:
            case "p" | "h":
                self._paragraph(block)
            case "list":
                self._list(block, 1, "")
                self._draft.end_block()
            case "table-row":
                self._row(block)
            case "frame":
                self._frame(block)
            case "notes":
                self._notes(block)

    def _blocks(self, parent: Element) -> None:
        for each in parent:
            if each.tag in _BLOCKS:
                self._block(each)
            elif each.tag not in _SKIPPED:
                self._begin_table(each)
                self._blocks(each)

    def _begin_table(self, element: Element) -> None:
        if element.tag == "table":
            self._draft.end_block()

    def _paragraph(self, paragraph: Element) -> None:
        style = paragraph.get("style-name", "")
        if style in self._styles.hidden:
            return
        if self._page_of_text and self._draft.length and style in self._styles.breaking:
            self.turn_page()
        running = read_running(paragraph, self._styles.hidden)
        if paragraph.tag == "h" or self._styles.is_title(paragraph):
            self._heading(paragraph, running.text)
        else:
            self._running_text(running.text)
        self._hangings(running)

    def _heading(self, paragraph: Element, text: str) -> None:
        for _ in range(text.count(PAGE_BREAK)):
            self.turn_page()
        title = text.replace(PAGE_BREAK, "")
        if paragraph.tag != "h":
            self._draft.title = self._draft.title or title
        self._draft.heading(number_in(paragraph.get("outline-level"), 1), title)

    def _running_text(self, text: str) -> None:
        begun = False
        for number, piece in enumerate(text.split(PAGE_BREAK)):
            if number:
                self.turn_page()
            self._draft.paragraph(piece, continues=begun)
            begun = begun or bool(piece.strip())

    def _hangings(self, running: Running) -> None:
        for box in running.boxes:
            self._blocks(box)
        for mark, body in running.notes:
            self._draft.item(f"[{mark}] {self._flat(body)}")

    def _list(self, listed: Element, depth: int, style: str) -> None:
        style = listed.get("style-name", "") or style
        count = 0
        for entry in listed:
            count += entry.tag == "list-item"
            label = f"{count}." if self._styles.is_numbered(style, depth) else "-"
            for each in entry:
                if each.tag == "list":
                    self._list(each, depth + 1, style)
                elif each.tag == "h":
                    self._paragraph(each)
                elif each.tag == "p":
                    label = self._item(each, depth, label)

    def _item(self, paragraph: Element, depth: int, label: str) -> str:
        """Writes a paragraph of a list; gives what stands before the next one of the same entry."""
        running = read_running(paragraph, self._styles.hidden)
        text = running.text.replace(PAGE_BREAK, "").strip()
        for _ in range(running.text.count(PAGE_BREAK)):
            self.turn_page()
        self._draft.item(f"{_INDENT * min(depth - 1, _DEEPEST_LIST)}{label} {text}" if text else "")
        self._hangings(running)
        return " " if text else label

    def _row(self, row: Element) -> None:
        texts: list[str] = []
        running = Running()
        for cell in row:
            if cell.tag in {"table-cell", "covered-table-cell"}:
                text = self._cell(cell, running) if cell.tag == "table-cell" else ""
                texts += [text] * min(max(number_in(cell.get("number-columns-repeated"), 1), 1), _MOST_CELLS)
        if not any(texts) and self._is_sheet:
            self._draft.end_block()
        for _ in range(min(max(number_in(row.get("number-rows-repeated"), 1), 1), _MOST_ROWS)):
            self._draft.table_row(texts)
        if running.boxes or running.notes:
            self._hangings(running)

    def _cell(self, cell: Element, running: Running) -> str:
        lines = []
        for paragraph in cell.iter():
            if paragraph.tag in {"p", "h"}:
                read = read_running(paragraph, self._styles.hidden)
                running.notes += read.notes
                lines.append(read.text.replace(PAGE_BREAK, ""))
        return "\n".join(lines).strip()

    def _frame(self, frame: Element) -> None:
        """A frame of a slide or of its own: its title is a heading, the rest is read as it stands."""
        if frame.get("class") == "title":
            self._draft.heading(1, self._flat(frame))
            return
        self._draft.end_block()
        if frame.find("text-box") is None and frame.find("table") is None:
            self._draft.paragraph(described(frame))
            return
        self._blocks(frame)

    def _notes(self, notes: Element) -> None:
        lines = [text for each in self._paragraphs(notes) if (text := each.strip())]
        self._draft.paragraph("\n".join(["Notes:", *lines]) if lines else "")

    def _flat(self, holder: Element) -> str:
        return " ".join(each.strip() for each in self._paragraphs(holder)).strip()

    def _paragraphs(self, holder: Element) -> Iterator[str]:
        for each in holder.iter():
            if each.tag in {"p", "h"}:
                yield read_running(each, self._styles.hidden).text.replace(PAGE_BREAK, "")
