"""The definitions of a text: which functions and classes stand where, under which dotted name.

One walk over the tree gathers all that units, their context and fingerprints need. Must never recurse over the tree.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from sutazai.syntax.parse import Node, Tree, trails
from sutazai.syntax.shapes import BODIES, SHAPES, Shape

_MAX_DEPTH: Final = 40
_TRANSPARENT_LINES: Final = 80
_SHORT_LINES: Final = 3
_BOUND_FIELDS: Final = ("name", "key", "left", "property")
_CALLEE_FIELDS: Final = ("function", "method", "name")
_SHORT_CIRCUITS: Final = frozenset({"&&", "||", "and", "or", "??"})
_NAME: Final = re.compile(r"[\w.$#~?!=<>+*/%^&|\[\]-]{1,80}")
_LAST_NAME: Final = re.compile(r"[\w$]+(?:\.[\w$]+)?(?=\W*$)")
_RECEIVER: Final = re.compile(r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*\)\s*$")


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, method, class or namespace. Offsets are bytes and take in decorations and the comment above.

    Attributes:
        symbol: dotted name.
        node: the definition itself, without decorations.
        owner: the class a method belongs to.
        outermost: a function that lies in no other function.
    """

    symbol: str
    kind: Literal["function", "method", "class", "namespace"]
    node: Node
    start: int
    end: int
    owner: "Definition | None" = None
    outermost: bool = False


@dataclass(slots=True)
class Outline:
    """What one walk found. `branches` and `statements` are byte offsets, rising."""

    definitions: list[Definition] = field(default_factory=list)
    imports: list[Node] = field(default_factory=list)
    branches: list[int] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Scope:
    level: int
    definition: Definition


def outline(tree: Tree) -> Outline:
    """The outline of a parsed text."""
    return _Outliner(tree, SHAPES[tree.language]).run()


def definitions_near(tree: Tree, lines: Iterable[int]) -> list[Definition]:
    """The definitions around these 1-based lines, outer ones first, and some beside them: the rest is not visited."""
    positions = tree.positions
    wanted = sorted(lines)
    starts = [positions.to_byte(positions.line_start(each)) for each in wanted]
    ends = [positions.to_byte(positions.line_start(each + 1)) for each in wanted]
    return _Outliner(tree, SHAPES[tree.language], (starts, ends)).run().definitions


