"""Expressions of the syntax tree in the engine's own form. Deeper nesting than people write is refused."""

from collections.abc import Callable
from typing import Final, Literal, cast

from sutazai.analysis.taint.code import (
    Arg,
    Attr,
    Call,
    Chain,
    Choice,
    Clause,
    Compare,
    Comprehension,
    Const,
    Display,
    Expr,
    Index,
    Joined,
    Lambda,
    Logic,
    Name,
    Not,
    Other,
    Param,
    Slice,
    Star,
    Table,
    Unary,
    Walrus,
    Yield,
)
from sutazai.analysis.taint.literals import number, unescaped
from sutazai.syntax.parse import Node

DEEPEST: Final = 100
_LONGEST_OPERATOR: Final = 2000


class TooDeep(Exception):
    """Nesting that no person writes."""


class Expressions:
    """Lowers the expressions of one text."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self._depth = 0

    def text(self, node: Node) -> str:
        """The source of a node."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def lower(self, node: Node) -> Expr:
        """The expression of a node.

        Raises:
            TooDeep: it nests deeper than `DEEPEST`.
        """
        make = _MAKERS.get(node.type)
        if self._depth > DEEPEST:
            raise TooDeep
        self._depth += 1
        try:
            if make is None:
                return Other(node.start_byte, node.end_byte, self._all(node))
            return make(self, node)
        finally:
            self._depth -= 1

    def optional(self, node: Node | None) -> Expr | None:
        """The expression of a node that may be missing."""
        return None if node is None else self.lower(node)

    def field(self, node: Node, name: str) -> Expr:
        """The expression of a field; broken code may lack it."""
        child = node.child_by_field_name(name)
        return Other(node.start_byte, node.end_byte, []) if child is None else self.lower(child)

    def _all(self, node: Node) -> list[Expr]:
        return [self.lower(child) for child in node.named_children if child.type != "comment"]

    def params(self, node: Node | None) -> list[Param]:
        """The parameters of a function or lambda."""
        found = [self._param(child) for child in node.named_children] if node is not None else []
        return [param for param in found if param.name]

    def _param(self, node: Node) -> Param:
        annotation, default = node.child_by_field_name("type"), node.child_by_field_name("value")
        inner = node
        if node.type in ("typed_parameter", "default_parameter", "typed_default_parameter"):
            inner = node.child_by_field_name("name") or (node.named_children or [node])[0]
        kind = {"list_splat_pattern": "*", "dictionary_splat_pattern": "**"}.get(inner.type, "")
        if kind:
            inner = (inner.named_children or [inner])[0]
        name = self.text(inner) if inner.type == "identifier" else ""
        return Param(name, kind, self.optional(default), self.text(annotation) if annotation is not None else "")

    def name(self, node: Node) -> Expr:
        """A variable."""
        return Name(node.start_byte, node.end_byte, self.text(node))

    def inner(self, node: Node) -> Expr:
        """What parentheses or `await` hold."""
        children = [child for child in node.named_children if child.type != "comment"]
        return self.lower(children[0]) if len(children) == 1 else self.other(node)

    def other(self, node: Node) -> Expr:
        """A node whose value is made of its parts."""
        return Other(node.start_byte, node.end_byte, self._all(node))

    def opaque(self, node: Node) -> Expr:
        """A node that holds nothing of interest."""
        return Other(node.start_byte, node.end_byte, [])

    def numeral(self, node: Node) -> Expr:
        """A number."""
        value = number(self.text(node))
        return self.opaque(node) if value is None else Const(node.start_byte, node.end_byte, value)

    def singleton(self, node: Node) -> Expr:
        """`True`, `False` and `None`."""
        return Const(node.start_byte, node.end_byte, {"true": True, "false": False}.get(node.type))

    def string(self, node: Node) -> Expr:
        """A string of any kind."""
        parts = self._string_parts(node)
        if all(isinstance(part, Const) for part in parts):
            value = "".join(str(cast("Const", part).value) for part in parts)
            return Const(node.start_byte, node.end_byte, value)
        return Joined(node.start_byte, node.end_byte, parts)

    def _string_parts(self, node: Node) -> list[Expr]:
        if node.type == "concatenated_string":
            return [
                part for child in node.named_children if child.type == "string" for part in self._string_parts(child)
            ]
        raw = False
        parts: list[Expr] = []
        for child in node.children:
            if child.type == "string_start":
                raw = "r" in self.text(child).lower()
            elif child.type == "interpolation":
                parts.append(self.field(child, "expression"))
            elif child.type == "string_content":
                text = self.text(child)
                parts.append(Const(child.start_byte, child.end_byte, text if raw else unescaped(text)))
        return parts

    def attribute(self, node: Node) -> Expr:
        """`obj.name`."""
        name = node.child_by_field_name("attribute")
        return Attr(node.start_byte, node.end_byte, self.field(node, "object"), self.text(name) if name else "")

    def subscript(self, node: Node) -> Expr:
        """`obj[key]`."""
        keys = [self.lower(child) for child in node.children_by_field_name("subscript")]
        key = keys[0] if len(keys) == 1 else Display(node.start_byte, node.end_byte, "tuple", keys)
        return Index(node.start_byte, node.end_byte, self.field(node, "value"), key)

    def slice(self, node: Node) -> Expr:
        """`low:high:step`."""
        parts: list[Expr | None] = [None, None, None]
        at = 0
        for child in node.children:
            if child.type == ":":
                at = min(at + 1, 2)
            elif child.is_named:
                parts[at] = self.lower(child)
        return Slice(node.start_byte, node.end_byte, tuple(parts))

    def call(self, node: Node) -> Expr:
        """A call."""
        arguments = node.child_by_field_name("arguments")
        args: list[Arg] = []
        if arguments is not None and arguments.type == "argument_list":
            args = [self._argument(child) for child in arguments.named_children if child.type != "comment"]
        elif arguments is not None:
            args = [Arg("", self.lower(arguments))]
        return Call(node.start_byte, node.end_byte, self.field(node, "function"), args)

    def _argument(self, node: Node) -> Arg:
        if node.type == "keyword_argument":
            name = node.child_by_field_name("name")
            return Arg(self.text(name) if name else "", self.field(node, "value"))
        stars = {"list_splat": "*", "dictionary_splat": "**"}.get(node.type, "")
        return Arg(stars, self.inner(node) if stars else self.lower(node))

    def binary(self, node: Node) -> Expr:
        """`a op b`; a long chain is one node, however many links it has."""
        rest: list[tuple[str, Expr]] = []
        here = node
        while here.type == "binary_operator" and len(rest) < _LONGEST_OPERATOR:
            operator, left = here.child_by_field_name("operator"), here.child_by_field_name("left")
            rest.append((operator.type if operator else "", self.field(here, "right")))
            if left is None:
                break
            here = left
        rest.reverse()
        return Chain(node.start_byte, node.end_byte, self.lower(here), rest)

    def unary(self, node: Node) -> Expr:
        """`-x`."""
        operator = node.child_by_field_name("operator")
        return Unary(node.start_byte, node.end_byte, operator.type if operator else "", self.field(node, "argument"))

    def negation(self, node: Node) -> Expr:
        """`not x`."""
        return Not(node.start_byte, node.end_byte, self.field(node, "argument"))

    def logic(self, node: Node) -> Expr:
        """`a and b`."""
        operator = node.child_by_field_name("operator")
        op: Literal["and", "or"] = "or" if operator is not None and operator.type == "or" else "and"
        parts: list[Expr] = []
        here: Node | None = node
        while here is not None and here.type == "boolean_operator" and self._operator(here) == op:
            parts.append(self.field(here, "right"))
            here = here.child_by_field_name("left")
        if here is not None:
            parts.append(self.lower(here))
        return Logic(node.start_byte, node.end_byte, op, parts[::-1])

    def _operator(self, node: Node) -> str:
        operator = node.child_by_field_name("operator")
        return operator.type if operator is not None else ""

    def comparison(self, node: Node) -> Expr:
        """`a < b`."""
        operands = [self.lower(child) for child in node.named_children if child.type != "comment"]
        operators = [self.text(child) for child in node.children_by_field_name("operators")]
        operators = [" ".join(each.split()) for each in operators]
        rest = list(zip(operators, operands[1:], strict=False))
        return Compare(node.start_byte, node.end_byte, operands[0], rest) if operands else self.opaque(node)

    def conditional(self, node: Node) -> Expr:
        """`a if test else b`."""
        parts = self._all(node)
        if len(parts) != 3:  # noqa: PLR2004 (value, test, other value)
            return Other(node.start_byte, node.end_byte, parts)
        return Choice(node.start_byte, node.end_byte, parts[1], parts[0], parts[2])

    def display(self, node: Node) -> Expr:
        """A list, tuple or set, or targets."""
        kind: Literal["list", "tuple", "set"] = "tuple"
        if node.type in ("list", "set"):
            kind = cast("Literal['list', 'set']", node.type)
        return Display(node.start_byte, node.end_byte, kind, self._all(node))

    def star(self, node: Node) -> Expr:
        """`*x`."""
        return Star(node.start_byte, node.end_byte, self.inner(node))

    def table(self, node: Node) -> Expr:
        """A dict."""
        pairs: list[tuple[Expr | None, Expr]] = []
        for child in node.named_children:
            if child.type == "pair":
                pairs.append((self.field(child, "key"), self.field(child, "value")))
            elif child.type == "dictionary_splat":
                pairs.append((None, self.inner(child)))
        return Table(node.start_byte, node.end_byte, pairs)

    def comprehension(self, node: Node) -> Expr:
        """A comprehension."""
        clauses: list[Clause] = []
        for child in node.named_children:
            if child.type == "for_in_clause":
                clauses.append(Clause(self.field(child, "left"), self.field(child, "right"), []))
            elif child.type == "if_clause" and clauses:
                clauses[-1].tests.append(self.inner(child))
        body = node.child_by_field_name("body")
        kind = cast("Literal['list', 'set', 'dict', 'generator']", _KINDS[node.type])
        if body is not None and body.type == "pair":
            key, value = self.field(body, "key"), self.field(body, "value")
            return Comprehension(node.start_byte, node.end_byte, kind, key, value, clauses)
        return Comprehension(node.start_byte, node.end_byte, kind, None, self.field(node, "body"), clauses)

    def function(self, node: Node) -> Expr:
        """`lambda`."""
        params = self.params(node.child_by_field_name("parameters"))
        return Lambda(node.start_byte, node.end_byte, params, self.field(node, "body"))

    def walrus(self, node: Node) -> Expr:
        """`name := value`."""
        return Walrus(node.start_byte, node.end_byte, self.field(node, "name"), self.field(node, "value"))

    def yielded(self, node: Node) -> Expr:
        """`yield x`."""
        whole = any(child.type == "from" for child in node.children)
        return Yield(node.start_byte, node.end_byte, self.inner(node), whole)


