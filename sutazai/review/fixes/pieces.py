"""Text that an expression builds: f-strings, `%`, `.format` and `+` as one row of literal characters and holes.

Owns the reading of such expressions in Python. What it cannot read for sure, it does not read at all.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from sutazai.review.fixes.site import Site, arguments, binds
from sutazai.syntax.parse import Node

_START: Final = re.compile(r"(?P<prefix>[rRuUfF]*)(?P<quote>'''|\"\"\"|'|\")")
_PERCENT: Final = re.compile(r"%(?P<kind>.?)", re.DOTALL)
_BRACES: Final = re.compile(r"\{(?P<name>\w*)\}|(?P<odd>[{}])")
_SIMPLE: Final = frozenset({"identifier", "attribute", "subscript", "call", "integer"})
_TEXT_METHODS: Final = re.compile(r"\.(?:join|strip|lstrip|rstrip|lower|upper|replace|format|decode|title)\(")


@dataclass(frozen=True, slots=True)
class Literal:
    """Characters as they stand in the source, from the byte `start` on."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Hole:
    """A value that is put into the text. `is_text`: it is surely a `str`. The bytes are those that stand for it."""

    code: str
    node: Node
    is_text: bool
    start: int
    end: int


Piece = Literal | Hole


@dataclass(slots=True)
class Built:
    """A text-building expression.

    Attributes:
        pieces: in order.
        drop: byte spans that go when the holes become placeholders: prefixes of f-strings, tails of `%` and `.format`.
        close: what must end the text where a hole of `+` stands last.
    """

    pieces: list[Piece] = field(default_factory=list)
    drop: list[tuple[int, int]] = field(default_factory=list)
    close: str = ""

    @property
    def holes(self) -> list[Hole]:
        """The values."""
        return [each for each in self.pieces if isinstance(each, Hole)]


def as_format(parts: Sequence[str | Hole]) -> str | None:
    """An f-string of characters and values, None where its quotes would clash with what stands in it."""
    text = "".join(re.sub(r"([{}])", r"\1\1", e) if isinstance(e, str) else f"{{{e.code}}}" for e in parts)
    return None if re.search(r"[\"\\\r\n]", text) else f'f"{text}"'


class _Unsure(Exception):
    """The expression cannot be read for sure."""


def built(site: Site, node: Node) -> Built | None:
    """The pieces of an expression, None where it cannot be read for sure."""
    try:
        return _Reader(site).read(_bare(node))
    except _Unsure:
        return None


def as_text(site: Site, hole: Hole) -> str:
    """Code that gives the value as text."""
    return hole.code if hole.is_text or _is_text(site, hole.node) else f"str({hole.code})"


def _is_text(site: Site, node: Node) -> bool:
    if node.type == "call":
        code = site.text(node)
        return (code.startswith("str(") and "str" not in site.bindings) or bool(_TEXT_METHODS.search(code))
    return node.type == "identifier" and _annotated_as_text(site, node)


def _annotated_as_text(site: Site, node: Node) -> bool:
    """Whether it is a parameter `name: str` that is never bound to anything else."""
    function = site.scope(node)
    parameters = function.child_by_field_name("parameters")
    name = site.text(node)
    for each in parameters.named_children if parameters else ():
        kind = each.child_by_field_name("type")
        if kind is not None and site.text(each.children[0]) == name:
            return site.text(kind) == "str" and not _rebound(site, name, function)
    return False


def _rebound(site: Site, name: str, function: Node) -> bool:
    body = function.child_by_field_name("body")
    return any(binds(each) for each in (site.uses(name, body) if body else ()))


def _bare(node: Node) -> Node:
    while node.type == "parenthesized_expression" and node.named_child_count == 1 and node.named_child(0):
        node = node.named_child(0)
    return node


def _is_sum(node: Node) -> bool:
    operator = node.child_by_field_name("operator")
    return node.type == "binary_operator" and operator is not None and operator.type == "+"