class _Outliner:
    def __init__(self, tree: Tree, shape: Shape, within: tuple[list[int], list[int]] | None = None) -> None:
        self._tree, self._shape, self._within = tree, shape, within
        self._found = Outline()
        self._scopes: list[_Scope] = []
        self._functions = 0
        self._trail: list[Node] = []
        self._starts: list[int] = []
        self._runs: list[tuple[int, int] | None] = []

    def run(self) -> Outline:
        for node, trail in trails(self._tree.root, self._matters):
            self._trail = trail
            if node.is_named:
                self._leave(len(trail))
                self._note_start(node, len(trail))
                self._visit(node, trail)
        return self._found

    def _matters(self, node: Node) -> bool:
        """Whether a definition inside of a node just visited can reach the bytes that are asked about."""
        if self._within is None or not node.is_named:
            return True
        starts, ends = self._within
        level, end = self._span(node, self._trail)
        return bisect_left(ends, self._starts[level]) < bisect_right(starts, end)

    def _leave(self, level: int) -> None:
        while self._scopes and self._scopes[-1].level >= level:
            left = self._scopes.pop().definition
            self._functions -= left.kind in {"function", "method"}

    def _note_start(self, node: Node, level: int) -> None:
        """Keeps where the node of each level begins, with the decorations and comments right above it."""
        del self._starts[level:], self._runs[level + 1 :]
        self._runs += [None] * (level + 1 - len(self._runs))
        run, start = self._runs[level], node.start_byte
        if run is not None and self._adjacent(run[1], start):
            start = run[0]
        self._starts += [start] * (level + 1 - len(self._starts))
        leads = node.type in self._shape.leading or (node.type in self._shape.comments and self._first_on_line(node))
        self._runs[level] = (start, node.end_byte) if leads else None

    def _adjacent(self, end: int, start: int) -> bool:
        gap = self._tree.source[end:start]
        return not gap.strip() and gap.count(b"\n") <= 1

    def _first_on_line(self, node: Node) -> bool:
        source, at = self._tree.source, node.start_byte
        line_start = max(source.rfind(b"\n", 0, at), source.rfind(b"\r", 0, at)) + 1
        return not source[line_start:at].strip()

    def _visit(self, node: Node, trail: list[Node]) -> None:
        shape, kind = self._shape, node.type
        if kind in shape.branches or (kind in shape.operators and self._short_circuits(node)):
            self._found.branches.append(node.start_byte)
        if self._functions == 0:
            self._visit_outside(node, trail)
        if kind in shape.functions or kind in shape.anonymous:
            self._visit_function(node, trail)
        elif kind in shape.classes or kind in shape.namespaces:
            self._enter(node, trail, "class" if kind in shape.classes else "namespace", self._name(node))

    def _short_circuits(self, node: Node) -> bool:
        operator = node.child_by_field_name("operator")
        return operator is not None and operator.type in _SHORT_CIRCUITS

    def _visit_outside(self, node: Node, trail: list[Node]) -> None:
        shape, kind = self._shape, node.type
        if kind in shape.imports:
            self._found.imports.append(node)
        elif trail and trail[-1].type in BODIES and self._is_statement(node):
            self._found.statements.append(node.start_byte)

    def _is_statement(self, node: Node) -> bool:
        shape = self._shape
        passive = shape.comments | shape.leading | shape.inert | shape.classes | shape.namespaces | BODIES
        if node.type in passive:
            return False
        lone = node.named_child(0) if node.type == "expression_statement" and node.named_child_count == 1 else None
        return lone is None or lone.type != "string"

    def _visit_function(self, node: Node, trail: list[Node]) -> None:
        if node.type in self._shape.functions:
            if not self._shape.needs_body or node.child_by_field_name("body") is not None:
                self._enter(node, trail, "function", self._name(node))
        elif self._functions == 0 and not self._transparent(node):
            name, bound = self._given_name(trail)
            if bound or _lines(node) >= _SHORT_LINES:
                self._enter(node, trail, "function", name)

    def _transparent(self, node: Node) -> bool:
        """Whether a function value only wraps a whole program, so that the functions inside are what counts."""
        if _lines(node) <= _TRANSPARENT_LINES or len(self._scopes) >= _MAX_DEPTH:
            return False
        functions = self._shape.functions | self._shape.anonymous
        inside = (each for each, _ in trails(node) if each != node)
        return any(each.type in functions and _lines(each) >= _SHORT_LINES for each in inside)

    def _enter(self, node: Node, trail: list[Node], kind: Literal["function", "class", "namespace"], name: str) -> None:
        if len(self._scopes) >= _MAX_DEPTH:
            return
        outer = self._scopes[-1].definition if self._scopes else None
        owner = next((s.definition for s in reversed(self._scopes) if s.definition.kind == "class"), None)
        is_function = kind == "function"
        level, end = self._span(node, trail)
        definition = Definition(
            symbol=f"{outer.symbol}.{name}" if outer and outer.symbol else name,
            kind="method" if is_function and (owner or self._belongs(node, name)) else kind,
            node=node,
            start=self._starts[level],
            end=end,
            owner=owner,
            outermost=is_function and self._functions == 0,
        )
        self._found.definitions.append(definition)
        self._scopes.append(_Scope(len(trail), definition))
        self._functions += is_function

    def _belongs(self, node: Node, name: str) -> bool:
        """Whether a function names its class itself, as methods of Go and C++ do outside of it."""
        return "." in name and node.type in self._shape.functions

    def _span(self, node: Node, trail: list[Node]) -> tuple[int, int]:
        """The level of the outermost wrapper of a node, and where that wrapper ends."""
        level, end = len(trail), node.end_byte
        while level and trail[level - 1].type in self._shape.wrappers:
            level -= 1
            end = trail[level].end_byte
        return level, end

    def _name(self, node: Node) -> str:
        named = node.child_by_field_name("name") or node.child_by_field_name("type")
        if node.child_by_field_name("declarator") is not None:
            named = _declared(node)
        text = self._tree.text_of(named).partition("<")[0].strip() if named else node.type.partition("_")[0]
        if receiver := node.child_by_field_name("receiver"):
            owner = _RECEIVER.search(self._tree.text_of(receiver))
            text = f"{owner[1]}.{text}" if owner else text
        text = re.sub(r"\s+", "", text.replace("::", "."))
        return text if _NAME.fullmatch(text) else "<anonymous>"

    def _given_name(self, trail: list[Node]) -> tuple[str, bool]:
        """The name that a function value is bound to, or a telling one made from the call it is handed to."""
        for ancestor in reversed(trail):
            if ancestor.type not in self._shape.wrappers:
                break
            is_call = "call" in ancestor.type or "invocation" in ancestor.type
            labels = _CALLEE_FIELDS if is_call else _BOUND_FIELDS
            if text := next(filter(None, (self._last_name(ancestor.child_by_field_name(each)) for each in labels)), ""):
                return (f"{text}.<callback>", False) if is_call else (text, True)
        return "<anonymous>", False

    def _last_name(self, node: Node | None) -> str:
        found = _LAST_NAME.search(self._tree.text_of(node)[-200:]) if node is not None else None
        return found[0] if found else ""


def _declared(node: Node) -> Node | None:
    """The name inside a C declarator, which may be wrapped in pointers and references."""
    inner: Node | None = node
    for _ in range(_MAX_DEPTH):
        deeper = inner.child_by_field_name("declarator") if inner is not None else None
        if deeper is None and inner is not None and inner.type == "reference_declarator":
            deeper = inner.named_child(0)
        if deeper is None:
            return inner
        inner = deeper
    return None


def _lines(node: Node) -> int:
    return node.end_point[0] - node.start_point[0] + 1
