"""Builtins whose result depends on what they are given: conversions, iteration, `getattr`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sutazai.analysis.taint import facts
from sutazai.analysis.taint.calling import Calling
from sutazai.analysis.taint.code import Arg, Attr
from sutazai.analysis.taint.containers import element
from sutazai.analysis.taint.names_in_scope import attribute
from sutazai.analysis.taint.state import whole
from sutazai.analysis.taint.values import PATH_ONLY, UNKNOWN, Held, Value, as_list, cleaned, constant, named, union

if TYPE_CHECKING:
    from sutazai.analysis.taint.machine import Machine

_LONGEST_NUMBER: Final = 15
_NUMBERS: Final = frozenset({"int", "float", "bool", "complex", "Decimal", "UUID", "Integral", "Number"})


def _str(_machine: "Machine", call: Calling) -> Value | None:
    value = call.first
    if isinstance(value.const, str | int | float | bool):
        return constant(str(value.const))
    return Value(taints=call.state.taints(value), shape=value.shape, ref=value.ref if "Path(" in value.ref else "")


def _length(_machine: "Machine", call: Calling) -> Value | None:
    value = call.first
    if isinstance(value.const, str):
        return constant(len(value.const))
    held = call.state.held(value)
    return constant(len(held.items)) if held is not None and held.exact and held.kind != "object" else UNKNOWN


def _int(_machine: "Machine", call: Calling) -> Value | None:
    const = call.first.const
    if isinstance(const, int | float):
        return constant(int(const))
    return (
        constant(int(const))
        if isinstance(const, str) and const.isascii() and const.isdigit() and len(const) < _LONGEST_NUMBER
        else UNKNOWN
    )


def _sorted(_machine: "Machine", call: Calling) -> Value | None:
    held = call.state.held(call.first)
    if held is None:
        return Value(taints=call.first.taints)
    rest = whole(held) if held.kind != "dict" else UNKNOWN
    return call.state.keep(call.place, Held("list", {}, exact=False, rest=rest))


def _reversed(_machine: "Machine", call: Calling) -> Value | None:
    held = call.state.held(call.first)
    if held is not None and held.exact and held.kind in ("list", "tuple"):
        return call.state.keep(call.place, as_list("list", held.sequence()[::-1]))
    return _sorted(_machine, call)


def _next(_machine: "Machine", call: Calling) -> Value | None:
    held = call.state.held(call.first)
    if held is None:
        return Value(taints=union(*(call.state.taints(value) for _, value in call.given)))
    return whole(held)


def _same(_machine: "Machine", call: Calling) -> Value | None:
    return call.first


def _numbered(_machine: "Machine", call: Calling) -> Value | None:
    inner = element(call.first, call.state)
    pair = call.state.keep((call.frame.serial, -call.expr.start - 1, call.expr.end), as_list("tuple", [UNKNOWN, inner]))
    return call.state.keep(call.place, Held("list", {}, exact=False, rest=pair))


def _zipped(_machine: "Machine", call: Calling) -> Value | None:
    inner = [element(value, call.state) for arg, value in call.given if arg.name == ""]
    pair = call.state.keep((call.frame.serial, -call.expr.start - 1, call.expr.end), as_list("tuple", inner))
    return call.state.keep(call.place, Held("list", {}, exact=False, rest=pair))


def _mapped(machine: "Machine", call: Calling) -> Value | None:
    if len(call.given) < 2:  # noqa: PLR2004 (a function and what it is applied to)
        return UNKNOWN
    func = call.first
    inner = [(Arg("", arg.value), element(value, call.state)) for arg, value in call.given[1:]]
    name = func.ref.rpartition(".")[2].lstrip("?")
    one = Calling(call.expr, func, UNKNOWN, name, func.ref or "?", inner, call.state, call.frame)
    result = machine.calls.invoke(one)
    return call.state.keep(call.place, Held("list", {}, exact=False, rest=result))


def _filtered(_machine: "Machine", call: Calling) -> Value | None:
    return call.given[1][1] if len(call.given) > 1 else UNKNOWN


def _getattr(machine: "Machine", call: Calling) -> Value | None:
    values = [value for _, value in call.given]
    if len(values) > 1 and isinstance(values[1].const, str):
        made = Attr(call.expr.start, call.expr.end, call.expr.args[0].value, values[1].const)
        return attribute(machine, made, values[0], call.state, call.frame)
    return Value(taints=call.state.taints(call.first))


def _isinstance(_machine: "Machine", call: Calling) -> Value | None:
    if len(call.given) > 1 and call.given[1][1].ref.rpartition(".")[2].lstrip("?") in _NUMBERS:
        return Value(yes=facts.fact(call.state.taints(call.first), frozenset({"*"})))
    return UNKNOWN


def _compiled(_machine: "Machine", call: Calling) -> Value | None:
    pattern = call.first.const
    return Value(ref="re.compile()", shape=pattern if isinstance(pattern, str) else "")


def _path(_machine: "Machine", call: Calling) -> Value | None:
    taints = union(*(call.state.taints(value) for _, value in call.given))
    return named("pathlib.Path()", tuple(each.but(clean=each.clean - {"+resolved"}) for each in taints))


def _os_join(_machine: "Machine", call: Calling) -> Value | None:
    taints = union(*(call.state.taints(value) for _, value in call.given))
    return named("os.path.join()", tuple(each.but(clean=each.clean - {"+resolved"}) for each in taints))


def _all_of(_machine: "Machine", call: Calling) -> Value | None:
    """`all(c in ALLOWED for c in text)`: what holds for each piece holds for the whole."""
    held = call.state.held(call.first)
    return Value(yes=held.rest.yes) if held is not None else UNKNOWN


def _any_of(_machine: "Machine", call: Calling) -> Value | None:
    held = call.state.held(call.first)
    if held is None:
        return UNKNOWN
    # One folder out of several may hold a path; one character out of several proves nothing of a text.
    return Value(no=held.rest.no, yes=tuple(each for each in held.rest.yes if each.kinds <= PATH_ONLY))


def _substituted(_machine: "Machine", call: Calling) -> Value | None:
    """`re.sub`: one that removes all but plain characters cleans."""
    values = [value for _, value in call.given]
    if len(values) < 3:  # noqa: PLR2004 (pattern, replacement, text)
        return None
    pattern = values[0].const
    keeps_plain = isinstance(pattern, str) and pattern.startswith("[^") and values[1].const in ("", "_", "-", " ")
    if keeps_plain and not set(str(pattern)[2:]) & set("'\"<>/;&|$`("):
        return UNKNOWN
    return Value(taints=union(call.state.taints(values[1]), call.state.taints(values[2])))


def _quoted(_machine: "Machine", call: Calling) -> Value | None:
    """`urllib.parse.quote`: a slash stays unless `safe` is empty."""
    kinds = frozenset({"xss", "header", "log", "ldap", "sql", "xpath"})
    if any(arg.name == "safe" and value.const == "" for arg, value in call.given):
        kinds |= {"path", "redirect"}
    return Value(taints=cleaned(call.state.taints(call.first), kinds))


_Work = Callable[["Machine", Calling], Value | None]
BUILTINS: Final[dict[str, _Work]] = {
    "str": _str, "unicode": _str, "format": _str, "bytes": _str, "os.fspath": _str, "len": _length, "int": _int,
    "sorted": _sorted, "reversed": _reversed, "next": _next, "iter": _same, "tuple": _same, "frozenset": _same,
    "enumerate": _numbered, "zip": _zipped, "map": _mapped, "filter": _filtered, "getattr": _getattr,
    "isinstance": _isinstance, "re.compile": _compiled, "pathlib.Path": _path, "pathlib.PurePath": _path,
    "pathlib.PosixPath": _path, "os.path.join": _os_join, "all": _all_of, "any": _any_of, "re.sub": _substituted,
    "urllib.parse.quote": _quoted, "copy.copy": _same, "copy.deepcopy": _same,
}  # fmt: skip
