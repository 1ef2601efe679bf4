r"""Rich Text Format: paragraphs, headings, lists, tables and footnotes, in any code page.

A heading is a paragraph with an outline level, its own or its style's. Hidden and deleted text, pictures, fields'
instructions and every destination that is not known to hold text are left out.
"""

from dataclasses import dataclass, replace
from typing import Final

from sutazai.reading.draft import Draft
from sutazai.reading.failure import Broken, TooLarge
from sutazai.reading.formats.rtf_tables import (
    BODY_LEVEL,
    CHARACTERS,
    CODE_PAGES,
    FONT_SETS,
    HEADING_NAME,
    READ_DESTINATIONS,
    SYMBOLS,
    UNREAD_DESTINATIONS,
)
from sutazai.reading.formats.rtf_words import Word, words

MAX_DEPTH: Final = 1_000
_SIGNATURE: Final = b"{\\rtf"
_UTF8_PAGE: Final = 65_001
_HIDING: Final = frozenset({"v", "deleted"})
_ENDS: Final = frozenset({"par", "sect", "page"})


def parse(data: bytes, draft: Draft) -> None:
    """Reads Rich Text."""
    if not data.lstrip().startswith(_SIGNATURE):
        raise Broken("it does not begin as Rich Text")
    reader = _Reader(draft)
    for word in words(data):
        reader.take(word)
    reader.finish()


@dataclass(frozen=True, slots=True)
class _Group:
    """What a brace opens and its end closes.

    Attributes:
        holds: `text`, `note`, `label`, `title`, `info`, `fonts`, `styles`, or `nothing` that is read.
        fallback: how many characters stand in for each one of Unicode.
        is_new: nothing has come since the brace but perhaps a star.
    """

    holds: str = "text"
    is_hidden: bool = False
    font: int = 0
    fallback: int = 1
    is_new: bool = True
    is_starred: bool = False


class _Encodings:
    """Which encoding the bytes of a text are in: by its font, else by the file's head."""

    def __init__(self) -> None:
        self.default = "cp1252"
        self.font = -1
        self._fonts: dict[int, str] = {}

    def define(self, word: Word) -> None:
        """Takes in a word of the font table."""
        if word.name == "f":
            self.font = word.number or 0
        elif word.name == "fcharset" and (encoding := FONT_SETS.get(word.number or 0)):
            self._fonts[self.font] = encoding

    def page(self, number: int) -> None:
        """Takes in the number of a code page."""
        name = "utf-8" if number == _UTF8_PAGE else f"cp{number}"
        self.default = name if number in CODE_PAGES else self.default

    def decode(self, data: bytes, font: int) -> str:
        return data.decode(self._fonts.get(font, self.default), "replace")


