"""Where a fixer works: the finding's place in the syntax tree, the names bound in the file, and edits of the text.

Owns what a name of a Python file surely means. A name that is bound in any other way than by one import means nothing.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sutazai.sdk.finding import Finding
from sutazai.syntax.parse import Node, Tree, walk

_IMPORTS: Final = frozenset({"import_statement", "import_from_statement"})
_SCOPES: Final = frozenset({"function_definition", "module", "lambda", "class_definition"})
_FUNCTIONS: Final = frozenset({"function_definition", "lambda"})


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """Replaces the text between two code-point offsets, the end excluded."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A certain rewrite: what it does in a few words, and the changes of the text."""

    description: str
    changes: tuple[Change, ...]


class Site:
    """One finding in one parsed file.

    Args:
        tree: of the whole file.
        finding: whose location lies in that file.
    """

    def __init__(self, tree: Tree, finding: Finding) -> None:
        self.tree = tree
        self.finding = finding
        at, positions = finding.location, tree.positions
        self._start = positions.to_byte(positions.offset(at.start_line, at.start_column))
        self._end = positions.to_byte(positions.offset(at.end_line, at.end_column))

    @property
    def root(self) -> Node:
        """The whole file."""
        return self.tree.root

    def text(self, node: Node) -> str:
        """The source text of a node."""
        return self.tree.text_of(node)

    def node(self) -> Node | None:
        """The smallest node that covers the finding."""
        return self.root.named_descendant_for_byte_range(self._start, max(self._start, self._end))

    def finding_nodes(self) -> list[Node]:
        """Every node that begins with the finding and does not reach past it, and the smallest one around it."""
        around = self.node()
        inside = [e for e in walk(around) if self._start <= e.start_byte and e.end_byte <= self._end] if around else []
        return [*inside, *([around] if around is not None else [])]

    def around(self, *types: str) -> Node | None:
        """The smallest node of one of the types that covers the finding."""
        return next((each for each in self.upwards(self.node()) if each.type in types), None)

    def upwards(self, node: Node | None) -> Iterator[Node]:
        """The node and what it lies in, from the inside out."""
        while node is not None:
            yield node
            node = node.parent

    def scope(self, node: Node) -> Node:
        """The function that the node lies in, else the file."""
        return next((each for each in self.upwards(node.parent) if each.type in _FUNCTIONS), self.root)

    def statement(self, node: Node) -> Node | None:
        """The statement that the node lies in: the one right below a block or the file."""
        return next((e for e in self.upwards(node) if e.parent and e.parent.type in {"block", "module"}), None)

    def replace(self, node: Node, text: str) -> Change:
        """Puts text in the place of a node."""
        return self.span(node.start_byte, node.end_byte, text)

    def span(self, start_byte: int, end_byte: int, text: str) -> Change:
        """Puts text in the place of some bytes."""
        positions = self.tree.positions
        return Change(positions.from_byte(start_byte), positions.from_byte(end_byte), text)

    @cached_property
    def bindings(self) -> dict[str, set[str]]:
        """What each name of the file is bound to: dotted names of imports, and "" for any other way."""
        found: dict[str, set[str]] = defaultdict(set)
        for node in walk(self.root):
            if node.type in _IMPORTS:
                for name, meaning in self._imported(node):
                    found[name].add(meaning)
            elif node.type == "identifier" and binds(node):
                found[self.text(node)].add("")
        return found

    def _imported(self, node: Node) -> Iterator[tuple[str, str]]:
        module = node.child_by_field_name("module_name")
        prefix = f"{self.text(module)}." if module else ""
        for each in node.children_by_field_name("name"):
            inner, alias = each.child_by_field_name("name"), each.child_by_field_name("alias")
            dotted = self.text(inner or each)
            if alias is not None:
                yield self.text(alias), prefix + dotted
            elif prefix:
                yield dotted, prefix + dotted
            else:
                yield dotted.partition(".")[0], dotted.partition(".")[0]

    def meaning(self, node: Node | None) -> str:
        """The dotted name that an expression surely stands for (`subprocess.run`), empty where that is not sure."""
        tail = ""
        while node is not None and node.type == "attribute":
            attribute = node.child_by_field_name("attribute")
            tail = f".{self.text(attribute)}{tail}" if attribute else tail
            node = node.child_by_field_name("object")
        if node is None or node.type != "identifier":
            return ""
        meanings = self.bindings.get(self.text(node), set())
        return next(iter(meanings)) + tail if len(meanings) == 1 and "" not in meanings else ""

    def modules(self) -> set[str]:
        """The top-level names of all modules that the file imports."""
        return {each.partition(".")[0] for meanings in self.bindings.values() for each in meanings if each}

    def uses(self, name: str, within: Node | None = None) -> list[Node]:
        """Every place where the name stands as a variable, bindings included."""
        nodes = walk(within or self.root)
        return [
            each for each in nodes if each.type == "identifier" and self.text(each) == name and not _attribute(each)
        ]

    def imported(self, module: str) -> tuple[Change, ...] | None:
        """What must be added so that `module` names that module: nothing, an import, or None where it cannot."""
        meanings = self.bindings.get(module)
        if meanings == {module} and self._at_the_top(module):
            return ()
        return (self._new_import(module),) if not meanings else None

    def _at_the_top(self, module: str) -> bool:
        return any(
            name == module for node in self.root.children if node.type in _IMPORTS for name, _ in self._imported(node)
        )

    def _new_import(self, module: str) -> Change:
        """In a line of its own, in its place among the imports that the file begins with, else before the code."""
        line = f"import {module}"
        leading, first = self._head()
        earlier = [e for e in leading if e.type == "import_statement" and self.text(e) < line]
        later = [e for e in leading if e.type in _IMPORTS]
        if earlier:
            return self._after(earlier[-1], f"\n{line}")
        if later:
            return self.span(later[0].start_byte, later[0].start_byte, f"{line}\n")
        if leading:
            return self._after(leading[-1], f"\n\n{line}")
        at = first.start_byte if first else len(self.tree.source)
        return self.span(at, at, f"{line}\n\n")

    def _after(self, node: Node, text: str) -> Change:
        positions = self.tree.positions
        line, _ = positions.line_column(positions.from_byte(node.end_byte))
        at = positions.line_start(line) + len(positions.line_text(line))
        return Change(at, at, text)

    def _head(self) -> tuple[list[Node], Node | None]:
        """The imports that the file begins with, and the first statement that is neither import nor documentation."""
        leading: list[Node] = []
        for node in self.root.named_children:
            if node.type in _IMPORTS or node.type == "future_import_statement":
                leading.append(node)
            elif node.type != "comment" and not _is_text(node):
                return leading, node
        return leading, None

    def remove_argument(self, node: Node) -> Change:
        """Takes an argument out of its list, with the comma and the blanks that belong to it."""
        before, after = node.prev_sibling, node.next_sibling
        if before is not None and before.type == ",":
            return self.span(before.start_byte, node.end_byte, "")
        if after is not None and after.type == ",":
            following = after.next_sibling
            end = following.start_byte if following is not None else after.end_byte
            return self.span(node.start_byte, end, "")
        return self.span(node.start_byte, node.end_byte, "")

    def indent_of(self, node: Node) -> str:
        """The blanks that the node's line begins with, None of them where other code stands before it."""
        line, _ = self.tree.positions.line_column(self.tree.positions.from_byte(node.start_byte))
        return re.match(r"[ \t]*", self.tree.positions.line_text(line))[0]  # type: ignore[index]

    def alone(self, node: Node) -> bool:
        """Whether nothing but blanks and comments shares the lines of a statement."""
        positions = self.tree.positions
        line, column = positions.line_column(positions.from_byte(node.start_byte))
        end, stop = positions.line_column(positions.from_byte(node.end_byte))
        rest = positions.line_text(end)[stop - 1 :].strip()
        return not positions.line_text(line)[: column - 1].strip() and (not rest or rest.startswith("#"))


