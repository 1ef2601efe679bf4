"""The running text of a Word paragraph: what its runs show, and what hangs on them (notes, text boxes)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from sutazai.reading.formats.docx_styles import is_on

PAGE_BREAK: Final = "\f"
_SKIPPED: Final = frozenset(
    {"del", "moveFrom", "pPr", "rPr", "instrText", "delInstrText", "delText", "Fallback", "rt", "annotationRef"}
)
_CHARACTERS: Final = {
    "tab": "\t",
    "ptab": "\t",
    "cr": "\n",
    "noBreakHyphen": "-",
    "lastRenderedPageBreak": PAGE_BREAK,
}


@dataclass(slots=True)
class Running:
    """A paragraph's text. `notes`: numbers and contents of the notes it refers to. `boxes`: text boxes tied to it."""

    text: str = ""
    notes: list[tuple[int, Element]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)


class Runs:
    """Reads paragraphs and counts the notes they refer to.

    Args:
        footnotes: by their ids.
        endnotes: likewise.
    """

    def __init__(self, footnotes: Mapping[str, Element], endnotes: Mapping[str, Element]) -> None:
        self._notes = {"footnoteReference": footnotes, "endnoteReference": endnotes}
        self._count = 0

    def read(self, paragraph: Element) -> Running:
        """The text of a paragraph, with the numbers of notes in brackets and pictures by their descriptions."""
        running = Running()
        running.text = "".join(self._pieces(paragraph, running))
        return running

    def _pieces(self, parent: Element, running: Running) -> Iterator[str]:
        for each in parent:
            if each.tag in _SKIPPED or (each.tag == "r" and is_on(each.find("rPr/vanish"))):
                continue
            if each.tag == "t":
                yield each.text or ""
            elif each.tag in _CHARACTERS:
                yield _CHARACTERS[each.tag]
            elif each.tag == "br":
                yield "" if each.get("type") in {"page", "column"} else "\n"
            elif each.tag == "docPr":
                yield _picture(each)
            elif each.tag in self._notes:
                yield self._note(each, running)
            elif each.tag == "txbxContent":
                running.boxes.append(each)
            else:
                yield from self._pieces(each, running)

    def _note(self, reference: Element, running: Running) -> str:
        content = self._notes[reference.tag].get(reference.get("id", ""))
        if content is None:
            return ""
        self._count += 1
        running.notes.append((self._count, content))
        return f"[{self._count}]"


def _picture(properties: Element) -> str:
    described = (properties.get("descr") or properties.get("title") or "").strip()
    return f"[{described}]" if described else ""
