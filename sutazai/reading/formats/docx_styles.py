"""What the styles and the numbering of a Word document say: which paragraphs are headings, and what is counted."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from sutazai.reading.markup import number_in

_HEADING: Final = re.compile(r"heading (\d)", re.IGNORECASE)
_BODY_LEVEL: Final = 9
_DEEPEST_STYLE: Final = 20
_LEVELS: Final = 9
_NO_LIST: Final = "0"
_PLACE: Final = re.compile(r"%([1-9])")
_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_HIGHEST: Final = 3_999
_LETTERS: Final = 26
_OFF: Final = frozenset({"0", "false", "off", "none"})
BULLET: Final = "-"


def is_on(element: Element | None) -> bool:
    """Whether a property such as `w:vanish` is there and not switched off."""
    return element is not None and element.get("val", "1").lower() not in _OFF


@dataclass(frozen=True, slots=True)
class Looks:
    """What a style or a paragraph says of itself; None where it leaves that to the style below it.

    Attributes:
        level: of the heading, from 1; 0: none.
        list_id: the list it belongs to; empty: none.
        list_level: from 0.
    """

    level: int | None = None
    list_id: str | None = None
    list_level: int | None = None
    hidden: bool | None = None
    is_title: bool = False


class Styles:
    """The paragraph styles by their id."""

    def __init__(self, root: Element) -> None:
        self._styles = {each.get("styleId", ""): each for each in root.findall("style")}
        self._default = next((key for key, each in self._styles.items() if _is_default(each)), "")
        self._known: dict[str, Looks] = {}

    def looks(self, paragraph: Element) -> tuple[Looks, str]:
        """What a paragraph and its styles say together, and the id of its style."""
        properties = paragraph.find("pPr")
        style = self._default
        own = Looks()
        if properties is not None:
            named = properties.find("pStyle")
            style = named.get("val", "") if named is not None else style
            own = _said(properties)
        return _over(own, self._of(style)), style

    def _of(self, style: str) -> Looks:
        if style not in self._known:
            chain, looks = style, Looks()
            for _ in range(_DEEPEST_STYLE):
                element = self._styles.get(chain)
                if element is None:
                    break
                looks = _over(looks, _of_style(element))
                based = element.find("basedOn")
                chain = based.get("val", "") if based is not None else ""
            self._known[style] = looks
        return self._known[style]


def _is_default(style: Element) -> bool:
    return style.get("type") == "paragraph" and style.get("default", "0").lower() not in _OFF


def _of_style(style: Element) -> Looks:
    said = _said(style.find("pPr"))
    name = style.find("name")
    called = name.get("val", "").lower() if name is not None else ""
    level = int(found[1]) if (found := _HEADING.fullmatch(called)) else said.level
    hidden = style.find("rPr/vanish")
    return Looks(
        1 if called == "title" else level,
        said.list_id,
        said.list_level,
        hidden=None if hidden is None else is_on(hidden),
        is_title=called == "title",
    )


def _said(properties: Element | None) -> Looks:
    if properties is None:
        return Looks()
    outline, listed, depth = (properties.find(path) for path in ("outlineLvl", "numPr/numId", "numPr/ilvl"))
    level = None if outline is None else number_in(outline.get("val"), _BODY_LEVEL) + 1
    return Looks(
        level if level is None or 0 < level <= _BODY_LEVEL else 0,
        None
        if listed is None
        else listed.get("val", "0").replace("0", "", 1)
        if listed.get("val") == "0"
        else listed.get("val", ""),
        None if depth is None else number_in(depth.get("val")),
    )


def _over(upper: Looks, lower: Looks) -> Looks:
    return Looks(
        lower.level if upper.level is None else upper.level,
        lower.list_id if upper.list_id is None else upper.list_id,
        lower.list_level if upper.list_level is None else upper.list_level,
        hidden=lower.hidden if upper.hidden is None else upper.hidden,
        is_title=upper.is_title or lower.is_title,
    )


@dataclass(slots=True)
class _Level:
    kind: str = "decimal"
    text: str = ""
    first: int = 1
    style: str = ""


@dataclass(slots=True)
class _List:
    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts the lists of a document while its paragraphs go by."""

    def __init__(self, root: Element) -> None:
        shapes = {each.get("abstractNumId", ""): _List(_levels(each)) for each in root.findall("abstractNum")}
        self._lists: dict[str, _List] = {}
        for each in root.findall("num"):
            named = each.find("abstractNumId")
            shape = shapes.get(named.get("val", "") if named is not None else "")
            if shape is not None:
                self._lists[each.get("numId", "")] = _overridden(shape, each)

    def label(self, looks: Looks, style: str) -> str:
        """What stands before the next paragraph of a list: its number, `-` for a bullet; empty for no list."""
        listed = self._lists.get(looks.list_id or "")
        if listed is None:
            return ""
        depth = min(max(self.depth(looks, style), 0), _LEVELS - 1)
        level = listed.levels.get(depth, _Level())
        listed.counts[depth] = listed.counts.get(depth, level.first - 1) + 1
        for deeper in [each for each in listed.counts if each > depth]:
            del listed.counts[deeper]
        if level.kind == "bullet":
            return BULLET
        return "" if level.kind == "none" else _PLACE.sub(lambda at: _shown(listed, int(at[1]) - 1), level.text)

    def depth(self, looks: Looks, style: str) -> int:
        """How deep a paragraph stands in its list, from 0."""
        if looks.list_level is not None:
            return looks.list_level
        listed = self._lists.get(looks.list_id or "")
        levels = listed.levels if listed is not None else {}
        return next((depth for depth, level in levels.items() if level.style and level.style == style), 0)


def _levels(shape: Element) -> dict[int, _Level]:
    found: dict[int, _Level] = defaultdict(_Level)
    for each in shape.findall("lvl"):
        values = {one.tag: one.get("val", "") for one in each}
        found[number_in(each.get("ilvl"))] = _Level(
            values.get("numFmt", "decimal"),
            values.get("lvlText", ""),
            number_in(values.get("start"), 1),
            values.get("pStyle", ""),
        )
    return dict(found)


def _overridden(shape: _List, number: Element) -> _List:
    """A list with counts of its own where it begins anew, else one that goes on counting with its shape."""
    starts = {
        number_in(each.get("ilvl")): number_in(start.get("val"), 1)
        for each in number.findall("lvlOverride")
        if (start := each.find("startOverride")) is not None
    }
    if not starts:
        return shape
    return _List(
        {
            depth: _Level(level.kind, level.text, starts.get(depth, level.first), level.style)
            for depth, level in shape.levels.items()
        }
    )


def _shown(listed: _List, depth: int) -> str:
    level = listed.levels.get(depth, _Level())
    return in_letters(listed.counts.get(depth, level.first), level.kind)


def in_letters(number: int, kind: str) -> str:
    """A number as lists show it: `kind` is Word's word, e.g. `lowerLetter`, `upperRoman`; else in digits."""
    if not 0 < number <= _HIGHEST:
        return str(number)
    if kind.endswith("Letter"):
        text = chr(ord("a") + (number - 1) % _LETTERS) * ((number - 1) // _LETTERS + 1)
    elif kind.endswith("Roman"):
        text = _roman(number)
    else:
        return f"{number:02}" if kind == "decimalZero" else str(number)
    return text.upper() if kind.startswith("upper") else text


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text
