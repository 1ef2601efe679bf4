"""Slips at calls: two arguments or operands the wrong way round, one built-in function or method for another.

Works on the syntax tree only and asks no model.
"""

import re
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from sutazai.review.recipes import slips
from sutazai.review.recipes.walk import Slip, Walk
from sutazai.syntax.parse import Node

_ARGUMENTS: Final = frozenset({"argument_list", "arguments"})
_BINARY: Final = frozenset({"binary_operator", "binary_expression"})
_LISTS: Final = frozenset({"expression_list", "tuple"})
_NOT_BY_PLACE: Final = frozenset({"keyword_argument", "list_splat", "dictionary_splat", "spread_element", "comment"})
_NUMBER: Final = re.compile(r"integer|float|number")
_ONE_WAY: Final = frozenset({"-", "/", "//", "%", "**"})
_LONGEST: Final = 80

# Without `isalpha` and its like: tokens cut them where the others are not cut, and nobody takes one for another.
_METHODS: Final = frozenset(
    name for kind in (list, dict, set, str, deque) for name in dir(kind) if not name.startswith(("_", "is"))
)
_FUNCTIONS: Final = frozenset(
    {
        *("abs", "all", "any", "bool", "dict", "enumerate", "filter", "float", "frozenset", "int", "iter", "len"),
        *("list", "map", "max", "min", "next", "range", "reversed", "round", "set", "sorted", "str", "sum", "tuple"),
        "zip",
    }
)


def swapped(walk: Walk) -> Iterator[Slip]:
    """Every two neighbours that a call, a tuple or an operator takes by their place, the other way round."""
    for node in walk.nodes():
        if node.type in _ARGUMENTS or node.type in _LISTS:
            by_place = [each for each in node.named_children if each.type not in _NOT_BY_PLACE]
            for one, two in pairwise(by_place):
                yield from _exchanged(walk, one, two)
        elif node.type in _BINARY and walk.spelled(node.children[1]) in _ONE_WAY:
            one, two = node.children[0], node.children[-1]
            if not _NUMBER.search(one.type) and not _NUMBER.search(two.type):  # nobody writes `2 / total` for half
                yield from _exchanged(walk, one, two)


def _exchanged(walk: Walk, one: Node, two: Node) -> Iterator[Slip]:
    (start, middle), (behind, end) = walk.span(one), walk.span(two)
    first, second = walk.text[start:middle], walk.text[behind:end]
    if first != second and end - start <= _LONGEST and "\n" not in walk.text[start:end]:
        yield Slip(start, end, second + walk.text[middle:behind] + first, slips.ORDER)


def mistaken(walk: Walk) -> Iterator[Slip]:
    """Python's built-in functions for one another, and the methods of its containers and strings."""
    for node in walk.nodes():
        called = node.child_by_field_name("function") if node.type == "call" else None
        if called is None:
            continue
        name = called.child_by_field_name("attribute") if called.type == "attribute" else called
        if name is not None and name.type == "identifier":
            start, end = walk.span(name)
            known = _FUNCTIONS if name == called else _METHODS
            written = walk.text[start:end]
            others = sorted(known - {written, *slips.other_names(written)}) if written in known else []
            yield from (Slip(start, end, other, slips.NAME) for other in others)
