"""Constants worked out without running code: arithmetic, comparisons and indexing, bounded in size."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from sutazai.analysis.taint.values import NOTHING

_LARGEST: Final = 10**15
_LONGEST: Final = 2000
_ARITHMETIC: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "in": lambda one, other: one in other,
    "not in": lambda one, other: one not in other,
    "is": lambda one, other: one is other if one is None or other is None else one == other,
    "is not": lambda one, other: one is not other if one is None or other is None else one != other,
}


def arithmetic(op: str, left: Any, right: Any) -> Any:
    """The constant of `left op right`, `NOTHING` where it is not to be known."""
    work = _ARITHMETIC.get(op)
    if work is None or not _small(left) or not _small(right) or (op == "*" and _is_text(left) and _is_text(right)):
        return NOTHING
    if op == "*" and (isinstance(left, str) or isinstance(right, str)):
        return _repeated(left, right)
    if op == "%" and isinstance(left, str):
        return NOTHING
    try:
        result = work(left, right)
    except (TypeError, ValueError, ArithmeticError):
        return NOTHING
    return result if _small(result) else NOTHING


def _repeated(left: Any, right: Any) -> Any:
    text, times = (left, right) if isinstance(left, str) else (right, left)
    if isinstance(times, int) and len(text) * max(times, 0) <= _LONGEST:
        return text * times
    return NOTHING


def compared(op: str, left: Any, right: Any) -> Any:
    """The truth of `left op right`, `NOTHING` where it is not to be known."""
    work = _COMPARISONS.get(op)
    if work is None:
        return NOTHING
    try:
        return bool(work(left, right))
    except TypeError:
        return NOTHING


def negated(op: str, value: Any) -> Any:
    """The constant of `-x`, `+x`, `~x`."""
    if isinstance(value, bool | int | float) and _small(value):
        if op == "-":
            return -value
        if op == "+":
            return +value
        if op == "~" and isinstance(value, int):
            return ~value
    return NOTHING


def indexed(value: Any, key: Any) -> Any:
    """The constant of `value[key]` of a text."""
    if isinstance(value, str) and isinstance(key, int | slice):
        try:
            return value[key]
        except (IndexError, ValueError, TypeError):
            return NOTHING
    return NOTHING


def _small(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST
    return isinstance(value, bool | int | float) and -_LARGEST < value < _LARGEST


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
