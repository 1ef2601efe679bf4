"""Where a unit could have a slip: the small edits at its operators, constants and names, in the order of the text.

Works on the syntax tree only and asks no model. Every edit lies inside the unit's text.
"""

import re
from collections.abc import Iterator
from typing import Final

from sutazai.review.recipes import calls, gaps, slips
from sutazai.review.recipes.walk import Site, Slip, Walk
from sutazai.syntax.parse import Node, parse

_EXPRESSION: Final = re.compile(r"binary|comparison|boolean|logical|augmented|assignment_expression|compound_assign")
_LITERAL: Final = re.compile(r"^(integer|number|int_literal|integer_literal|decimal_integer_literal|number_literal)$")
_WORD: Final = re.compile(r"\w+")
_NEGATED: Final = frozenset({"not_operator", "unary_expression", "unary_op_expression", "prefix_unary_expression"})
_CONDITIONED: Final = frozenset({"if_statement", "elif_clause", "while_statement", "assert_statement"})
_CONSTANTS: Final = {"True": "False", "False": "True", "true": "false", "false": "true"}
_JUMPS: Final = {"break": "continue", "continue": "break"}
_INDICES: Final = frozenset({"slice", "subscript"})
_MEMBERS: Final = frozenset({"attribute", "call", "member_expression", "call_expression", "field_expression"})
_MOST_NAMES: Final = 30
_CALLS: Final = frozenset({"call", "call_expression"})
_VALUES: Final = frozenset(
    {
        *("identifier", "binary_operator", "boolean_operator", "comparison_operator", "not_operator", "attribute"),
        *("subscript", "list", "dictionary", "tuple", "list_comprehension", "dictionary_comprehension", "integer"),
        *("true", "false", "none", "conditional_expression", "unary_operator"),
    }
)


def sites(text: str, language: str, *, variables: bool = True) -> list[Site]:
    """Every place of `text` worth asking at, first to last.

    Args:
        text: of a unit.
        language: our name of its language.
        variables: whether names are also tried for one another, the dearest class: nearly every line has some.

    Raises:
        SyntaxUnavailable: there is no grammar for the language.
    """
    words = _Words(text, parse(text, language))
    swapped = list(calls.swapped(words))
    found = [*words.slips(), *swapped, *calls.mistaken(words)]
    if variables:
        # Where two arguments may be swapped, the second for the first alone would only repeat it.
        begun = {(each.start, word.group()) for each in swapped if (word := _WORD.match(each.replacement))}
        found += [each for each in _Variables(words).slips() if (each.start, each.replacement) not in begun]
    return _grouped(text, found, set(gaps.cuts(words)))


def _grouped(text: str, found: list[Slip], begun: set[int]) -> list[Site]:
    by_cut: dict[int, dict[Slip, None]] = {cut: {} for cut in begun}
    for slip in found:
        by_cut.setdefault(_cut(text, slip), {})[slip] = None
    return [Site(cut, tuple(by_cut[cut]), cut in begun) for cut in sorted(by_cut)]


def _cut(text: str, slip: Slip) -> int:
    """Where the prompt ends: before one leading space (tokens carry it), but not before the space of a number."""
    start = slip.start
    if slip.replacement[:1].isdigit():
        while text[start] == slip.replacement[start - slip.start] and start + 1 < slip.end:
            start += 1
        return start
    return start - 1 if text[start - 1 : start] == " " else start


