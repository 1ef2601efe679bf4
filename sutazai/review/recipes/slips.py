"""The small edits a probe considers, as data: which spelling is easily written for which other. Asks no model."""

import re
from collections.abc import Mapping
from typing import Final

COMPARISON: Final = "model-comparison"
BOUNDARY: Final = "model-boundary"
BOOLEAN: Final = "model-boolean"
NEGATION: Final = "model-negation"
OPERATOR: Final = "model-operator"
CONSTANT: Final = "model-constant"
NAME: Final = "model-name"
VARIABLE: Final = "model-variable"
JUMP: Final = "model-jump"
OFFSET: Final = "model-offset"
RETURN: Final = "model-return"
DEPTH: Final = "model-depth"
ORDER: Final = "model-order"
MISSING: Final = "model-missing"

AGAINST: Final[Mapping[str, float]] = {NEGATION: 1.5, ORDER: 1.5}
"""What speaks against an edit of a class before anything is asked, in nats; nothing against the others.

Two that change places are two changes; people know a condition from its opposite better than a small model does.
"""

_SAME_SIDE: Final = frozenset({("<", "<="), ("<=", "<"), (">", ">="), (">=", ">")})
_OTHERS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "is": (NEGATION, ("is not",)),
    "is not": (NEGATION, ("is",)),
    "in": (NEGATION, ("not in",)),
    "not in": (NEGATION, ("in",)),
    "and": (BOOLEAN, ("or",)),
    "or": (BOOLEAN, ("and",)),
    "&&": (BOOLEAN, ("||",)),
    "||": (BOOLEAN, ("&&",)),
    "===": (COMPARISON, ("!==",)),
    "!==": (COMPARISON, ("===",)),
    "+": (OPERATOR, ("-", "*", "/", "//")),
    "-": (OPERATOR, ("+", "*", "/", "//")),
    "*": (OPERATOR, ("+", "-", "/", "//", "**")),
    "/": (OPERATOR, ("*", "//", "%", "-", "+")),
    "//": (OPERATOR, ("/", "%", "*", "-", "+")),
    "%": (OPERATOR, ("/", "//", "*", "-", "+")),
    "**": (OPERATOR, ("*",)),
    "&": (OPERATOR, ("|", "^")),
    "|": (OPERATOR, ("&", "^")),
    "^": (OPERATOR, ("&", "|")),
    "<<": (OPERATOR, (">>",)),
    ">>": (OPERATOR, ("<<",)),
    "+=": (OPERATOR, ("-=", "=", "*=")),
    "-=": (OPERATOR, ("+=", "=", "*=")),
    "*=": (OPERATOR, ("+=", "/=", "//=", "=")),
    "/=": (OPERATOR, ("*=", "//=", "=")),
    "//=": (OPERATOR, ("*=", "/=", "=")),
    "&=": (OPERATOR, ("|=", "^=")),
    "|=": (OPERATOR, ("&=", "^=", "=")),
    "^=": (OPERATOR, ("|=", "&=", "=")),
}
_COMPARISONS: Final = ("<", "<=", ">", ">=", "==", "!=")

_PAIRS: Final = (
    *(("min", "max"), ("any", "all"), ("append", "extend"), ("first", "last"), ("start", "end"), ("left", "right")),
    *(("lower", "upper"), ("width", "height"), ("row", "col"), ("rows", "cols"), ("keys", "values"), ("ceil", "floor")),
    *(("startswith", "endswith"), ("lstrip", "rstrip"), ("add", "remove"), ("add", "discard"), ("low", "high")),
    *(("append", "appendleft"), ("find", "rfind"), ("index", "rindex"), ("split", "rsplit")),
    *(
        ("begin", "end"),
        ("source", "target"),
        ("src", "dst"),
        ("before", "after"),
        ("prev", "next"),
        ("union", "intersection"),
    ),
    *(("sum", "len"), ("push", "unshift"), ("shift", "pop"), ("some", "every"), ("insert", "append"), ("x", "y")),
)
_WORD: Final = re.compile(r"[A-Za-z][a-z]*|[0-9]+|_+")
_LONGEST_NUMBER: Final = 4


def other_operators(written: str) -> list[tuple[str, str]]:
    """What an operator could have been meant to be: (rule, spelling) pairs."""
    if written in _COMPARISONS:
        return [
            (BOUNDARY if (written, other) in _SAME_SIDE else COMPARISON, other)
            for other in _COMPARISONS
            if other != written
        ]
    rule, others = _OTHERS.get(written, ("", ()))
    return [(rule, other) for other in others]


def other_names(written: str) -> list[str]:
    """The name with one of its words turned into its counterpart: `min_size` gives `max_size`."""
    found = []
    for word in _WORD.finditer(written):
        for one, two in _PAIRS:
            counterpart = {one: two, two: one}.get(word.group())
            if counterpart:
                found.append(written[: word.start()] + counterpart + written[word.end() :])
    return found


def other_numbers(written: str) -> list[str]:
    """Neighbours of a decimal integer that differ from it in the last digit only, and 0, 1, 2 for each other."""
    if not re.fullmatch(r"[0-9]+", written) or len(written) > _LONGEST_NUMBER:
        return []
    value = int(written)
    near = [value - 1, value + 1, *((0, 1, 2) if value in {0, 1, 2} else ())]
    spelled = dict.fromkeys(str(each) for each in near if each >= 0 and each != value)
    return [each for each in spelled if each[:-1] == written[:-1]]
