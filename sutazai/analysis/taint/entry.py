"""Where an analysis of a file begins: its body, then each function worth it, with what is known of its parameters."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from sutazai.analysis.taint.code import Const, Function, Param
from sutazai.analysis.taint.follow import is_static
from sutazai.analysis.taint.frame import Frame, Route
from sutazai.analysis.taint.project import Closure, Module
from sutazai.analysis.taint.routes import is_harmless, is_request, parts_of, route_of
from sutazai.analysis.taint.state import State
from sutazai.analysis.taint.values import Held, Source, Step, Taint, Value, cleaned, named
from sutazai.analysis.taint.worth import Signs, Worth, may_begin, may_end, with_called

if TYPE_CHECKING:
    from sutazai.analysis.taint.machine import Machine

_PARAM: Final = 0.5
_ROUTED: Final = 0.9
_SELF: Final = frozenset({"self", "cls", "mcs"})
_VIEW: Final = 0.6
_METHODS: Final = frozenset({"get", "post", "put", "patch", "delete", "head"})
_NUMBER_NAMES: Final = re.compile(r"(?i)\b(int|float|bool|bytes|Path|UUID|datetime|date|Decimal)\b")


def analyse(machine: "Machine", module: Module) -> None:
    """Everything in a file."""
    machine.prepared(module)
    seen: set[int] = set()
    worth = machine.tables.worth
    known = _signs(machine.queue, module, worth)
    while machine.queue:
        closure = machine.queue.pop()
        function = closure.function
        if closure.module is not module or function.start in seen:
            continue
        seen.add(function.start)
        route = route_of(function, module.source.text)
        signs = known[function.start] if function.start in known else worth.signs(_text(function, module))
        if route is not None or may_begin(signs) or may_end(signs):
            _run(machine, closure, route)


def _signs(closures: Iterable[Closure], module: Module, worth: Worth) -> dict[int, Signs]:
    """The signs of functions, with those of what they call, by where they begin."""
    functions = [each.function for each in closures if each.module is module]
    texts = [_text(each, module) for each in functions]
    signs = with_called(texts, [worth.signs(each) for each in texts])
    return {each.start: own for each, own in zip(functions, signs, strict=True)}


def _text(function: Function, module: Module) -> str:
    return module.tree.source[function.start : function.end].decode("utf-8", "replace")


def _run(machine: "Machine", closure: Closure, route: Route | None) -> None:
    module, function = closure.module, closure.function
    owner = f"{function.owner}." if function.owner else ""
    frame = machine.frame(module, around=closure.around, symbol=f"{owner}{function.name}", cls=closure.cls, route=route)
    state = State({}, dict(module.state.heap))
    params = list(function.params)
    if closure.cls is not None and params and not is_static(function):
        own = params.pop(0)
        held = Held("object", {}, exact=False, cls=closure.cls)
        state.names[own.name] = state.keep((frame.serial, -1, 0), held, f"?{own.name}")
    parts = parts_of(route.rule) if route is not None else {}
    view = _is_view(closure, params)
    for param in params:
        state.names[param.name] = _given(param, frame, function.start, route, parts, view=view)
    machine.flow.run_function(closure, state, frame)


def _is_view(closure: Closure, params: list[Param]) -> bool:
    """Whether this is a view of Django: its other parameters come from the address."""
    if not params or params[0].name != "request" or "django" not in closure.module.source.text:
        return False
    return closure.cls is None or closure.function.name in _METHODS


def _given(
    param: Param, frame: Frame, start: int, route: Route | None, parts: dict[str, frozenset[str]], *, view: bool
) -> Value:
    ref = f"?{param.name}"
    if is_request(param.annotation) or param.name in ("request", "req"):
        return named("?request")
    if param.name in _SELF or param.kind or _cannot_carry(param, route, parts):
        return named(ref)
    path = frame.module.path
    if route is not None:
        taint = _taint(path, start, "request", _ROUTED, f"`{param.name}` comes from the request")
        return named(ref, cleaned((taint,), parts.get(param.name, frozenset())))
    if view:
        taint = _taint(path, start, "request", _VIEW, f"`{param.name}` comes from the address")
        return named(ref, cleaned((taint,), frozenset({"path"})))
    return named(ref, (_taint(path, start, "param", _PARAM, f"`{param.name}` is whatever the caller gives"),))


def _cannot_carry(param: Param, route: Route | None, parts: dict[str, frozenset[str]]) -> bool:
    """Whether no text from outside can be in a parameter: a number by its type, or nothing that a route fills."""
    if route is not None:
        unfilled = route.page and param.name not in parts
        return unfilled or is_harmless(param.annotation, param.default)
    return _NUMBER_NAMES.search(param.annotation) is not None or _is_number(param)


def _is_number(param: Param) -> bool:
    return isinstance(param.default, Const) and isinstance(param.default.value, int | float)


def _taint(path: str, start: int, kind: str, confidence: float, note: str) -> Taint:
    return Taint(Source(path, start, start, kind, note, confidence), Step(path, start, start, note))
