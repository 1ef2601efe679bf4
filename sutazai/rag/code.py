"""Source code in sections: one for each function, one for each stretch between them. Only here does rag see syntax."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from sutazai.errors.syntax import SourceUnparsable, SyntaxUnavailable
from sutazai.rag.sections import Section
from sutazai.sdk.source import SourceFile
from sutazai.syntax.parse import Node, parse, trails
from sutazai.syntax.shapes import BODIES
from sutazai.syntax.units import units

_LEAD_CHARS: Final = 200
_BODIES_OF_FUNCTIONS: Final = frozenset({"compound_statement", "body", "do_group", "switch_body", "then"})


def functions(text: str, language: str, name: str) -> list[Section]:
    """The sections of a program in the order of its text; none for a language without a grammar."""
    try:
        found = units(SourceFile(path=name, text=text, language=language))
        cuts = _statements(text, language) if found else []
    except (SyntaxUnavailable, SourceUnparsable):
        return []
    parts = sorted((segment.start, segment.end, unit.symbol) for unit in found for segment in unit.segments)
    return [_section(text, start, end, symbol, cuts) for start, end, symbol in _complete(text, parts)]


def _complete(text: str, parts: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The parts, and what lies between them and is not blank: comments of a file that has no other module code."""
    whole, at = list[tuple[int, int, str]](), 0
    for start, end, symbol in [*parts, (len(text), len(text), "")]:
        if text[at:start].strip():
            whole.append((at, start, ""))
        if text[start:end].strip():
            whole.append((start, end, symbol))
        at = end
    return whole


def _statements(text: str, language: str) -> list[int]:
    """Where lines begin whose first word begins a statement or a member, rising."""
    tree = parse(text, language)
    begun = {here.start_byte for here, trail in trails(tree.root) if trail and _holds_statements(trail[-1])}
    offsets = sorted(map(tree.positions.from_byte, begun))
    starts = ((text.rfind("\n", 0, offset) + 1, offset) for offset in offsets)
    return [start for start, offset in starts if not text[start:offset].strip()]


def _holds_statements(node: Node) -> bool:
    return node.type in BODIES or node.type in _BODIES_OF_FUNCTIONS


def _section(text: str, start: int, end: int, symbol: str, cuts: Sequence[int]) -> Section:
    inside = tuple(cuts[bisect_left(cuts, start + 1) : bisect_left(cuts, end)])
    lead = _signature(text[start:end]) if symbol else ""
    return Section(start, end, symbol=symbol, cuts=inside or (end,), lead=lead)


def _signature(text: str) -> str:
    """The first line of a function that is neither blank, nor a comment, nor a decoration."""
    lines = (line.strip() for line in text.splitlines())
    return next((line[:_LEAD_CHARS] for line in lines if line and line[0] not in "#@/*"), "")
