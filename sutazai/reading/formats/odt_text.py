"""The running text of OpenDocument paragraphs, and what their styles say of them."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from sutazai.reading.markup import number_in

PAGE_BREAK: Final = "\f"
_SKIPPED: Final = frozenset(
    {
        "annotation",
        "annotation-end",
        "ruby-text",
        "hidden-text",
        "hidden-paragraph",
        "tracked-changes",
        "forms",
        "script",
    }
)
_CHARACTERS: Final = {"tab": "\t", "line-break": "\n", "soft-page-break": PAGE_BREAK}
_MOST_BLANKS: Final = 200
_BLANKS: Final = re.compile(r"[ \t\r\n]+")


@dataclass(slots=True)
class Running:
    """A paragraph's text. `notes`: numbers and contents of the notes it holds. `boxes`: text boxes tied to it."""

    text: str = ""
    notes: list[tuple[str, Element]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)


class Styles:
    """What a document's own styles say, gathered while they go by at its start."""

    def __init__(self) -> None:
        self.hidden: set[str] = set()
        self.breaking: set[str] = set()
        self._titles = {"Title"}
        self._numbered: set[tuple[str, int]] = set()

    def add(self, style: Element) -> None:
        """Takes in a style (`style`, `list-style`)."""
        name = style.get("name", "")
        if style.tag == "list-style":
            self._numbered |= {(name, number_in(each.get("level"), 1)) for each in style if each.tag.endswith("number")}
            return
        if style.get("parent-style-name") in self._titles:
            self._titles.add(name)
        values = [(key, value) for each in style for key, value in each.items()]
        if {("display", "none"), ("display", "false"), ("visibility", "hidden")} & set(values):
            self.hidden.add(name)
        if ("break-before", "page") in values or style.get("master-page-name"):
            self.breaking.add(name)

    def is_title(self, paragraph: Element) -> bool:
        """Whether a paragraph is the document's title."""
        return paragraph.get("style-name") in self._titles

    def is_numbered(self, style: str, depth: int) -> bool:
        """Whether a list has numbers at this depth, from 1."""
        return (style, depth) in self._numbered


def read_running(paragraph: Element, hidden: Collection[str]) -> Running:
    """The text of a paragraph, with the marks of notes in brackets and pictures by their descriptions.

    Args:
        paragraph: the paragraph.
        hidden: the styles whose text is not shown.
    """
    running = Running()
    running.text = "".join(_pieces(paragraph, running, hidden))
    return running


def _pieces(parent: Element, running: Running, hidden: Collection[str]) -> Iterator[str]:
    yield _BLANKS.sub(" ", parent.text or "")
    for each in parent:
        if each.tag in _CHARACTERS:
            yield _CHARACTERS[each.tag]
        elif each.tag == "s":
            yield " " * min(max(number_in(each.get("c"), 1), 0), _MOST_BLANKS)
        elif each.tag == "note":
            yield _note(each, running)
        elif each.tag == "frame":
            yield _frame(each, running)
        elif each.tag not in _SKIPPED and each.get("style-name", "") not in hidden:
            yield from _pieces(each, running, hidden)
        yield _BLANKS.sub(" ", each.tail or "")


def _note(note: Element, running: Running) -> str:
    body = note.find("note-body")
    if body is None:
        return ""
    mark = (note.findtext("note-citation") or "").strip() or "*"
    running.notes.append((mark, body))
    return f"[{mark}]"


def _frame(frame: Element, running: Running) -> str:
    boxes = list(frame.iterfind("text-box"))
    running.boxes += boxes
    return "" if boxes else described(frame)


def described(frame: Element) -> str:
    """The description of a picture in brackets; empty where there is none."""
    text = (frame.findtext("desc") or frame.findtext("title") or "").strip()
    return f"[{text}]" if text else ""