Fixer = Callable[[Site], Rewrite | None]


def arguments(call: Node) -> tuple[list[Node], dict[str, Node]] | None:
    """The positional arguments of a call and the keyword ones by name; None where some are unpacked."""
    listed = call.child_by_field_name("arguments")
    if listed is None or listed.type != "argument_list":
        return None
    positional, keywords = list[Node](), dict[str, Node]()
    for each in listed.named_children:
        if each.type in {"list_splat", "dictionary_splat"}:
            return None
        if each.type == "keyword_argument":
            name = each.child_by_field_name("name")
            keywords[(name.text or b"").decode() if name else ""] = each
        elif each.type != "comment":
            positional.append(each)
    return positional, keywords


def value_of(keyword: Node) -> bytes:
    """The source of the value of a keyword argument."""
    value = keyword.child_by_field_name("value")
    return (value.text if value else None) or b""


def joined(description: str, *changes: Change | Iterable[Change]) -> Rewrite:
    """A rewrite out of single changes and groups of them."""
    flat = [one for each in changes for one in ([each] if isinstance(each, Change) else each)]
    return Rewrite(description, tuple(flat))


def _is_text(node: Node) -> bool:
    return node.type == "expression_statement" and [each.type for each in node.named_children] == ["string"]


def _attribute(node: Node) -> bool:
    """Whether the identifier is only the part of a name: after a dot, or the name of a keyword argument."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "attribute":
        return parent.child_by_field_name("attribute") == node
    return parent.type == "keyword_argument" and parent.child_by_field_name("name") == node


_TARGETS: Final = {
    "assignment": "left",
    "augmented_assignment": "left",
    "for_statement": "left",
    "for_in_clause": "left",
    "named_expression": "name",
    "function_definition": "name",
    "class_definition": "name",
    "default_parameter": "name",
    "typed_default_parameter": "name",
    "as_pattern_target": "",
    "parameters": "",
    "lambda_parameters": "",
    "typed_parameter": "",
    "global_statement": "",
    "nonlocal_statement": "",
    "delete_statement": "",
    "case_pattern": "",
    "list_splat_pattern": "",
    "dictionary_splat_pattern": "",
}
_THROUGH: Final = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list"})


def binds(node: Node) -> bool:
    """Whether the identifier gets its meaning here."""
    child, parent = node, node.parent
    while parent is not None and parent.type in _THROUGH:
        child, parent = parent, parent.parent
    if parent is None or parent.type not in _TARGETS:
        return False
    field = _TARGETS[parent.type]
    return not field or parent.child_by_field_name(field) == child