_KINDS: Final = {
    "list_comprehension": "list",
    "set_comprehension": "set",
    "dictionary_comprehension": "dict",
    "generator_expression": "generator",
}
_MAKERS: Final[dict[str, Callable[[Expressions, Node], Expr]]] = {
    "identifier": Expressions.name,
    "integer": Expressions.numeral,
    "float": Expressions.numeral,
    "string": Expressions.string,
    "concatenated_string": Expressions.string,
    "true": Expressions.singleton,
    "false": Expressions.singleton,
    "none": Expressions.singleton,
    "attribute": Expressions.attribute,
    "subscript": Expressions.subscript,
    "slice": Expressions.slice,
    "call": Expressions.call,
    "binary_operator": Expressions.binary,
    "unary_operator": Expressions.unary,
    "not_operator": Expressions.negation,
    "boolean_operator": Expressions.logic,
    "comparison_operator": Expressions.comparison,
    "conditional_expression": Expressions.conditional,
    "list": Expressions.display,
    "set": Expressions.display,
    "tuple": Expressions.display,
    "expression_list": Expressions.display,
    "pattern_list": Expressions.display,
    "tuple_pattern": Expressions.display,
    "list_pattern": Expressions.display,
    "list_splat": Expressions.star,
    "list_splat_pattern": Expressions.star,
    "dictionary": Expressions.table,
    "list_comprehension": Expressions.comprehension,
    "set_comprehension": Expressions.comprehension,
    "dictionary_comprehension": Expressions.comprehension,
    "generator_expression": Expressions.comprehension,
    "lambda": Expressions.function,
    "parenthesized_expression": Expressions.inner,
    "await": Expressions.inner,
    "named_expression": Expressions.walrus,
    "yield": Expressions.yielded,
    "type": Expressions.opaque,
    "comment": Expressions.opaque,
}
