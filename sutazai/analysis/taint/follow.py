"""Calls into code of the project: the body is run with the values that are handed over, bounded in depth."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sutazai.analysis.taint import facts
from sutazai.analysis.taint.calling import Calling, Given
from sutazai.analysis.taint.code import Function, Name
from sutazai.analysis.taint.containers import stored
from sutazai.analysis.taint.frame import Frame
from sutazai.analysis.taint.names_in_scope import is_import
from sutazai.analysis.taint.project import Bound, ClassInfo, Closure
from sutazai.analysis.taint.routes import route_of
from sutazai.analysis.taint.state import State, joined
from sutazai.analysis.taint.values import NOTHING, UNKNOWN, Held, Place, Value, cleaned, joined_values, union

if TYPE_CHECKING:
    from sutazai.analysis.taint.machine import Machine

_DEEPEST: Final = 5
_SHORT: Final = 300  # bytes
_DEEPEST_SHORT: Final = 2
_XSS: Final = frozenset({"xss"})


class Following:
    """Runs functions and classes of the project where they are called."""

    def __init__(self, machine: "Machine") -> None:
        self.machine = machine
        self._active: list[Function] = []
        self._sources: dict[Function, bool] = {}
        self._plain: dict[tuple[int, tuple[object, ...]], Value] = {}

    def call(self, callee: Value, call: Calling) -> Value | None:
        """What the call gives, None where it is not followed."""
        target = callee.callee
        if isinstance(target, ClassInfo):
            return self._made(target, call)
        receiver = UNKNOWN
        if isinstance(target, Bound):
            receiver, target = target.receiver, target.closure
        if not isinstance(target, Closure) or len(self._active) >= _DEEPEST or target.function in self._active:
            return None
        return self._run(target, receiver, call)

    def elsewhere(self, call: Calling) -> Value | None:
        """What a call of an imported name gives, None unless the project has it and it is worth reading."""
        module, _, member = call.ref.rpartition(".")
        if not module or not is_import(call.ref):
            return None
        source = self.machine.project.source(module)
        if source is None or not (self._strangers(call.receiver, call) or self.machine.project.has_source(source)):
            return None
        found = self.machine.members(module).get(member)
        return self.call(found, call) if found is not None else None

    def _made(self, cls: ClassInfo, call: Calling) -> Value:
        made = Held("object", {}, exact=False, cls=cls)
        start = cls.find("__init__")
        if start is None:
            for arg, value in call.given:
                made = stored(made, arg.name if arg.name and arg.name[0] != "*" else NOTHING, value)
            fields = [name for name, value in cls.members.items() if value.callee is None]
            for name, (arg, value) in zip(fields, call.given, strict=False):
                made = made.put(name, value) if arg.name == "" else made
        value = call.state.keep(call.place, made, f"?{cls.name}()")
        if start is not None and isinstance(start.callee, Closure):
            self.call(Value(callee=Bound(start.callee, value)), call)
        return value

    def _run(self, closure: Closure, receiver: Value, call: Calling) -> Value | None:
        function, state, frame = closure.function, call.state, call.frame
        key = self._key(closure, receiver, call.given)
        if key is not None and key in self._plain:
            return self._plain[key]
        if not self._worth(closure, receiver, call):
            return None
        self.machine.prepared(closure.module)
        names = bound(closure, receiver, call, self.machine)
        prefix = f"\0{frame.serial}:"
        names.update({prefix + name: value for name, value in state.names.items() if value.taints})
        inner = self.machine.frame(
            closure.module,
            depth=frame.depth + 1,
            around=closure.around,
            symbol=function.name,
            cls=closure.cls,
            top=False,
        )
        self._active.append(function)
        try:
            end = self.machine.flow.run_function(closure, State(names, dict(state.heap), state.proved), inner)
        finally:
            self._active.pop()
        result = self._back(inner, end, prefix, state, frame)
        if route_of(function, closure.module.source.text) is not None:
            result = result.with_taints(cleaned(result.taints, _XSS))
        if key is not None and result.obj is None:
            self._plain[key] = result
        return result

    def _strangers(self, receiver: Value, call: Calling) -> bool:
        values = (receiver, *(value for _, value in call.given))
        return any(taint.source.kind == "request" for value in values for taint in call.state.taints(value))

    def _worth(self, closure: Closure, receiver: Value, call: Calling) -> bool:
        """Whether following tells anything: strangers' data goes in or may come out, or the body is short."""
        if self._strangers(receiver, call):
            return True
        function = closure.function
        if function.end - function.start <= _SHORT and len(self._active) < _DEEPEST_SHORT:
            return True
        if function not in self._sources:
            text = closure.module.tree.source[function.start : function.end].decode("utf-8", "replace")
            self._sources[function] = self.machine.tables.worth.has_source(text)
        return self._sources[function]

    def _key(self, closure: Closure, receiver: Value, given: Sequence[Given]) -> tuple[int, tuple[object, ...]] | None:
        """What tells one plain call from another: only calls without taint and without things of the heap have it."""
        if receiver.obj is not None or any(
            value.taints or value.obj is not None or value.callee is not None or value.ref for _, value in given
        ):
            return None
        consts = tuple((arg.name, type(value.const), value.const) for arg, value in given)
        try:
            hash(consts)
        except TypeError:
            return None
        return id(closure.function), consts

    def _back(self, inner: Frame, end: State | None, prefix: str, state: State, frame: Frame) -> Value:
        """Brings what the call did back to its caller."""
        result: Value | None = None
        final = end
        for value, at in inner.returned:
            if result is None:
                result = value
            elif result.obj is not None and value.obj is not None and result.obj != value.obj and final is not None:
                result = joined_values(result, value).with_taints(union(final.taints(result), at.taints(value)))
            else:
                result = joined_values(result, value)
            final = joined(final, at)
        if final is None:
            frame.ended = True
            return UNKNOWN
        state.proved = final.proved
        state.heap = _kept(state.heap, final, [*([result] if result is not None else []), *inner.yielded], prefix)
        for name, value in final.names.items():
            if name.startswith(prefix):
                state.names[name.removeprefix(prefix)] = value
        if inner.yielded:
            found = inner.yielded[0]
            for each in inner.yielded[1:]:
                found = joined_values(found, each)
            return state.keep((inner.serial, 0, 0), Held("list", {}, exact=False, rest=found))
        if result is None:
            return Value(const=None)
        ends = [*inner.returned, *([(Value(const=None), end)] if end is not None else [])]
        yes, no = facts.told_by(ends)
        result = result if end is None or result.const is None else joined_values(result, Value(const=None))
        return result.but(yes=yes, no=no)


