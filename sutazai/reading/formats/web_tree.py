"""Web pages as a tree: what is too deep to build, what is not shown, and which tables hold data.

Owns the one place that loads the HTML parser.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sutazai.reading.failure import Broken, TooLarge

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_DEPTH: Final = 5_000
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)([^<>]*)")
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_LONG_TAG: Final = 5_000
_MAX_ATTRIBUTES: Final = 1_000
_RAW: Final = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
# Elements that hold nothing, or end by themselves when the next one begins.
_FLAT: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
    | {"p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "option", "optgroup", "rt", "rp"}
    | {"html", "head", "body", "a"}
)
_UNSHOWN: Final = frozenset(
    {
        "script",
        "style",
        "template",
        "noscript",
        "noframes",
        "iframe",
        "object",
        "audio",
        "video",
        "canvas",
        "svg",
        "head",
    }
    | {
        "select",
        "button",
        "textarea",
        "input",
        "datalist",
        "nav",
        "rt",
        "rp",
        "annotation",
        "annotation-xml",
        "frameset",
    }
)
_HIDING: Final = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def build(text: str) -> tuple["LexborNode", str]:
    """The outermost node of a page and the page's title.

    Raises:
        TooLarge: it nests too deep.
        Broken: the parser cannot make a tree of it.
    """
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415 (loaded only when used)

    _refuse(text)
    try:
        page = LexborHTMLParser(text)
    except (SelectolaxError, ValueError) as error:
        raise Broken("its HTML cannot be parsed") from error
    root = page.root
    if root is None:
        raise Broken("its HTML cannot be parsed")
    title = page.css_first("head > title")
    return root, title.text() if title is not None else ""


def _refuse(text: str) -> None:
    """Trees take the square of their depth to build, and elements that of their attributes: both are counted before."""
    depth, raw = 0, ""
    for found in _TAG.finditer(text):
        name = found[2].lower()
        if len(found[3]) > _LONG_TAG and len(_QUOTED.sub("", found[3]).split()) > _MAX_ATTRIBUTES:
            raise TooLarge(f"its HTML gives one element more than {_MAX_ATTRIBUTES} attributes")
        if raw:
            raw = "" if found[1] and name == raw else raw
        elif found[1]:
            depth -= name not in _FLAT and depth > 0
        elif name in _RAW:
            raw = name
        elif name not in _FLAT:
            depth += 1
            if depth > MAX_DEPTH:
                raise TooLarge(f"its HTML nests more than {MAX_DEPTH} deep")


def is_shown(node: "LexborNode") -> bool:
    """Whether a page shows an element at all."""
    if node.tag in _UNSHOWN:
        return False
    attributes = node.attributes
    return not attributes or ("hidden" not in attributes and not _HIDING.search(attributes.get("style") or ""))


def walk(root: "LexborNode") -> Iterator[tuple["LexborNode", bool]]:
    """Every node under `root` that is shown, in the order of reading: once as it begins (True), once as it ends."""
    path: list[LexborNode] = []
    node: LexborNode | None = root
    while node is not None:
        child = None
        if not node.is_element_node or is_shown(node):
            yield node, True
            child = node.first_child
        if child is not None:
            path.append(node)
            node = child
            continue
        yield node, False
        while node is not None and (node.next is None or not path):
            if not path:
                return
            node = path.pop()
            yield node, False
        node = node.next


@dataclass(slots=True)
class _Table:
    rows: int = 0
    columns: int = 0
    widest: int = 0
    is_layout: bool = False


def data_tables(root: "LexborNode") -> set[int]:
    """The ids of tables that hold data: two rows and two columns at least, no table and no heading inside."""
    found: set[int] = set()
    open_tables: list[_Table] = []
    for node, begins in walk(root):
        if node.tag == "table":
            if begins:
                for outer in open_tables[-1:]:
                    outer.is_layout = True
                open_tables.append(_Table())
            elif open_tables and _holds_data(open_tables.pop()):
                found.add(node.mem_id)
        elif open_tables and begins:
            _count(open_tables[-1], node.tag or "")
    return found


def _count(table: _Table, tag: str) -> None:
    if tag == "tr":
        table.rows += 1
        table.columns = 0
    elif tag in {"td", "th"}:
        table.columns += 1
        table.widest = max(table.widest, table.columns)
    elif tag in HEADINGS:
        table.is_layout = True


def _holds_data(table: _Table) -> bool:
    return not table.is_layout and min(table.rows, table.widest) > 1
