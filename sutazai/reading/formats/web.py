"""Web pages (HTML): what a reader sees, in the order of the page, without scripts, styles, menus and hidden text."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sutazai.reading.decoding import decode_text
from sutazai.reading.draft import Draft
from sutazai.reading.formats.web_tree import HEADINGS, build, data_tables, walk
from sutazai.reading.markup import number_in

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_HEAD_BYTES: Final = 4_096
_CHARSET: Final = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE
)
# What pages mean when they say these.
_MEANT: Final = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "iso-8859-9": "cp1254",
    "shift_jis": "cp932", "x-sjis": "cp932", "gb2312": "gb18030", "gbk": "gb18030", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
}  # fmt: skip
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
_AROUND_BREAK: Final = re.compile(r" ?\n ?")
_BLOCKS: Final = frozenset(
    {"p", "div", "section", "article", "main", "header", "footer", "aside", "address", "figure", "figcaption", "hr"}
    | {
        "ul",
        "ol",
        "menu",
        "li",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "pre",
        "form",
        "fieldset",
        "legend",
        "details",
        "summary",
    }
    | {
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "html",
        "body",
        "center",
        "dir",
        "title",
        "search",
    }
    | HEADINGS
)
_LISTS: Final = frozenset({"ul", "ol", "menu", "dir", "dl"})
_TERMS: Final = {"dt": "", "dd": "  "}
_INDENT: Final = "  "
_DEEPEST_LIST: Final = 8
_WIDEST: Final = 100
_TALLEST: Final = 1_000


def parse(data: bytes, draft: Draft) -> None:
    """Reads a web page."""
    found = _CHARSET.search(data[:_HEAD_BYTES])
    write_page(decode_text(data, declared=_encoding(found[1].decode("ascii"), data) if found else ""), draft)


def write_page(text: str, draft: Draft, *, level: int = 0) -> None:
    """Writes what a page shows into a draft. `level`: how far its headings stand below those of the draft.

    Raises:
        ParseFailed: it nests too deep or cannot be parsed.
    """
    root, title = build(text)
    draft.title = draft.title or title
    flow = _Flow(draft, data_tables(root), level)
    for node, begins in walk(root):
        if not node.is_element_node:
            flow.text(node if begins else None)
        elif begins:
            flow.begin(node, node.tag or "")
        else:
            flow.end(node, node.tag or "")
    flow.break_block()


def _encoding(name: str, data: bytes) -> str:
    """What a page says its encoding is, unless its bytes are UTF-8: that no other encoding gives by chance."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        name = _MEANT.get(name.lower(), name)
        # A page that says UTF-16 in letters of one byte is not.
        return "" if name.lower().startswith(("utf-16", "utf-32")) else name
    return "utf-8"


@dataclass(slots=True)
class _List:
    is_numbered: bool
    count: int = 0


