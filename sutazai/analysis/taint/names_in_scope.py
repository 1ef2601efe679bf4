"""What a name or an attribute stands for: variables, imports, builtins, members of objects, and sources by name."""

from typing import TYPE_CHECKING, Final

from sutazai.analysis.taint.calling import Calling
from sutazai.analysis.taint.code import Attr, Call, Expr, Name
from sutazai.analysis.taint.frame import Frame
from sutazai.analysis.taint.project import Bound, ClassInfo, Closure
from sutazai.analysis.taint.state import State
from sutazai.analysis.taint.tables import Row
from sutazai.analysis.taint.values import NOTHING, UNKNOWN, Source, Step, Taint, Taints, Value, named

if TYPE_CHECKING:
    from sutazai.analysis.taint.machine import Machine

_BUILTINS: Final = frozenset({
    "input", "raw_input", "eval", "exec", "compile", "open", "file", "execfile", "__import__", "str", "bytes",
    "bytearray", "unicode", "format", "list", "tuple", "set", "frozenset", "sorted", "reversed", "iter",
    "next", "dict", "enumerate", "zip", "map", "filter", "max", "min", "sum", "getattr", "vars", "memoryview",
    "int", "float", "bool", "len", "complex", "ord", "hash", "id", "isinstance", "hasattr", "callable",
    "issubclass", "type", "round", "abs", "range", "any", "all", "repr", "ascii", "super", "print", "chr",
    "setattr",
})  # fmt: skip
_PROPERTIES: Final = frozenset({"property", "cached_property", "reify"})


def name(machine: "Machine", expr: Name, state: State, frame: Frame) -> Value:
    """The value of a variable."""
    for names in (state.names, frame.around, frame.module.state.names):
        value = names.get(expr.id)
        if value is not None:
            return value
    for module in frame.module.wildcards:
        ref = f"{module}.{expr.id}"
        if machine.tables.find("sink", ref) or machine.tables.find("source", ref) or ref == "flask.request":
            return named(ref)
    return named(expr.id if expr.id in _BUILTINS else f"?{expr.id}")


def attribute(machine: "Machine", expr: Attr, obj: Value, state: State, frame: Frame) -> Value:
    """The value of `obj.name`."""
    if isinstance(expr.obj, Name):
        kept = state.names.get(f"{expr.obj.id}.{expr.name}")
        if kept is not None:
            return kept
    held = state.held(obj)
    if held is not None:
        found = _member(held.items.get(expr.name), held.cls, expr.name, obj)
        if found is not None:
            return _property(machine, found, expr, state, frame)
        if held.kind == "object" and held.rest.taints:
            return held.rest
    if isinstance(obj.callee, ClassInfo):
        return obj.callee.find(expr.name) or UNKNOWN
    return _by_name(machine, expr, obj, state, frame)


def _by_name(machine: "Machine", expr: Attr, obj: Value, state: State, frame: Frame) -> Value:
    taints = state.piece(obj.taints, NOTHING, f".{expr.name}")
    if not obj.ref:
        return Value(taints=taints)
    ref = f"{obj.ref}.{expr.name}"
    row = machine.tables.find("source", ref)
    if row is not None and not row.bare and all(each.source.kind == "param" for each in obj.taints):
        return named(ref, introduced(row, expr, frame))
    return named(ref, taints)


def _member(own: Value | None, cls: ClassInfo | None, name: str, obj: Value) -> Value | None:
    if own is not None or cls is None:
        return own
    found = cls.find(name)
    if found is not None and isinstance(found.callee, Closure):
        return Value(callee=Bound(found.callee, obj))
    return found


def _property(machine: "Machine", found: Value, expr: Attr, state: State, frame: Frame) -> Value:
    if isinstance(found.callee, Bound):
        decorators = found.callee.closure.function.decorators
        if any(isinstance(each, Name) and each.id in _PROPERTIES for each in decorators):
            call = Call(expr.start, expr.end, expr, [])
            calling = Calling(call, found, found.callee.receiver, expr.name, "", [], state, frame)
            return machine.calls.following.call(found, calling) or UNKNOWN
    return found


def is_import(ref: str) -> bool:
    """Whether a value is called by the dotted name of an import."""
    return ref[:1] not in ("?", "") and "(" not in ref and "[" not in ref


def introduced(row: Row, at: Expr, frame: Frame, note: str = "") -> Taints:
    """The taint that a source gives to what is read from it here; none for the fixed path of a route."""
    kind = row.kind
    if kind == "path":
        if frame.route is not None and frame.route.rule and "<" not in frame.route.rule:
            return ()
        kind = "request"
    source = Source(frame.module.path, at.start, at.end, kind, note or row.note, row.confidence)
    return (Taint(source, Step(frame.module.path, at.start, at.end, note or row.note)),)