class _Reader:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._found = Built()
        self._quote = ""

    def read(self, node: Node) -> Built:
        operator = node.child_by_field_name("operator")
        if node.type in {"string", "concatenated_string"}:
            self._strings(node, formatted=True)
        elif node.type == "binary_operator" and operator is not None and operator.type == "+":
            self._sum(node)
        elif node.type == "binary_operator" and operator is not None and operator.type == "%":
            self._percent(node)
        elif node.type == "call":
            self._format(node)
        else:
            raise _Unsure
        return self._found

    def _strings(self, node: Node, *, formatted: bool) -> None:
        for each in [node] if node.type == "string" else node.named_children:
            if each.type != "comment":
                self._string(each, formatted=formatted)

    def _string(self, node: Node, *, formatted: bool) -> None:
        opening = node.children[0]
        start = _START.fullmatch(self._site.text(opening))
        if node.type != "string" or start is None or start["quote"] != (self._quote or start["quote"]):
            raise _Unsure
        self._quote = start["quote"]
        prefix = start["prefix"].lower()
        if "f" in prefix:
            if not formatted:
                raise _Unsure
            at = opening.start_byte + prefix.index("f")
            self._found.drop.append((at, at + 1))
        for child in node.children[1:-1]:
            self._content(child)

    def _content(self, node: Node) -> None:
        if node.type == "interpolation":
            inner = node.named_children
            if len(inner) != 1 or self._site.text(node)[1:-1].strip() != self._site.text(inner[0]):
                raise _Unsure
            self._hole(inner[0], node.start_byte, node.end_byte)
        elif node.type == "string_content" and not node.named_children and "\\" not in self._site.text(node):
            self._found.pieces.append(Literal(self._site.text(node), node.start_byte))
        else:
            raise _Unsure

    def _hole(self, node: Node, start: int, end: int, *, is_text: bool = False) -> None:
        code = self._site.text(node)
        if node.type not in _SIMPLE or "\n" in code:
            raise _Unsure
        self._found.pieces.append(Hole(code, node, is_text, start, end))

    def _sum(self, node: Node) -> None:
        """A row of `+`: a hole reaches from the end of the text before it to the beginning of the text after it."""
        terms = [_bare(each) for each in self._terms(node)]
        for number, term in enumerate(terms):
            if term.type in {"string", "concatenated_string"}:
                self._strings(term, formatted=True)
                continue
            before = terms[number - 1] if number else None
            after = terms[number + 1] if number + 1 < len(terms) else None
            texts = {"string", "concatenated_string"}
            if before is None or before.type not in texts or (after is not None and after.type not in texts):
                raise _Unsure
            start = before.end_byte - _quote_length(self._site, before)
            end = _content_start(after) if after is not None else term.end_byte
            self._found.close = (
                "" if after is not None else self._site.text(before)[-_quote_length(self._site, before) :]
            )
            self._hole(term, start, end, is_text=True)

    def _terms(self, node: Node) -> list[Node]:
        """The terms of a row of `+`, without recursion: how many there are is the author's to choose."""
        terms: list[Node] = []
        while _is_sum(node):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is None or right is None:
                raise _Unsure
            terms.append(right)
            node = left
        return [node, *reversed(terms)]

    def _percent(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            raise _Unsure
        values = right.named_children if right.type == "tuple" else [right]
        self._strings(_bare(left), formatted=False)
        self._found.drop.append((left.end_byte, node.end_byte))
        queue = list(values)
        self._found.pieces = list(self._filled(_PERCENT, lambda match: _by_percent(match, queue)))
        if queue:
            raise _Unsure

    def _format(self, node: Node) -> None:
        function, found = node.child_by_field_name("function"), arguments(node)
        receiver = function.child_by_field_name("object") if function and function.type == "attribute" else None
        name = function.child_by_field_name("attribute") if function else None
        if receiver is None or name is None or found is None or self._site.text(name) != "format":
            raise _Unsure
        self._strings(_bare(receiver), formatted=False)
        self._found.drop.append((receiver.end_byte, node.end_byte))
        positional, keywords = found
        named = {key: value for key, each in keywords.items() if (value := each.child_by_field_name("value"))}
        count = iter(range(len(positional)))
        self._found.pieces = list(self._filled(_BRACES, lambda match: _by_name(match, positional, named, count)))
        if len(self._found.holes) != len(positional) + len(named):
            raise _Unsure

    def _filled(self, pattern: re.Pattern[str], value: Callable[[re.Match[str]], Node]) -> Iterator[Piece]:
        for piece in self._found.pieces:
            if not isinstance(piece, Literal):
                raise _Unsure
            data, last = piece.text, 0
            for match in pattern.finditer(data):
                yield _part(piece, last, match.start())
                start, end = _part(piece, match.start(), 0).start, _part(piece, match.end(), 0).start
                yield self._checked(value(match), start, end)
                last = match.end()
            yield _part(piece, last, len(data))

    def _checked(self, node: Node, start: int, end: int) -> Hole:
        code = self._site.text(node)
        if node.type not in _SIMPLE or "\n" in code:
            raise _Unsure
        return Hole(code, node, is_text=False, start=start, end=end)


def _part(piece: Literal, start: int, end: int) -> Literal:
    return Literal(piece.text[start:end], piece.start + len(piece.text[:start].encode()))


def _by_percent(match: re.Match[str], queue: list[Node]) -> Node:
    if match["kind"] not in {"s", "d"} or not queue:
        raise _Unsure
    return queue.pop(0)


def _by_name(match: re.Match[str], positional: Sequence[Node], named: dict[str, Node], count: Iterator[int]) -> Node:
    name = match["name"]
    if match["odd"]:
        raise _Unsure
    number = next(count, None) if name == "" else int(name) if name.isdecimal() else None
    found = named.get(name) if number is None else positional[number] if number < len(positional) else None
    if found is None:
        raise _Unsure
    return found


def _quote_length(site: Site, node: Node) -> int:
    last = node if node.type == "string" else node.named_children[-1]
    return len(site.text(last.children[-1]))


def _content_start(node: Node) -> int:
    first = node if node.type == "string" else node.named_children[0]
    return first.children[0].end_byte
