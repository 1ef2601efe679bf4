"""Statements of the syntax tree in the engine's own form. Bodies of functions are lowered only when they are run."""

from collections.abc import Callable
from typing import Final, Literal, cast

from sutazai.analysis.taint.code import (
    Assert,
    Assign,
    Case,
    Class,
    Const,
    Delete,
    Expr,
    For,
    Function,
    If,
    Import,
    Leave,
    Match,
    Name,
    Other,
    Outer,
    Return,
    Run,
    Stmt,
    Try,
    While,
    With,
)
from sutazai.analysis.taint.lower_expressions import DEEPEST, Expressions, TooDeep
from sutazai.syntax.parse import Node


class Lowering:
    """Lowers the statements of one text."""

    def __init__(self, source: bytes) -> None:
        self.expressions = Expressions(source)
        self._lower = self.expressions.lower
        self._text = self.expressions.text
        self._depth = 0

    def body(self, function: Function) -> list[Stmt]:
        """The statements of a function."""
        if function.body is None:
            function.body = self._field_block(function.node, "body")
        return function.body

    def block(self, node: Node) -> list[Stmt]:
        """The statements of a block or module.

        Raises:
            TooDeep: it nests deeper than anyone writes.
        """
        if self._depth > DEEPEST:
            raise TooDeep
        self._depth += 1
        try:
            return [stmt for child in node.named_children for stmt in self._statement(child)]
        finally:
            self._depth -= 1

    def _field_block(self, node: Node, name: str) -> list[Stmt]:
        child = node.child_by_field_name(name)
        return [] if child is None else self.block(child)

    def _statement(self, node: Node) -> list[Stmt]:
        make = _MAKERS.get(node.type)
        if make is not None:
            return [make(self, node)]
        if node.type == "expression_statement":
            return [self._expression(child) for child in node.named_children if child.type != "comment"]
        if node.type in ("ERROR", "block"):
            return self.block(node)
        if node.type in _NOTHING:
            return []
        return [Run(node.start_byte, node.end_byte, self._lower(node))]

    def _expression(self, node: Node) -> Stmt:
        if node.type == "assignment":
            return self._assignment(node)
        if node.type == "augmented_assignment":
            operator = node.child_by_field_name("operator")
            op = operator.type.rstrip("=") if operator is not None else ""
            left, right = self.expressions.field(node, "left"), self.expressions.field(node, "right")
            return Assign(node.start_byte, node.end_byte, [left], right, op)
        return Run(node.start_byte, node.end_byte, self._lower(node))

    def _assignment(self, node: Node) -> Stmt:
        targets = [self.expressions.field(node, "left")]
        right = node.child_by_field_name("right")
        while right is not None and right.type == "assignment":
            targets.append(self.expressions.field(right, "left"))
            right = right.child_by_field_name("right")
        value = Other(node.start_byte, node.end_byte, []) if right is None else self._lower(right)
        return Assign(node.start_byte, node.end_byte, targets if right is not None else [], value)

    def returned(self, node: Node) -> Stmt:
        """`return`."""
        value = next((child for child in node.named_children if child.type != "comment"), None)
        return Return(node.start_byte, node.end_byte, self.expressions.optional(value))

    def leave(self, node: Node) -> Stmt:
        """`raise`, `break`, `continue`."""
        kind = cast("Literal['raise', 'break', 'continue']", node.type.removesuffix("_statement"))
        value = self.expressions.other(node) if node.named_children else None
        return Leave(node.start_byte, node.end_byte, kind, value)

    def delete(self, node: Node) -> Stmt:
        """`del`."""
        targets: list[Expr] = []
        for child in node.named_children:
            inner = child.named_children if child.type == "expression_list" else [child]
            targets += [self._lower(each) for each in inner]
        return Delete(node.start_byte, node.end_byte, targets)

    def asserted(self, node: Node) -> Stmt:
        """`assert`."""
        tests = [child for child in node.named_children if child.type != "comment"]
        test = self._lower(tests[0]) if tests else Const(node.start_byte, node.end_byte, value=True)
        return Assert(node.start_byte, node.end_byte, test)

    def branch(self, node: Node) -> Stmt:
        """`if` with all its `elif`."""
        first = self._if(node)
        last = first
        for other in node.children_by_field_name("alternative"):
            if other.type == "elif_clause":
                following = self._if(other)
                last.no = [following]
                last = following
            else:
                last.no = self._field_block(other, "body")
        return first

    def _if(self, node: Node) -> If:
        yes = self._field_block(node, "consequence")
        return If(node.start_byte, node.end_byte, self.expressions.field(node, "condition"), yes, [])

    def _else(self, node: Node) -> list[Stmt]:
        other = node.child_by_field_name("alternative")
        return [] if other is None else self._field_block(other, "body")

    def loop(self, node: Node) -> Stmt:
        """`while`."""
        test = self.expressions.field(node, "condition")
        return While(node.start_byte, node.end_byte, test, self._field_block(node, "body"), self._else(node))

    def each(self, node: Node) -> Stmt:
        """`for`."""
        target, source = self.expressions.field(node, "left"), self.expressions.field(node, "right")
        body = self._field_block(node, "body")
        return For(node.start_byte, node.end_byte, target, source, body, self._else(node))

    def match(self, node: Node) -> Stmt:
        """`match`."""
        block = node.child_by_field_name("body")
        clauses = [child for child in block.named_children if child.type == "case_clause"] if block else []
        subject = self.expressions.field(node, "subject")
        return Match(node.start_byte, node.end_byte, subject, [self._case(clause) for clause in clauses])

    def _case(self, node: Node) -> Case:
        patterns: list[Expr] = []
        for child in node.named_children:
            if child.type == "case_pattern":
                patterns += self._patterns(child)
        guard = node.child_by_field_name("guard")
        test = self.expressions.inner(guard) if guard is not None else None
        return Case(patterns, test, self._field_block(node, "consequence"))

    def _patterns(self, node: Node) -> list[Expr]:
        """The alternatives of a pattern: constants and bare names are told, anything else may match anything."""
        child = node.named_children[0] if len(node.named_children) == 1 else None
        if child is None:
            wild = self._text(node).strip() == "_"
            return [Name(node.start_byte, node.end_byte, "_") if wild else self.expressions.opaque(node)]
        if child.type == "union_pattern":
            simple = all(each.type in _SIMPLE_PATTERNS for each in child.named_children)
            return [self._lower(each) for each in child.named_children] if simple else [self.expressions.opaque(node)]
        if child.type == "dotted_name" and child.named_child_count == 1:
            return [self.expressions.name(child)]
        return [self._lower(child) if child.type in _SIMPLE_PATTERNS else self.expressions.opaque(node)]

    def context(self, node: Node) -> Stmt:
        """`with`."""
        clause = next((child for child in node.named_children if child.type == "with_clause"), node)
        items = [self._with_item(item) for item in clause.named_children if item.type == "with_item"]
        return With(node.start_byte, node.end_byte, items, self._field_block(node, "body"))

    def _with_item(self, node: Node) -> tuple[Expr, Expr | None]:
        value = node.child_by_field_name("value")
        if value is not None and value.type == "as_pattern" and value.named_child_count > 1:
            target = value.child_by_field_name("alias")
            bound = self.expressions.inner(target) if target is not None else None
            return self._lower(value.named_children[0]), bound
        return self.expressions.field(node, "value"), None

    def attempt(self, node: Node) -> Stmt:
        """`try`."""
        handlers: list[tuple[str, list[Stmt]]] = []
        other: list[Stmt] = []
        final: list[Stmt] = []
        for child in node.named_children:
            if child.type in ("except_clause", "except_group_clause"):
                handlers.append(self._handler(child))
            elif child.type == "else_clause":
                other = self._field_block(child, "body")
            elif child.type == "finally_clause":
                final = self._last_block(child)
        return Try(node.start_byte, node.end_byte, self._field_block(node, "body"), handlers, other, final)

    def _handler(self, node: Node) -> tuple[str, list[Stmt]]:
        alias = node.child_by_field_name("alias")
        pattern = node.named_children[0] if node.named_children else None
        if alias is None and pattern is not None and pattern.type == "as_pattern":
            alias = pattern.child_by_field_name("alias")
        return (self._text(alias) if alias is not None else ""), self._last_block(node)

    def _last_block(self, node: Node) -> list[Stmt]:
        blocks = [child for child in node.named_children if child.type == "block"]
        return self.block(blocks[-1]) if blocks else []

    def imported(self, node: Node) -> Stmt:
        """`import`."""
        names: list[tuple[str, str]] = []
        for child in node.children_by_field_name("name"):
            if child.type == "aliased_import":
                names.append(self._alias(child))
            else:
                top = self._text(child).partition(".")[0]
                names.append((top, top))
        return Import(node.start_byte, node.end_byte, names)

    def _alias(self, node: Node) -> tuple[str, str]:
        name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
        return (self._text(alias) if alias else ""), (self._text(name) if name else "")

    def imported_from(self, node: Node) -> Stmt:
        """`from module import name`."""
        module = node.child_by_field_name("module_name")
        prefix = self._text(module).replace(" ", "") if module is not None else ""
        joint = "" if prefix.endswith(".") else "."
        names: list[tuple[str, str]] = []
        for child in node.children_by_field_name("name"):
            alias, name = self._alias(child) if child.type == "aliased_import" else (self._text(child),) * 2
            names.append((alias, f"{prefix}{joint}{name}"))
        if any(child.type == "wildcard_import" for child in node.named_children):
            names.append(("*", prefix))
        return Import(node.start_byte, node.end_byte, names)

    def outer(self, node: Node) -> Stmt:
        """`global`, `nonlocal`."""
        return Outer(node.start_byte, node.end_byte, [self._text(child) for child in node.named_children])

    def function(self, node: Node) -> Stmt:
        """`def`, its body left for later."""
        return self._function(node, [])

    def _function(self, node: Node, decorators: list[Expr]) -> Function:
        name = node.child_by_field_name("name")
        params = self.expressions.params(node.child_by_field_name("parameters"))
        return Function(node.start_byte, node.end_byte, self._text(name) if name else "", params, decorators, node)

    def class_(self, node: Node) -> Stmt:
        """`class`."""
        return self._class(node, [])

    def _class(self, node: Node, decorators: list[Expr]) -> Class:
        name, bases = node.child_by_field_name("name"), node.child_by_field_name("superclasses")
        lowered = [self._lower(child) for child in (bases.named_children if bases else ()) if child.type in _BASES]
        body = self._field_block(node, "body")
        own = self._text(name) if name else ""
        for stmt in body:
            if isinstance(stmt, Function):
                stmt.owner = own
        return Class(node.start_byte, node.end_byte, own, lowered, decorators, body)

    def decorated(self, node: Node) -> Stmt:
        """A function or class with its decorators."""
        decorators = [self.expressions.inner(child) for child in node.named_children if child.type == "decorator"]
        definition = node.child_by_field_name("definition")
        if definition is None:
            return Run(node.start_byte, node.end_byte, self.expressions.opaque(node))
        if definition.type == "class_definition":
            return self._class(definition, decorators)
        return self._function(definition, decorators)


_BASES: Final = frozenset({"identifier", "attribute", "call", "subscript"})
_NOTHING: Final = frozenset({"comment", "pass_statement", "future_import_statement", "type_alias_statement"})
_SIMPLE_PATTERNS: Final = frozenset({"string", "concatenated_string", "integer", "float", "true", "false", "none"})
_MAKERS: Final[dict[str, Callable[[Lowering, Node], Stmt]]] = {
    "return_statement": Lowering.returned,
    "raise_statement": Lowering.leave,
    "break_statement": Lowering.leave,
    "continue_statement": Lowering.leave,
    "delete_statement": Lowering.delete,
    "assert_statement": Lowering.asserted,
    "if_statement": Lowering.branch,
    "while_statement": Lowering.loop,
    "for_statement": Lowering.each,
    "match_statement": Lowering.match,
    "with_statement": Lowering.context,
    "try_statement": Lowering.attempt,
    "import_statement": Lowering.imported,
    "import_from_statement": Lowering.imported_from,
    "global_statement": Lowering.outer,
    "nonlocal_statement": Lowering.outer,
    "function_definition": Lowering.function,
    "class_definition": Lowering.class_,
    "decorated_definition": Lowering.decorated,
}