class _Flow:
    """Gathers running text and hands it on where a block ends."""

    def __init__(self, draft: Draft, tables: set[int], level: int) -> None:
        self._draft = draft
        self._tables = tables
        self._level = level
        self._pieces: list[str] = []
        self._lists: list[_List] = []
        self._label = ""
        self._heading = 0
        self._pre = 0
        self._rows: _Rows | None = None

    def text(self, node: "LexborNode | None") -> None:
        if node is not None and node.is_text_node and (text := node.text_content):
            self._pieces.append(text if self._pre else _BLANKS.sub(" ", text))

    def begin(self, node: "LexborNode", tag: str) -> None:
        if tag in _BLOCKS:
            self._break(tag)
        if tag in _LISTS:
            start = number_in(node.attributes.get("start"), 1)
            self._lists.append(_List(tag == "ol", start - 1))
        elif tag == "li":
            self._begin_item()
        elif tag in _TERMS and self._lists:
            self._label = _TERMS[tag]
        elif tag in {"br", "img"}:
            self._pieces.append("\n" if tag == "br" else _picture(node))
        elif tag == "pre":
            self._pre += 1
        elif tag in HEADINGS:
            self._heading = int(tag[1])
        elif tag == "table" and node.mem_id in self._tables:
            self._draft.end_block()
            self._rows = _Rows(self._draft)
        elif self._rows is not None and tag in {"td", "th"}:
            self._rows.begin_cell(node)

    def end(self, node: "LexborNode", tag: str) -> None:
        if self._rows is not None and tag in {"td", "th"}:
            self._rows.end_cell(self._taken())
        elif self._rows is not None and tag == "tr":
            self._rows.end_row()
        elif tag in _BLOCKS:
            self._break(tag)
        if tag in _LISTS and self._lists:
            self._lists.pop()
            if not self._lists and self._rows is None:
                self._draft.end_block()
        elif tag == "pre":
            self._pre -= 1
        elif tag in HEADINGS:
            self._heading = 0
        elif tag == "table" and node.mem_id in self._tables:
            self._draft.end_block()
            self._rows = None

    def break_block(self) -> None:
        """Hands on what has gathered, as what it stands in."""
        if self._pre:
            self._draft.code("".join(self._pieces))
            self._pieces.clear()
            return
        text = self._taken()
        if not text:
            return
        if self._heading:
            self._draft.heading(self._heading + self._level, text)
        elif self._lists:
            self._draft.item(f"{self._indent()}{self._label}{text}")
            self._label = _INDENT
        else:
            self._draft.paragraph(text)

    def _break(self, tag: str) -> None:
        if self._rows is not None and self._rows.is_in_cell:
            self._pieces.append(" ")
            return
        self.break_block()
        if tag in _LISTS and not self._lists:
            self._draft.end_block()

    def _begin_item(self) -> None:
        if not self._lists:
            return
        self._lists[-1].count += 1
        self._label = f"{self._lists[-1].count}. " if self._lists[-1].is_numbered else "- "

    def _indent(self) -> str:
        return _INDENT * min(len(self._lists) - 1, _DEEPEST_LIST)

    def _taken(self) -> str:
        text = _BLANKS.sub(" ", "".join(self._pieces)) if "\n" not in self._pieces else _lines("".join(self._pieces))
        self._pieces.clear()
        return text.strip()


def _lines(text: str) -> str:
    return _AROUND_BREAK.sub("\n", re.sub(r"[ \t\r\f]+", " ", text))


class _Rows:
    """A table of data, cell by cell; a cell that reaches over columns or rows leaves the others empty."""

    def __init__(self, draft: Draft) -> None:
        self.is_in_cell = False
        self._draft = draft
        self._cells: list[str] = []
        self._taken: dict[int, int] = {}
        self._span = (1, 1)

    def begin_cell(self, node: "LexborNode") -> None:
        attributes = node.attributes
        width, height = (number_in(attributes.get(each), 1) for each in ("colspan", "rowspan"))
        self._span = (min(max(width, 1), _WIDEST), min(max(height, 1), _TALLEST))
        self.is_in_cell = True

    def end_cell(self, text: str) -> None:
        self._skip_taken()
        width, height = self._span
        for column in range(len(self._cells), len(self._cells) + width):
            if height > 1:
                self._taken[column] = height
        self._cells += [text, *[""] * (width - 1)]
        self.is_in_cell = False

    def end_row(self) -> None:
        self._skip_taken()
        self._draft.table_row(self._cells)
        self._cells = []
        self._taken = {column: rows - 1 for column, rows in self._taken.items() if rows > 1}

    def _skip_taken(self) -> None:
        while len(self._cells) in self._taken and len(self._cells) < _TALLEST:
            self._cells.append("")


def _picture(node: "LexborNode") -> str:
    text = _BLANKS.sub(" ", node.attributes.get("alt") or "").strip()
    return f"[{text}]" if text else ""