class _Words(Walk):
    """Slips at operators, constants, names and the ends of blocks."""

    def slips(self) -> Iterator[Slip]:
        for node in self.nodes():
            parent = node.parent
            if node.type == "expression_statement":
                yield from self._statement(node)
            elif node.type == "block":
                yield from self._depth(node)
            elif node.type in _CALLS:
                yield from self._length(node)
            if parent is None or (node.children and node.is_named):
                continue
            yield from self._named(node, parent) if node.is_named else self._operator(node, parent)

    def _statement(self, node: Node) -> Iterator[Slip]:
        """A value that is computed and thrown away was probably to be returned."""
        if node.child_count == 1 and node.children[0].type in _VALUES:
            start, _ = self.span(node)
            yield Slip(start, start, "return ", slips.RETURN)

    def _length(self, call: Node) -> Iterator[Slip]:
        """A length as an index or a limit is where one too many or too few is counted."""
        if (
            call.parent is not None
            and call.parent.type in {*_INDICES, "argument_list"}
            and self.spelled(call).startswith("len(")
        ):
            _, end = self.span(call)
            yield Slip(end, end, " - 1", slips.OFFSET)
            yield Slip(end, end, " + 1", slips.OFFSET)

    def _depth(self, block: Node) -> Iterator[Slip]:
        """A jump at the end of a loop's body may belong one level up; one right after a loop, one level down."""
        last = block.named_children[-1] if block.named_children else None
        if last is None or last.type != "return_statement":
            return
        start, _ = self.span(last)
        line = self.text.rfind("\n", 0, start)
        before = last.prev_named_sibling
        indent = self.text[line + 1 : start]
        owner = block.parent
        if line < 0 or before is None or indent.strip():
            return
        if owner is not None and owner.type in {"for_statement", "while_statement"}:
            yield Slip(line + 1, start, indent[:-4], slips.DEPTH)
        elif before.type in {"for_statement", "while_statement", "if_statement"}:
            yield Slip(line + 1, start, indent + "    ", slips.DEPTH)

    def _operator(self, leaf: Node, parent: Node) -> Iterator[Slip]:
        start, end = self.span(leaf)
        written = self.text[start:end]
        if written in _JUMPS:
            yield Slip(start, end, _JUMPS[written], slips.JUMP)
        elif written in _CONSTANTS:
            yield Slip(start, end, _CONSTANTS[written], slips.CONSTANT)
        elif written in {"not", "!"} and parent.type in _NEGATED:
            after = end + (self.text[end : end + 1] == " ")
            yield Slip(start, after, "", slips.NEGATION)
        elif written in {"if", "elif", "while", "assert"} and parent.type in _CONDITIONED:
            yield from self._insert_not(end)
        elif _EXPRESSION.search(parent.type):
            for rule, other in slips.other_operators(written):
                yield Slip(start, end, other, rule)
            yield from self._drop_offset(leaf)

    def _insert_not(self, end: int) -> Iterator[Slip]:
        if self.text[end : end + 1] == " " and not self.text.startswith("not ", end + 1):
            yield Slip(end + 1, end + 1, "not ", slips.NEGATION)

    def _drop_offset(self, leaf: Node) -> Iterator[Slip]:
        left, right = leaf.prev_sibling, leaf.next_sibling
        written = self.spelled(leaf)
        if left is None or right is None or written not in {"+", "-"} or self.spelled(right) != "1":
            return
        yield Slip(self.span(left)[1], self.span(right)[1], "", slips.OFFSET)

    def _named(self, leaf: Node, parent: Node) -> Iterator[Slip]:
        start, end = self.span(leaf)
        written = self.text[start:end]
        if parent.type.endswith("default_parameter"):
            return  # a default is a choice: nothing before it says which
        if written in _CONSTANTS:
            yield Slip(start, end, _CONSTANTS[written], slips.CONSTANT)
        elif _LITERAL.search(leaf.type):
            for number in slips.other_numbers(written):
                yield Slip(start, end, number, slips.CONSTANT)
        elif written in _JUMPS:
            yield Slip(start, end, _JUMPS[written], slips.JUMP)
        elif leaf.type.endswith("identifier"):
            yield from self._name(leaf, parent, written)

    def _name(self, leaf: Node, parent: Node, written: str) -> Iterator[Slip]:
        start, end = self.span(leaf)
        for other in slips.other_names(written):
            if parent.type in _MEMBERS or re.search(rf"\b{re.escape(other)}\b", self.text):
                yield Slip(start, end, other, slips.NAME)
        if parent.type in _INDICES and leaf != parent.child_by_field_name("value"):
            for other in (" - 1", " + 1"):
                yield Slip(end, end, other, slips.OFFSET)


class _Variables:
    """Names of a unit tried for one another, each only where the other was bound before."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._bound: dict[str, int] = {}
        self._uses: list[Node] = []
        for node in walk.nodes():
            if node.type == "identifier" and node.parent is not None:
                self._sort(node, node.parent)

    def _sort(self, leaf: Node, parent: Node) -> None:
        if _binds(leaf, parent):
            self._bound.setdefault(self._walk.spelled(leaf), leaf.start_byte)
        elif _uses(leaf, parent):
            self._uses.append(leaf)

    def slips(self) -> list[Slip]:
        found = []
        for leaf in self._uses:
            written = self._walk.spelled(leaf)
            if written in self._bound:
                start, end = self._walk.span(leaf)
                found += [Slip(start, end, other, slips.VARIABLE) for other in self._others(written, leaf.start_byte)]
        return found

    def _others(self, written: str, before: int) -> Iterator[str]:
        near = [name for name, bound_at in self._bound.items() if bound_at < before][-_MOST_NAMES:]
        return (name for name in near if name not in {written, "self", "cls", "_"})


def _binds(leaf: Node, parent: Node) -> bool:
    if parent.type in {"parameters", "lambda_parameters", "pattern_list", "tuple_pattern"}:
        return True
    if parent.type in {"typed_parameter", "default_parameter", "typed_default_parameter"}:
        return leaf in (parent.child_by_field_name("name"), parent.child(0))
    return parent.type in {"assignment", "for_statement", "for_in_clause"} and leaf == parent.child_by_field_name(
        "left"
    )


def _uses(leaf: Node, parent: Node) -> bool:
    if parent.type in {"attribute", "keyword_argument"}:
        return leaf == (parent.child_by_field_name("object") or parent.child_by_field_name("value"))
    return not (parent.type == "call" and leaf == parent.child_by_field_name("function")) and not parent.type.endswith(
        ("definition", "parameter")
    )
