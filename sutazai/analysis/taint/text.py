"""Text as it is put together: formatting, joining and the methods of strings, with what is known of each part."""

import re
from collections.abc import Callable, Sequence
from string import Formatter
from typing import Any, Final

from sutazai.analysis.taint.values import (
    HOLE,
    NOTHING,
    Taints,
    Value,
    cleaned,
    constant,
    mixed,
    shape_of,
    union,
)

LONGEST: Final = 400
_LONGEST_CONST: Final = 2000
_PERCENT: Final = re.compile(r"%(?:\((\w+)\))?[-+ #0]*(\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?([a-zA-Z%])")
_NUMBERS: Final = frozenset("diouxXeEfFgGc")
_SHOWN: Final = frozenset({"log", "header"})
# What replacing one text by another makes harmless.
_REPLACED: Final = {
    "\n": frozenset({"log", "header"}),
    "\r": frozenset({"log", "header"}),
    "\r\n": frozenset({"log", "header"}),
    "'": frozenset({"sql", "xpath"}),
    "<": frozenset({"xss"}),
    "/": frozenset({"path"}),
    "..": frozenset({"path"}),
    "(": frozenset({"ldap"}),
}
# Methods that give text again, or pieces of it.
METHODS: Final = frozenset({
    "capitalize", "casefold", "center", "decode", "encode", "expandtabs", "format", "format_map", "join",
    "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rjust", "rpartition",
    "rsplit", "rstrip", "split", "splitlines", "strip", "swapcase", "title", "translate", "upper", "zfill",
})  # fmt: skip
_PIECES: Final = frozenset(["split", "rsplit", "splitlines", "partition", "rpartition"])
_FOLDED: Final = frozenset({
    "capitalize", "casefold", "count", "decode", "encode", "endswith", "find", "index", "isalnum", "isalpha",
    "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isspace", "istitle", "isupper", "lower",
    "lstrip", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rstrip", "startswith", "strip",
    "swapcase", "title", "upper",
})  # fmt: skip

Part = Value


def concatenated(parts: Sequence[Part], taints: Callable[[Value], Taints]) -> Value:
    """Text made of parts in this order."""
    if all(isinstance(part.const, str | int | float | bool) for part in parts):
        text = "".join(str(part.const) for part in parts)
        if len(text) <= _LONGEST_CONST:
            return constant(text)
    found = union(*(taints(part) for part in parts))
    shape = "".join(_shape(part) for part in parts)[:LONGEST]
    if len(parts) > 1 and shape.strip(HOLE):
        found = mixed(found)
    return Value(taints=found, shape=shape)


def _shape(part: Part) -> str:
    if isinstance(part.const, int | float):
        return str(part.const)
    return shape_of(part)


def percent(
    template: Value, arguments: Callable[[str | int], Value | None], taints: Callable[[Value], Taints]
) -> Value:
    """`template % values`; `arguments` gives the value of a name or position, None where it is not told apart."""
    pieces: list[Value] = []
    at = 0
    position = 0
    text = shape_of(template)
    for match in _PERCENT.finditer(text):
        pieces.append(Value(const=text[at : match.start()]) if match.start() > at else constant(""))
        at = match.end()
        if match[3] == "%":
            pieces.append(constant("%"))
            continue
        value = arguments(match[1] or position) or Value()
        position += not match[1]
        pieces.append(_converted(value, match[3], taints))
    pieces.append(constant(text[at:]))
    done = concatenated(pieces, taints)
    own = mixed(template.taints)
    return done.with_taints(union(done.taints, own)) if own else _without_holes(done, text)


def _without_holes(value: Value, text: str) -> Value:
    """A constant whose template had unknown parts is none."""
    if HOLE in text and value.const is not NOTHING:
        return Value(shape=str(value.const)[:LONGEST])
    return value


def _converted(value: Value, conversion: str, taints: Callable[[Value], Taints]) -> Value:
    if conversion in _NUMBERS:
        return value if isinstance(value.const, int | float) else Value()
    if conversion in "ra":
        return Value(taints=cleaned(taints(value), _SHOWN))
    return value


def braces(template: Value, argument: Callable[[str], Value], taints: Callable[[Value], Taints]) -> Value:
    """`template.format(...)`; `argument` gives the value of a field as it is written."""
    text = shape_of(template)
    try:
        fields = list(Formatter().parse(text))
    except ValueError:
        return Value(taints=mixed(template.taints), shape=HOLE)
    pieces: list[Value] = []
    position = 0
    for literal, name, form, conversion in fields:
        pieces.append(constant(literal))
        if name is None:
            continue
        if name == "" or name[0] in ".[":
            name, position = f"{position}{name}", position + 1  # noqa: PLW2901 (unnamed fields are counted)
        pieces.append(_shown(argument(name), form or "", conversion or "", taints))
    done = concatenated(pieces, taints)
    own = mixed(template.taints)
    return done.with_taints(union(done.taints, own)) if own else _without_holes(done, text)


def _shown(value: Value, form: str, conversion: str, taints: Callable[[Value], Taints]) -> Value:
    if form[-1:] in _NUMBERS and form[-1:]:
        return Value()
    if conversion in ("r", "a"):
        return Value(taints=cleaned(taints(value), _SHOWN))
    return value


def folded(name: str, receiver: str, args: Sequence[Value]) -> Value | None:
    """The constant that a method of a constant text gives, None where it is not known."""
    consts = [arg.const for arg in args]
    if name not in _FOLDED or any(const is NOTHING for const in consts) or len(receiver) > _LONGEST_CONST:
        return None
    if name in ("decode", "encode"):
        return constant(receiver)
    if name == "replace" and any(isinstance(each, str) and len(each) > LONGEST for each in consts):
        return None
    try:
        result: Any = getattr(receiver, name)(*consts)
    except (TypeError, ValueError, AttributeError, OverflowError, MemoryError):
        return None
    return constant(result) if not isinstance(result, str) or len(result) <= _LONGEST_CONST else None


def method(name: str, receiver: Value, taints: Taints, args: Sequence[Value]) -> Value:
    """What a method of tainted text gives."""
    shape = receiver.shape if name in ("strip", "encode", "decode", "rstrip") else ""
    if name == "replace" and args and isinstance(args[0].const, str):
        taints = cleaned(taints, _REPLACED.get(args[0].const, frozenset()))
        shape = receiver.shape
    if name in _PIECES:
        taints = cleaned(taints, _of_pieces(name, args))
    return Value(taints=taints, shape=shape)


def _of_pieces(name: str, args: Sequence[Value]) -> frozenset[str]:
    """Marks of what a text was cut into: whether all pieces, the first or the last are without a separator of paths."""
    if not args or args[0].const not in ("/", "\\"):
        return frozenset({"+part"})
    if name in ("split", "rsplit") and len(args) == 1:
        return frozenset({"+part", "+pieces"})
    return frozenset({"+part", "+last" if name.startswith("r") else "+first"})
