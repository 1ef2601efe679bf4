"""What was assigned to a name before a place in the same function, alike for every language of the packs.

Owns the reading of assignments from a syntax tree. Must never run code, and never follow a name into another function.

The languages are told apart by the kinds of their nodes alone: the names of the grammars do not clash.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_PLAIN: Final = (
    "variable_declarator",
    "assignment_expression",
    "augmented_assignment_expression",
    "compound_assignment_expr",
    "short_var_declaration",
    "assignment_statement",
    "var_spec",
    "const_spec",
    "assignment",
    "operator_assignment",
    "let_declaration",
    "const_item",
    "static_item",
    "init_declarator",
)
_LOOPS: Final = ("for_in_statement", "foreach_statement", "enhanced_for_statement", "range_clause", "for_expression")
_CALLS: Final = ("call_expression", "method_invocation", "invocation_expression", "call")
_KINDS: Final = (*_PLAIN, *_LOOPS, *_CALLS, "binary")
_OPERATORS: Final = frozenset(("=", ":=", "+=", ".=", "||=", "??=", "<<", "in", "of", "as", ":"))
_ADDING: Final = frozenset(("+=", ".=", "<<"))
_NAME: Final = re.compile(r"^[*&]*([$@]*\w+)(?:\[\w*\])?$")
_APPEND: Final = re.compile(r"^(\w+)(?:\.|\s*\n\s*\.)(?:append|Append|AppendLine|push_str|WriteString|concat)\(")
_APPENDED: Final = re.compile(r"(?:^|\.)(?:append|Append|AppendLine|push_str|WriteString|concat)$")
_WRITTEN_INTO: Final = re.compile(r"^(v?s?n?printf|str(?:l|n)?(?:cpy|cat))$")
_FUNCTION: Final = re.compile(
    r"^(function_(declaration|expression|definition|item)|func_literal|method(_definition|_declaration)?"
    r"|(arrow|generator|anonymous)_function\w*|singleton_method|constructor_declaration|lambda(_expression)?"
    r"|closure_expression|local_function_statement|(accessor|property)_declaration)$"
)
_CLOSED: Final = frozenset(("function_definition", "method", "singleton_method"))  # sees no names from around it
_BLOCK: Final = re.compile(
    r"(block|body|statement_list|compound_statement|^program|source_file|_unit|^(then|else|if|case|when|switch|while|for"
    r"|do|rescue|ensure|begin|unless|match)(_|$)|if_|switch_|_clause$|^\w*loop\w*$)"
)

_MODIFIERS: Final = frozenset(("mutable_specifier", "visibility_modifier", "modifiers"))
_LISTS: Final = frozenset(("expression_list", "left_assignment_list", "right_assignment_list", "pair"))
_MOST_WAYS: Final = 4
_MOST_ADDED: Final = 64  # of what is added to a name one by one: the nearest to the use

Span = tuple[int, int]
WHOLE_FILE: Final[Span] = (0, 1 << 60)


@dataclass(frozen=True, slots=True)
class Write:
    """One place where a name gets a value.

    Attributes:
        at: where it is done, as an offset.
        value: what it gets; of that the part `member`, where a pattern takes it apart.
        adds: it is added to what the name held.
        function: span of the innermost function around it.
        block: span of the innermost block, branch or loop around it.
    """

    at: int
    value: "SgNode"
    member: str
    adds: bool
    function: Span
    block: Span


class Assignments:
    """Every write of a file by name, read once."""

    def __init__(self, root: "SgNode", language: str) -> None:
        kinds = [{"kind": kind} for kind in _KINDS if _is_kind(language, kind)]
        self._writes: dict[str, list[Write]] = defaultdict(list)
        for node in root.find_all({"rule": {"any": kinds}}):  # type: ignore[call-overload]
            for name, write in _writes_of(node):
                self._writes[name].append(write)
        for writes in self._writes.values():
            writes.sort(key=lambda write: write.at)

    def reaching(self, name: str, use: "SgNode") -> list[list[Write]]:
        """The ways in which `name` may have got what it holds at `use`: each a first write and what was added to it."""
        writes = self._writes.get(name)
        if not writes:
            return []
        place = span(use)
        for function in functions(use):
            before = [each for each in writes if each.function == function and each.at <= place[0]]
            if before:
                return _ways(before, place)
        return []


def span(node: "SgNode") -> Span:
    """Where a node starts and ends, as offsets."""
    place = node.range()
    return place.start.index, place.end.index


def functions(node: "SgNode") -> Iterator[Span]:
    """The spans of the functions around a node whose names it sees, the innermost first; last the whole file."""
    for each in node.ancestors():
        if _FUNCTION.match(each.kind()):
            yield span(each)
            if each.kind() in _CLOSED:
                return
    yield WHOLE_FILE


@cache
def _is_kind(language: str, kind: str) -> bool:
    from ast_grep_py import SgRoot  # noqa: PLC0415 (loaded only when used)

    try:
        SgRoot("", language).root().find(kind=kind)
    except RuntimeError:
        return False
    return True


def _ways(writes: Sequence[Write], place: Span) -> list[list[Write]]:
    """Back from the use, up to the write that no way goes around."""
    ways: list[list[Write]] = []
    added: list[Write] = []
    for write in reversed(writes):
        if write.adds:
            if len(added) < _MOST_ADDED:
                added.insert(0, write)
            continue
        ways.append([write, *added])
        if write.block == WHOLE_FILE or (write.block[0] <= place[0] and place[1] <= write.block[1]):
            return ways[:_MOST_WAYS]
    if added and not ways:
        return [added]
    return ways[:_MOST_WAYS]


def _writes_of(node: "SgNode") -> Iterator[tuple[str, Write]]:
    kind = node.kind()
    if kind in _CALLS:
        yield from _call(node)
        return
    children = node.children()
    at = next((number for number, child in enumerate(children) if child.kind() in _OPERATORS), None)
    if at is None or (kind == "binary" and children[at].kind() != "<<"):
        return
    targets = [child for child in children[:at] if child.is_named()]
    values = [child for child in children[at + 1 :] if child.is_named()]
    if children[at].kind() == "as":
        targets, values = values, targets
    if targets and values:
        behind_type = kind in _LOOPS and children[at].kind() != "as"
        target = targets[-1] if behind_type else _first_name(targets)
        adds = children[at].kind() in _ADDING
        for name, value, member in _pairs(target, values[0]):
            yield name, _write(node, value, member, adds=adds, at=max(span(target)[1], span(values[0])[1]))


def _first_name(targets: Sequence["SgNode"]) -> "SgNode":
    return next((each for each in targets if each.kind() not in _MODIFIERS), targets[0])


def _pairs(target: "SgNode", value: "SgNode") -> Iterator[tuple[str, "SgNode", str]]:
    kind = target.kind()
    if kind == "object_pattern":
        for child in target.named_children():
            member, _, name = child.text().partition("=")[0].partition(":")
            if (name or member).strip().isidentifier():
                yield (name or member).strip(), value, f".{member.strip()}"
    elif kind in _LISTS:
        left = target.named_children()
        right = value.named_children() if value.kind() in _LISTS else []
        for number, each in enumerate(left):
            yield from _pairs(each, right[number] if len(right) == len(left) else value)
    elif found := _NAME.match(target.text()):
        yield found[1], value, ""


def _call(node: "SgNode") -> Iterator[tuple[str, Write]]:
    """Text added to a builder (`sb.append(x)`), or written into a buffer (`sprintf(buffer, ...)`)."""
    function, arguments = node.field("function") or node.field("name"), node.field("arguments")
    if function is None or arguments is None or not (values := arguments.named_children()):
        return
    called = function.text()
    if _APPENDED.search(called):
        if found := _APPEND.match(node.text()):
            yield found[1], _write(node, values[0], "", adds=True)
    elif _WRITTEN_INTO.match(called) and (found := _NAME.match(values[0].text())):
        value = node if called.endswith("printf") else values[-1 if called[3] != "n" else 1]
        if len(values) > 1:
            yield found[1], _write(node, value, "", adds=called.endswith("cat"))


def _write(node: "SgNode", value: "SgNode", member: str, *, adds: bool, at: int = 0) -> Write:
    function, block = WHOLE_FILE, None
    for each in node.ancestors():
        kind = each.kind()
        if block is None and _BLOCK.search(kind):
            block = span(each)
        if _FUNCTION.match(kind):
            function = span(each)
            break
    return Write(at or span(node)[1], value, member, adds, function, block or function)
