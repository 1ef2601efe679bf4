"""Presentations (PPTX): each slide a page, its title as heading, then its shapes, tables, diagrams and notes.

Hidden slides are left out and named; so are numbers, dates and feet of slides, without a word.
"""

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from sutazai.reading.draft import Draft
from sutazai.reading.markup import number_in
from sutazai.reading.package import Package

_TITLES: Final = frozenset({"title", "ctrTitle"})
_FURNITURE: Final = frozenset({"sldNum", "dt", "ftr", "hdr", "sldImg"})
_INDENT: Final = "  "
_DEEPEST: Final = 8
_WIDEST: Final = 1_000


def parse(data: bytes, draft: Draft) -> None:
    """Reads a presentation."""
    package = Package(data)
    main = package.main_part()
    draft.title = package.title()
    parts = {each.id: each.target for each in package.relations(main)}
    for number, listed in enumerate(package.tree(main).iterfind("sldIdLst/sldId"), 1):
        part = parts.get(listed.get("r:id", ""), "")
        if part not in package.archive:
            draft.note(f"slide {number} is missing")
            continue
        slide = package.tree(part)
        if slide.get("show", "1") in {"0", "false"}:
            draft.note(f"the hidden slide {number} was left out")
            continue
        draft.page(number)
        _Slide(package, part, draft).write(slide)


class _Slide:
    def __init__(self, package: Package, part: str, draft: Draft) -> None:
        self._package = package
        self._part = part
        self._draft = draft
        self._parts = {each.id: each for each in package.relations(part)}

    def write(self, slide: Element) -> None:
        shapes = list(_shapes(slide.find("cSld/spTree")))
        for shape in (each for each in shapes if _placeholder(each) in _TITLES):
            self._draft.heading(1, " ".join(_text(each) for each in shape.iterfind("txBody/p")))
        for shape in (each for each in shapes if _placeholder(each) not in _TITLES | _FURNITURE):
            self._shape(shape)
        self._notes()

    def _shape(self, shape: Element) -> None:
        if shape.tag == "graphicFrame":
            self._graphic(shape)
        elif shape.tag == "pic":
            self._draft.paragraph(_described(shape))
        else:
            self._paragraphs(shape)

    def _paragraphs(self, shape: Element) -> None:
        self._draft.end_block()
        listed = list(shape.iterfind("txBody/p"))
        for paragraph in listed:
            text = _text(paragraph).strip()
            level = paragraph.find("pPr")
            depth = min(max(number_in(level.get("lvl") if level is not None else ""), 0), _DEEPEST)
            self._draft.item(f"{_INDENT * depth}- {text}" if text and len(listed) > 1 else text)
        self._draft.end_block()

    def _graphic(self, frame: Element) -> None:
        table = frame.find("graphic/graphicData/tbl")
        if table is not None:
            self._draft.table([_cell_text(cell) for cell in row.iterfind("tc")] for row in table.iterfind("tr"))
            return
        for each in frame.iterfind("graphic/graphicData/*"):
            related = self._parts.get(each.get("r:dm", "") or each.get("r:id", ""))
            if each.tag == "relIds" and related is not None:
                self._diagram(self._package.tree(related.target))
            elif each.tag == "chart" and related is not None:
                self._chart(self._package.tree(related.target))
        self._draft.paragraph(_described(frame))

    def _diagram(self, diagram: Element) -> None:
        for point in diagram.iterfind("ptLst/pt"):
            self._draft.item(" ".join(filter(None, (_text(each).strip() for each in point.iterfind("t/p")))))
        self._draft.end_block()

    def _chart(self, chart: Element) -> None:
        """A chart as the table it was drawn from: a row for each category, a column for each series."""
        self._draft.paragraph(" ".join(_text(each) for each in chart.iterfind("chart/title/tx/rich/p")))
        series = [each for plot in chart.iterfind("chart/plotArea/*") for each in plot.iterfind("ser")]
        if not series:
            return
        columns = [_cached(each, "val") or _cached(each, "yVal") for each in series]
        names = ["".join(_cached(each, "tx").values()) for each in series]
        categories = _cached(series[0], "cat") or _cached(series[0], "xVal")
        self._draft.table_row(["", *names])
        for index in sorted({*categories, *(at for column in columns for at in column)}):
            self._draft.table_row([categories.get(index, ""), *(column.get(index, "") for column in columns)])
        self._draft.end_block()

    def _notes(self) -> None:
        part = self._package.related(self._part, "notesSlide")
        if not part:
            return
        shapes = _shapes(self._package.tree(part).find("cSld/spTree"))
        bodies = [each for each in shapes if _placeholder(each) == "body"]
        texts = [text for body in bodies for each in body.iterfind("txBody/p") if (text := _text(each).strip())]
        self._draft.paragraph("\n".join(["Notes:", *texts]) if texts else "")


def _shapes(tree: Element | None) -> Iterator[Element]:
    """The shapes in their order, those in groups included; of alternatives the first."""
    for each in tree if tree is not None else ():
        if each.tag in {"sp", "pic", "graphicFrame", "cxnSp"}:
            if not _is_hidden(each):
                yield each
        elif each.tag in {"grpSp", "AlternateContent", "Choice"} and not _is_hidden(each):
            yield from _shapes(each)


def _properties(shape: Element) -> Element | None:
    return next((found for each in shape if (found := each.find("cNvPr")) is not None), None)


def _is_hidden(shape: Element) -> bool:
    properties = _properties(shape)
    return properties is not None and properties.get("hidden") in {"1", "true"}


def _described(shape: Element) -> str:
    properties = _properties(shape)
    text = (properties.get("descr") or properties.get("title") or "").strip() if properties is not None else ""
    return f"[{text}]" if text else ""


def _placeholder(shape: Element) -> str:
    found = next((held for each in shape if (held := each.find("nvPr/ph")) is not None), None)
    return "" if found is None else found.get("type", "obj")


def _text(paragraph: Element) -> str:
    pieces = []
    for each in paragraph.iter():
        if each.tag == "t":
            pieces.append(each.text or "")
        elif each.tag == "br":
            pieces.append("\n")
    return "".join(pieces)


def _cell_text(cell: Element) -> str:
    if cell.get("hMerge") in {"1", "true"} or cell.get("vMerge") in {"1", "true"}:
        return ""
    return " ".join(_text(each) for each in cell.iterfind("txBody/p"))


def _cached(series: Element, kind: str) -> dict[int, str]:
    """The values a chart keeps of its workbook, by their place."""
    holder = series.find(kind)
    points = holder.iter("pt") if holder is not None else ()
    return {number_in(each.get("idx")): each.findtext("v") or "" for each in points}
