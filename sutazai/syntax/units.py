"""Cuts a file into what is reviewed in one go: functions, methods, and what the module does outside of them.

Owns where a unit begins and ends: whole lines, each line in one unit at most. Broken syntax gives units too.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from sutazai.errors.syntax import SourceUnparsable, SyntaxUnavailable
from sutazai.sdk.source import Segment, SourceFile, Unit
from sutazai.syntax.context import Surroundings
from sutazai.syntax.outline import Definition, Outline, definitions_near, outline
from sutazai.syntax.parse import Tree, parse
from sutazai.syntax.positions import Positions


@dataclass(frozen=True, slots=True)
class _Span:
    """The whole lines of one or more functions: code-point offsets, the end excluded."""

    start: int
    end: int
    definition: Definition


def units(source: SourceFile) -> list[Unit]:
    """The units of a file in the order of its text; none for a language without a grammar.

    Raises:
        SourceUnparsable: the text is too long or too tangled for the parser.
    """
    try:
        tree = parse(source.text, source.language)
    except SyntaxUnavailable:
        return []
    return list(_Cutter(source, tree).units())


def enclosing_symbol(text: str, language: str) -> Callable[[int], str]:
    """A function from a 1-based line to the dotted name of the innermost function or class around it, or "".

    Of many lines, `enclosing_symbols` tells in one go.
    """
    try:
        tree = parse(text, language)
    except (SyntaxUnavailable, SourceUnparsable):
        return lambda _line: ""
    return lambda line: _symbols(tree, (line,)).get(line, "")


def enclosing_symbols(text: str, language: str, lines: Collection[int]) -> dict[int, str]:
    """The dotted name of the innermost function or class around each of these 1-based lines; none without one.

    Costs little more than parsing: only what lies around the lines is visited.
    """
    try:
        return _symbols(parse(text, language), lines)
    except (SyntaxUnavailable, SourceUnparsable):
        return {}


def _symbols(tree: Tree, lines: Collection[int]) -> dict[int, str]:
    wanted, names = sorted(lines), dict[int, str]()
    for each in definitions_near(tree, wanted):
        first, last = _lines(tree.positions, each)
        inside = wanted[bisect_left(wanted, first) : bisect_right(wanted, last)]
        names.update(dict.fromkeys(inside, each.symbol))
    return names


def _lines(positions: Positions, definition: Definition) -> tuple[int, int]:
    first, _ = positions.line_column(positions.from_byte(definition.start))
    last, column = positions.line_column(positions.from_byte(definition.end))
    return first, max(first, last - (column == 1))


class _Cutter:
    def __init__(self, source: SourceFile, tree: Tree) -> None:
        self._source, self._tree, self._positions = source, tree, tree.positions
        self._outline: Outline = outline(tree)
        self._surroundings = Surroundings(tree, self._outline)
        self._branches = [self._positions.from_byte(each) for each in self._outline.branches]
        self._statements = [self._positions.from_byte(each) for each in self._outline.statements]

    def units(self) -> Iterator[Unit]:
        spans = self._spans()
        rest = self._rest(spans)
        if self._has_code(rest):
            unit = self._unit("module", "", rest)
            yield replace(unit, context=self._surroundings.of(unit.text, None))
        for span in spans:
            definition = span.definition
            kind = "method" if definition.kind == "method" else "function"
            unit = self._unit(kind, definition.symbol, [(span.start, span.end)])
            yield replace(unit, context=self._surroundings.of(unit.text, definition))

    def _spans(self) -> list[_Span]:
        """The lines of the outermost functions; functions that share a line share a span."""
        spans: list[_Span] = []
        outermost = (each for each in self._outline.definitions if each.outermost)
        for each in sorted(outermost, key=lambda definition: definition.start):
            first, last = _lines(self._positions, each)
            start, end = self._positions.line_start(first), self._positions.line_start(last + 1)
            if spans and start < spans[-1].end:
                spans[-1] = replace(spans[-1], end=max(end, spans[-1].end))
            else:
                spans.append(_Span(start, end, each))
        return spans

    def _rest(self, spans: list[_Span]) -> list[tuple[int, int]]:
        borders = [0, *(border for each in spans for border in (each.start, each.end)), len(self._source.text)]
        pairs = zip(borders[::2], borders[1::2], strict=True)
        return [(start, end) for start, end in pairs if self._source.text[start:end].strip()]

    def _has_code(self, parts: list[tuple[int, int]]) -> bool:
        return any(_within(self._statements, start, end) for start, end in parts)

    def _unit(self, kind: str, symbol: str, parts: list[tuple[int, int]]) -> Unit:
        segments = tuple(Segment(start, end, self._positions.line_column(start)[0]) for start, end in parts)
        last = parts[-1][1]
        return Unit(
            path=self._source.path,
            language=self._source.language,
            kind=kind,  # type: ignore[arg-type]
            symbol=symbol,
            start_line=segments[0].start_line,
            end_line=self._positions.line_column(max(last - 1, 0))[0],
            text="".join(self._source.text[start:end] for start, end in parts),
            segments=segments,
            complexity=1 + sum(_within(self._branches, start, end) for start, end in parts),
        )


def _within(offsets: list[int], start: int, end: int) -> int:
    return bisect_left(offsets, end) - bisect_left(offsets, start)
