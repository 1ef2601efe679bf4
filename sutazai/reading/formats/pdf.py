"""PDF by PDFium: text in reading order with its pages, headings and title; scans are named as such."""

import re
from collections.abc import Container
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sutazai.reading.draft import MAX_PAGES, Draft, one_line
from sutazai.reading.failure import Broken, Encrypted, NoText, ParseFailed, TooLarge
from sutazai.reading.pdf.columns import in_order
from sutazai.reading.pdf.flow import blocks_of, goes_on, join_two, joined
from sutazai.reading.pdf.furniture import without_furniture
from sutazai.reading.pdf.headings import Outline, body_height, mark_by_outline, mark_by_size
from sutazai.reading.pdf.lines import Line, TextPage

_MAX_OUTLINE: Final = 5_000
_MAX_RANGES: Final = 10
_DEEPEST_OUTLINE: Final = 9
_NO_TITLE: Final = re.compile(
    r"(\W*(untitled|anonymous|title)\W*|document\d*|slide \d+|.*\.(docx?|pptx?|xlsx?|indd|tex|dvi|pdf|html?))$",
    re.IGNORECASE,
)
_MADE_BY: Final = re.compile(r"^Microsoft (Word|PowerPoint|Excel) - ")
_FIRST_WORD: Final = re.compile(r"\S+")


def parse(data: bytes, draft: Draft) -> None:
    """Reads a PDF into a draft."""
    import pypdfium2 as pdfium  # noqa: PLC0415 (loaded only when used)

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise _failure(error, pdfium) from error
    try:
        _read(document, draft)
    finally:
        document.close()


def _read(document: Any, draft: Draft) -> None:
    count = len(document)
    if count > MAX_PAGES:
        raise TooLarge(f"it has more than {MAX_PAGES} pages")
    pages, textless, damaged = _pages(document, count, draft)
    if not any(pages):
        raise _without_text(count, textless)
    body = body_height(pages)
    pages = without_furniture(pages, body)
    if not mark_by_outline(pages, _outline(document)):
        mark_by_size(pages, body)
    draft.title = _title(document) or _largest(pages[0])
    _write(pages, draft)
    for numbers, what in ((textless, "no text layer"), (damaged, "damaged, not read")):
        if numbers:
            draft.note(f"{'page' if len(numbers) == 1 else 'pages'} {_ranges(numbers)}: {what}")


def _pages(document: Any, count: int, draft: Draft) -> tuple[list[list[Line]], list[int], list[int]]:
    """The lines of each page, the numbers of those that only show pictures, and of those that are damaged."""
    pages: list[list[Line]] = []
    textless, damaged = [], []
    for index in range(count):
        with TextPage(document.raw, index) as page:
            lines = page.lines()
            if lines:
                lines = in_order(lines, page.edges)
            elif not page.is_there:
                damaged.append(index + 1)
            elif page.is_drawn:
                textless.append(index + 1)
        pages.append(lines)
        draft.reached(index + 1)
    return pages, textless, damaged


def _write(pages: list[list[Line]], draft: Draft) -> None:
    words = _words(pages)
    held, before = _Passage(""), None
    for number, lines in enumerate(pages, 1):
        blocks = blocks_of(lines)
        passages = [_Passage(joined(each, words), each.level) for each in blocks]
        if blocks and before is not None and goes_on(before, blocks[0].lines[0]):
            passages[0].continues = True
            held.text, passages[0].text = _word_completed(held.text, passages[0].text, words)
        _add(held, draft)
        draft.page(number)
        for each in passages[:-1]:
            _add(each, draft)
        held = passages[-1] if passages else _Passage("")
        before = blocks[-1].lines[-1] if blocks else None
    _add(held, draft)


@dataclass(slots=True)
class _Passage:
    text: str
    level: int = 0
    continues: bool = False


def _add(passage: _Passage, draft: Draft) -> None:
    if passage.level:
        draft.heading(passage.level, passage.text)
    else:
        draft.paragraph(passage.text, continues=passage.continues)


def _word_completed(text: str, more: str, words: Container[str]) -> tuple[str, str]:
    """A word that a page's end cuts stands whole on the page where it begins."""
    head = _FIRST_WORD.match(more)
    if not text.endswith("-") or head is None:
        return text, more
    return join_two(text, head[0], words), more[head.end() :]


def _words(pages: list[list[Line]]) -> Container[str]:
    """The words of a document that has hyphens at line ends, in lower case."""
    if not any(line.text.endswith("-") for lines in pages for line in lines):
        return frozenset()
    return {word for lines in pages for line in lines for word in line.text.lower().split()}


def _outline(document: Any) -> Outline:
    found = []
    for each in islice(document.get_toc(max_depth=_DEEPEST_OUTLINE), _MAX_OUTLINE):
        place = each.get_dest()
        index = None if place is None else place.get_index()
        if index is not None:
            found.append((each.level + 1, each.get_title(), index))
    return found


def _title(document: Any) -> str:
    title = _MADE_BY.sub("", one_line(document.get_metadata_value("Title")))
    return "" if _NO_TITLE.match(title) else title


def _largest(lines: list[Line]) -> str:
    """The heading of the first page, where one stands out."""
    blocks = [each for each in blocks_of(lines) if each.level]
    tallest = max(blocks, key=lambda block: block.lines[0].height, default=None)
    return "" if tallest is None else joined(tallest, frozenset())


def _without_text(count: int, textless: list[int]) -> NoText:
    if not textless:
        return NoText("its pages are empty")
    pages = "its page is a picture" if count == 1 else f"its {count} pages are pictures"
    return NoText(f"it has no text layer: {pages}")


def _ranges(numbers: list[int]) -> str:
    """Numbers as people write them: `1-3, 7`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    parts = [str(first) if first == last else f"{first}-{last}" for first, last in spans[:_MAX_RANGES]]
    return ", ".join(parts) + (" and more" if len(spans) > _MAX_RANGES else "")


def _failure(error: Any, pdfium: Any) -> ParseFailed:
    code = getattr(error, "err_code", None)
    if code in {pdfium.raw.FPDF_ERR_PASSWORD, pdfium.raw.FPDF_ERR_SECURITY}:
        return Encrypted()
    return Broken("it cannot be opened as a PDF")
