"""The text of a document while a parser writes it, with the places of its pages, headings and tables.

Owns which characters a text may hold, what stands between two blocks, and how much a document may become. Every parser
fills one `Draft`; none counts an offset itself.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from sutazai.reading.failure import NoText, TooLarge
from sutazai.sdk.document import Heading, Page, ParsedDocument

MAX_CHARS: Final = 20_000_000
MAX_PAGES: Final = 20_000
_MAX_MARKS: Final = 200_000
_MAX_NOTES: Final = 20
_NOTE_CHARS: Final = 300
_TITLE_CHARS: Final = 500
_HEADING_CHARS: Final = 1_000
_DEEPEST: Final = 9
_CELL_BREAK: Final = " | "

_ODD: Final = re.compile(r"[^\n\t -~]")
_LINE_END: Final = re.compile(r"\r\n?")
# What draws nothing: controls, marks that only turn the direction of drawing, joiners that hide inside words, tags.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_BLANK: Final = re.compile("[\x0b\x0c\x85\u2028\u2029]")
# Ligatures and shapes of letters: who looks for a word types its letters.
_FORMS: Final = re.compile("[\ufb00-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc]")
_LONE: Final = re.compile("[\ud800-\udfff]")
_SPACES: Final = re.compile(r"\s+")
_LINE_TAIL: Final = re.compile(r"[ \t\xa0]+(?=\n|\Z)")
_MANY_LINES: Final = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """A text with line feeds as line ends, composed (NFC), without ligatures and what draws nothing.

    The number of lines stays; cleaning twice changes nothing.
    """
    if _ODD.search(text) is None:
        return text
    text = _LINE_END.sub("\n", text)
    text = _LONE.sub("\ufffd", _BLANK.sub(" ", _UNSEEN.sub("", text)))
    text = _FORMS.sub(lambda form: unicodedata.normalize("NFKC", form[0]), text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """A text cleaned, with every run of blanks and line ends as one blank."""
    return _SPACES.sub(" ", clean(text)).strip()


class Draft:
    """What a parser has found so far, in the order of reading.

    Blocks are parted by an empty line, lines of one table or list by a line end. A block without text adds nothing.

    Args:
        max_chars: of the whole text; more raises TooLarge, from any method that adds text.
        max_pages: likewise.
        language: our name of the programming language, for code; known before the parser starts.
        on_page: called with each page's number, once.

    Attributes:
        title: the document's own title; a parser sets it.
    """

    def __init__(
        self,
        *,
        max_chars: int = MAX_CHARS,
        max_pages: int = MAX_PAGES,
        language: str = "",
        on_page: Callable[[int], None] | None = None,
    ) -> None:
        self.title = ""
        self.language = language
        self._max_chars = max_chars
        self._max_pages = max_pages
        self._on_page = on_page
        self._reached = 0
        self._pieces: list[str] = []
        self._length = 0
        self._last = ""
        self._pages: list[tuple[int, int]] = []
        self._page_is_open = False
        self._headings: list[Heading] = []
        self._tables: list[tuple[int, int]] = []
        self._notes: list[str] = []

    @property
    def length(self) -> int:
        """Code points so far."""
        return self._length

    def page(self, number: int) -> None:
        """What follows stands on this page (slide, sheet), counted from 1.

        Raises:
            TooLarge: there are more pages than allowed.
        """
        if len(self._pages) >= self._max_pages:
            raise TooLarge(f"it has more than {self._max_pages} pages")
        self._pages.append((number, self._length))
        self._page_is_open = False
        self.reached(number)

    def reached(self, number: int) -> None:
        """Tells how far the parser is, for one that looks at every page before it writes the first."""
        if self._on_page is not None and number > self._reached:
            self._reached = number
            self._on_page(number)

    def heading(self, level: int, title: str) -> None:
        """A heading, on a line of its own. `level` counts from 1, the outermost."""
        title = one_line(title)[:_HEADING_CHARS].strip()
        if title:
            self.mark_heading(level, title, self._add(title, "heading"))

    def paragraph(self, text: str, *, continues: bool = False) -> None:
        """A block of text; line ends in it stay. `continues`: the paragraph before goes on (over a page's end)."""
        text = clean(text).strip()
        if "\n" in text:
            text = _MANY_LINES.sub("\n\n", _LINE_TAIL.sub("", text))
        if text:
            self._add(text, "paragraph", " " if continues and self._last == "paragraph" else "\n\n")

    def item(self, text: str) -> None:
        """A line of a list, or of a head such as that of a mail: no empty line between two of them."""
        text = _LINE_TAIL.sub("", clean(text)).strip("\n")
        if text.strip():
            self._add(text, "item", "\n" if self._last == "item" else "\n\n")

    def code(self, text: str) -> None:
        """A block of code inside a document: blanks at the start of its lines stay."""
        text = _LINE_TAIL.sub("", clean(text)).strip("\n")
        if text.strip():
            self._add(text, "code")

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """A table of its own."""
        self.end_block()
        for row in rows:
            self.table_row(row)
        self.end_block()

    def table_row(self, cells: Sequence[str]) -> None:
        """One row: of the table whose row came last, else of a new one. A row of empty cells adds nothing."""
        held = [one_line(each) for each in cells]
        while held and not held[-1]:
            held.pop()
        if not held:
            return
        goes_on = self._last == "row"
        start = self._add(_CELL_BREAK.join(held), "row", "\n" if goes_on else "\n\n")
        if goes_on:
            self._tables[-1] = (self._tables[-1][0], self._length)
        else:
            self.mark_table(start, self._length)

    def end_block(self) -> None:
        """Parts what follows from the list or table before it by an empty line."""
        self._last = "end"

    def verbatim(self, text: str) -> int:
        """Adds a text as it stands but for `clean`, blank lines at its start included; gives the offset of its start.

        For formats that are text: mark headings and tables in it by offsets into the *cleaned* text.
        """
        return self._add(clean(text), "verbatim") if text else self._length

    def mark_heading(self, level: int, title: str, start: int) -> None:
        """A heading whose line is in the text already."""
        if len(self._headings) >= _MAX_MARKS:
            raise TooLarge(f"it has more than {_MAX_MARKS} headings")
        title = one_line(title)[:_HEADING_CHARS].strip()
        if title:
            self._headings.append(Heading(min(max(level, 1), _DEEPEST), title, start))

    def mark_table(self, start: int, end: int) -> None:
        """A table whose rows are in the text already."""
        if len(self._tables) >= _MAX_MARKS:
            raise TooLarge(f"it has more than {_MAX_MARKS} tables")
        self._tables.append((start, end))

    def note(self, text: str) -> None:
        """Something a person should know of how this was read. One twice counts once."""
        text = one_line(text)[:_NOTE_CHARS]
        if text and text not in self._notes and len(self._notes) < _MAX_NOTES:
            self._notes.append(text)

    def finish(self, format_name: str) -> ParsedDocument:
        """The document.

        Raises:
            NoText: nothing was added but blanks.
        """
        text = "".join(self._pieces)
        if not text or text.isspace():
            raise NoText
        ends = [start for _, start in self._pages[1:]] + [len(text)]
        return ParsedDocument(
            text,
            format_name,
            title=one_line(self.title)[:_TITLE_CHARS].strip(),
            pages=tuple(Page(number, start, end) for (number, start), end in zip(self._pages, ends, strict=False)),
            headings=tuple(sorted(self._headings, key=lambda heading: heading.start)),
            language=self.language,
            tables=tuple(sorted(self._tables)),
            notes=tuple(self._notes),
        )

    def _add(self, text: str, kind: str, separator: str = "\n\n") -> int:
        if self._pieces:
            self._extend(separator)
        if self._pages and not self._page_is_open:
            self._pages[-1] = (self._pages[-1][0], self._length)
            self._page_is_open = True
        start = self._length
        self._extend(text)
        self._last = kind
        return start

    def _extend(self, text: str) -> None:
        self._length += len(text)
        if self._length > self._max_chars:
            raise TooLarge(f"its text is longer than {self._max_chars} characters")
        self._pieces.append(text)