def _kept(before: dict[Place, Held], final: State, results: list[Value], prefix: str) -> dict[Place, Held]:
    """The heap after a call, without what nobody can reach any more."""
    kept = {place: held for place, held in final.heap.items() if place in before}
    todo = [*results, *(value for name, value in final.names.items() if name.startswith(prefix))]
    for place, held in kept.items():
        if held is not before[place]:
            todo += [*held.items.values(), held.rest]
    while todo:
        value = todo.pop()
        if value.obj is not None and value.obj not in kept and value.obj in final.heap:
            held = kept[value.obj] = final.heap[value.obj]
            todo += [*held.items.values(), held.rest]
    return kept


def is_static(function: Function) -> bool:
    """Whether a method takes no object."""
    return any(isinstance(each, Name) and each.id == "staticmethod" for each in function.decorators)


def bound(closure: Closure, receiver: Value, call: Calling, machine: "Machine") -> dict[str, Value]:
    """The parameters of a function with what a call gives them."""
    function, state, frame, given = closure.function, call.state, call.frame, call.given
    params = list(function.params)
    names: dict[str, Value] = {}
    if receiver is not UNKNOWN and params and not is_static(function):
        names[params.pop(0).name] = receiver
    positional = [(arg, value) for arg, value in given if arg.name == ""]
    spread = union(*(state.taints(value) for arg, value in given if arg.name in ("*", "**")))
    keywords = {arg.name: value for arg, value in given if arg.name and arg.name[0] != "*"}
    for param in params:
        if param.kind == "*":
            rest = [value for _, value in positional]
            taints = union(spread, *(state.taints(value) for value in rest))
            held = Held("tuple", dict(enumerate(rest)), exact=not spread, rest=Value(taints=taints))
            names[param.name] = state.keep((frame.serial, -function.start - 2, call.expr.start), held)
            positional = []
        elif param.kind == "**":
            held = Held("dict", {key: value for key, value in keywords.items() if key not in names}, exact=not spread)
            names[param.name] = state.keep(
                (frame.serial, -function.start - 3, call.expr.start), held.but(rest=Value(taints=spread))
            )
        elif positional:
            names[param.name] = positional.pop(0)[1]
        elif param.name in keywords:
            names[param.name] = keywords[param.name]
        elif param.default is not None:
            names[param.name] = machine.evaluate(param.default, State(dict(closure.around)), frame)
        else:
            names[param.name] = Value(taints=spread)
    path = frame.module.path
    for name, value in names.items():
        if value.taints and given:
            note = f"passed to `{function.name}` as `{name}`"
            at = given[0][0].value
            names[name] = value.with_taints(tuple(each.moved(path, at.start, at.end, note) for each in value.taints))
    return names