class _Reader:
    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._groups = [_Group(is_new=False)]
        self._encodings = _Encodings()
        self._bytes = bytearray()
        self._skip = 0
        self._held: dict[str, list[str]] = {"text": [], "note": [], "label": [], "title": [], "styles": []}
        self._cells: list[str] = []
        self._notes: list[str] = []
        self._note_count = 0
        self._style = 0
        self._levels: dict[int, int] = {}
        self._level = 0
        self._is_row = False

    def take(self, word: Word) -> None:
        if word.kind == "text":
            self._text(word.data)
            return
        if word.kind == "word" and word.name == "u":
            self._flush()
            self._unicode(word.number or 0)
            return
        self._flush()
        if word.kind == "open":
            self._open()
        elif word.kind == "close":
            self._close()
        elif word.kind == "symbol":
            self._symbol(word)
        else:
            self._word(word)

    def finish(self) -> None:
        self._flush()
        if len(self._groups) > 1:
            self._draft.note("it ends in the middle")
        self._end_row()
        self._end_paragraph()
        self._draft.title = "".join(self._held["title"]).strip() or self._draft.title

    @property
    def _group(self) -> _Group:
        return self._groups[-1]

    def _open(self) -> None:
        if len(self._groups) >= MAX_DEPTH:
            raise TooLarge(f"its groups nest more than {MAX_DEPTH} deep")
        self._skip = 0
        self._groups.append(replace(self._group, is_new=True, is_starred=False))

    def _close(self) -> None:
        self._skip = 0
        if len(self._groups) == 1:
            return
        closed = self._groups.pop()
        if closed.holds == "note" and self._group.holds != "note":
            text = " ".join("".join(self._held["note"]).split())
            self._notes.append(f"[{self._note_count}] {text}" if text else "")
            self._held["note"].clear()
        elif closed.holds == "styles":
            self._name_style()

    def _symbol(self, word: Word) -> None:
        if word.name == "*" and self._group.is_new:
            self._change(is_starred=True)
        elif self._skip:
            self._skip -= 1
        elif word.name in SYMBOLS:
            self._add(SYMBOLS[word.name])

    def _text(self, data: bytes) -> None:
        if self._group.is_new:
            self._change(is_new=False)
        dropped = min(self._skip, len(data))
        self._skip -= dropped
        if self._group.holds in self._held:
            self._bytes += data[dropped:]

    def _unicode(self, number: int) -> None:
        if self._group.is_new:
            self._change(is_new=False)
        code = number % 0x10000
        # A pair of surrogates comes as two words: they are joined where the text is handed on.
        self._add(chr(code))
        self._skip = self._group.fallback

    def _word(self, word: Word) -> None:
        if self._group.is_new:
            self._begin(word.name)
        self._skip = 0
        holds = self._group.holds
        if holds == "fonts":
            self._encodings.define(word)
        elif holds == "styles":
            self._define_style(word)
        elif holds in self._held:
            self._format(word)

    def _begin(self, name: str) -> None:
        """The first word of a group tells what the group holds."""
        group = self._group
        holds = group.holds
        if holds == "info":
            holds = "title" if name == "title" else "nothing"
        elif name in READ_DESTINATIONS and holds != "nothing":
            holds = READ_DESTINATIONS[name] or holds
        elif name in UNREAD_DESTINATIONS or (group.is_starred and holds != "styles"):
            holds = "nothing"
        if holds == "note" != group.holds:
            self._note_count += 1
            self._add(f"[{self._note_count}]")
        self._change(holds=holds, is_new=False)

    def _format(self, word: Word) -> None:
        name, number = word.name, word.number
        if name in CHARACTERS:
            self._add(CHARACTERS[name])
        elif name in _HIDING:
            self._change(is_hidden=number != 0)
        elif name == "plain":
            self._change(is_hidden=False)
        elif name == "f":
            self._change(font=number or 0)
        elif name == "uc":
            self._change(fallback=min(max(number or 0, 0), 10))
        elif name == "ansicpg":
            self._encodings.page(number or 0)
        elif name in {"mac", "pc", "pca"}:
            self._encodings.default = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[name]
        elif self._group.holds == "text":
            self._place(name, number)
        elif name in _ENDS:
            self._add(" ")

    def _place(self, name: str, number: int | None) -> None:
        if name in _ENDS:
            self._end_paragraph()
        elif name == "pard":
            self._level, self._is_row = 0, False
        elif name == "s":
            self._level = self._levels.get(number or 0, 0)
        elif name == "outlinelevel":
            self._level = 0 if (number or 0) >= BODY_LEVEL else (number or 0) + 1
        elif name == "intbl":
            self._is_row = True
        elif name in {"cell", "nestcell"}:
            self._end_cell(is_nested=name == "nestcell")
        elif name == "row":
            self._end_row()

    def _define_style(self, word: Word) -> None:
        if word.name == "s":
            self._style = word.number or 0
        elif word.name == "outlinelevel" and 0 <= (word.number or 0) < BODY_LEVEL:
            self._levels[self._style] = (word.number or 0) + 1

    def _name_style(self) -> None:
        name = "".join(self._held["styles"]).strip().rstrip(";").lower()
        self._held["styles"].clear()
        if found := HEADING_NAME.fullmatch(name):
            self._levels.setdefault(self._style, int(found[1]))
        elif name == "title":
            self._levels[self._style] = 1
        self._style = 0

    def _change(self, **changes: object) -> None:
        self._groups[-1] = replace(self._group, **changes)  # type: ignore[arg-type]

    def _add(self, text: str) -> None:
        if self._group.holds in self._held and not self._group.is_hidden:
            self._held[self._group.holds].append(text)

    def _flush(self) -> None:
        if self._bytes:
            self._add(self._encodings.decode(bytes(self._bytes), self._group.font))
            self._bytes.clear()

    def _taken(self) -> str:
        text = "".join(self._held["text"])
        self._held["text"].clear()
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _label(self) -> str:
        label = "".join(self._held["label"]).strip()
        self._held["label"].clear()
        return label if any(each.isalnum() for each in label) else "-" if label else ""

    def _end_paragraph(self) -> None:
        if self._is_row:
            self._held["text"].append("\n")
            return
        label, text = self._label(), self._taken().strip()
        if self._level:
            self._draft.heading(self._level, f"{label} {text}" if text else "")
        elif label:
            self._draft.item(f"{label} {text}" if text else "")
        else:
            self._draft.paragraph(text)
        self._write_notes()

    def _end_cell(self, *, is_nested: bool) -> None:
        if is_nested:
            self._held["text"].append(" ")
            return
        label = self._label()
        self._cells.append(f"{label} {self._taken()}".strip())

    def _end_row(self) -> None:
        self._draft.table_row(self._cells)
        self._cells.clear()
        if self._notes:
            self._write_notes()

    def _write_notes(self) -> None:
        for note in self._notes:
            self._draft.item(note)
        self._notes.clear()
