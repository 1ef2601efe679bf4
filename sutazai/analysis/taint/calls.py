"""Calls: what they are checked for, and what they give back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sutazai.analysis.taint import containers, facts, names, runners, text
from sutazai.analysis.taint.builtin_calls import BUILTINS
from sutazai.analysis.taint.calling import Calling, Given
from sutazai.analysis.taint.code import Attr, Call, Expr, Name
from sutazai.analysis.taint.follow import Following
from sutazai.analysis.taint.frame import Frame
from sutazai.analysis.taint.names_in_scope import attribute, introduced
from sutazai.analysis.taint.project import Bound, ClassInfo, Closure
from sutazai.analysis.taint.state import State, whole
from sutazai.analysis.taint.tables import Row
from sutazai.analysis.taint.values import (
    HOLE,
    NOTHING,
    UNKNOWN,
    Fact,
    Held,
    Taints,
    Value,
    cleaned,
    constant,
    mixed,
    named,
    shape_of,
    union,
)

if TYPE_CHECKING:
    from sutazai.analysis.taint.machine import Machine

_UNSURE: Final = 0.93
_READ: Final = frozenset({
    "get", "getlist", "get_all", "getall", "getfirst", "getvalue", "items", "keys", "values", "pop", "read",
    "readline", "readlines", "iter_content", "lists", "to_dict", "decode", "json", "text", "form", "body",
    "dict", "copy", "get_data", "get_json", "__getitem__", "most_common",
})  # fmt: skip
_ONE_OF: Final = frozenset(
    {"get", "getlist", "getall", "get_all", "getfirst", "getvalue", "pop", "group", "__getitem__"}
)
_MATCHES: Final = {"match": False, "fullmatch": True, "search": False}
_ENDS: Final = frozenset(
    {"flask.abort", "quart.abort", "bottle.abort", "sys.exit", "os._exit", "os.abort", "?abort", "?exit", "?quit"}
)


_CONVERTERS: Final = ("type", "cast", "coerce")  # as in `request.args.get("page", 1, type=int)`
_NUMBERS: Final = ("int", "float", "bool", "uuid.UUID", "decimal.Decimal")
_PUT_TOGETHER: Final = ("format", "format_map", "join")
_HANDED_ON: Final = ("xss", "deserialise", "log")


class Calls:
    """Evaluates calls."""

    def __init__(self, machine: "Machine") -> None:
        self.machine = machine
        self.following = Following(machine)

    def call(self, expr: Call, state: State, frame: Frame) -> Value:
        """What a call gives; what it does is done to `state`."""
        func = expr.func
        receiver = UNKNOWN
        if isinstance(func, Attr):
            receiver = self.machine.evaluate(func.obj, state, frame)
            callee = attribute(self.machine, func, receiver, state, frame)
            name = func.name
            ref = callee.ref or f"{receiver.ref or _called(func.obj)}.{name}"
        else:
            callee = self.machine.evaluate(func, state, frame)
            name = func.id if isinstance(func, Name) else ""
            ref = callee.ref or "?"
        given = [(arg, self.machine.evaluate(arg.value, state, frame)) for arg in expr.args]
        return self.invoke(Calling(expr, callee, receiver, name, ref, given, state, frame))

    def invoke(self, call: Calling) -> Value:
        """A call whose parts are evaluated."""
        handed = runners.handed_on(self.machine, call)
        if handed is not None:
            inner, gives = handed
            result = self._apart(inner)
            if gives:
                return result
        sink = None
        if isinstance(call.callee.callee, Closure | Bound | ClassInfo):
            followed = self.following.call(call.callee, call)
            if followed is not None:
                return followed
        else:
            sink = self.machine.tables.find("sink", call.ref)
            if sink is not None:
                self.machine.sinks.check(sink, call.expr, call.receiver, call.given, call.state, call.frame)
            if call.ref in _ENDS:
                call.frame.ended = True
                return UNKNOWN
        converted = any(arg.name in _CONVERTERS and value.ref in _NUMBERS for arg, value in call.given)
        known = UNKNOWN if converted else self._known(call)
        if known is not None:
            return known
        if sink is not None and sink.kind not in _HANDED_ON:
            return named(f"{call.ref}()", _opaque(call.receiver.taints))
        elsewhere = self.following.elsewhere(call)
        return elsewhere if elsewhere is not None else self._unknown(call)

    def _apart(self, call: Calling) -> Value:
        """A call that something else makes: where it never comes to its end, this code goes on."""
        ended = call.frame.ended
        result = self.invoke(call)
        call.frame.ended = ended
        return result

    def _known(self, call: Calling) -> Value | None:
        receiver, state = call.receiver, call.state
        if isinstance(receiver.const, str):
            folded = text.folded(call.name, receiver.const, call.args)
            if folded is not None:
                return folded
        source = self.machine.tables.find("source", f"{call.ref}()")
        if source is not None:
            return named(f"{call.ref}()", introduced(source, call.expr, call.frame))
        if call.ref in containers.MADE:
            made = _made(containers.MADE[call.ref], call.given, state)
            return state.keep(call.place, made, f"{call.ref}()")
        if receiver.obj is not None:
            done = _on_held(call)
            if done is not None:
                return done
        on_text = call.name in _PUT_TOGETHER and isinstance(call.expr.func, Attr)
        if on_text and (receiver.const is not NOTHING or receiver.shape or call.name != "join"):
            done = _text(call)
            if done is not None:
                return done
        return self._by_table(call)

    def _by_table(self, call: Calling) -> Value | None:
        state = call.state
        if call.name in _MATCHES and (call.ref.startswith("re.") or call.receiver.ref == "re.compile()"):
            return _matched(call)
        subject = state.taints(call.receiver)
        yes, no = facts.tested(call.name, subject, call.args) if subject else ((), ())
        if call.name == "relative_to" and yes:
            facts.hold(state, yes)  # it raises where the path lies elsewhere
            return named(f"{call.ref}()")
        if yes or no:
            return Value(yes=yes, no=no)
        work = BUILTINS.get(call.ref)
        done = work(self.machine, call) if work is not None else None
        return done if done is not None else self._by_row(call, subject)

    def _by_row(self, call: Calling, subject: Taints) -> Value | None:
        state, receiver = call.state, call.receiver
        row = self.machine.tables.find("clean", call.ref)
        if row is not None:
            return _cleaned(row, subject, call)
        if self.machine.tables.find("pass", call.ref) is not None:
            found = union(*(state.taints(value) for _, value in call.given))
            return Value(taints=union(subject, found), ref=f"{call.ref}()")
        if call.name in text.METHODS and (subject or receiver.shape or receiver.const is not NOTHING):
            if call.name == "replace":
                subject = union(subject, *(state.taints(value) for value in call.args[1:]))
            return text.method(call.name, receiver, subject, call.args)
        return None

    def _unknown(self, call: Calling) -> Value:
        state, name = call.state, call.name
        own = state.taints(call.receiver)
        if name in _ONE_OF and call.receiver.obj is None and call.args:
            own = state.piece(own, call.args[0].const, f"@{call.expr.start}")
        passed = union(*(state.taints(value) for _, value in call.given))
        yes: tuple[Fact, ...] = ()
        if passed and (names.tests(name) or names.refuses(name)):
            whole_values = union(*(value.taints for _, value in call.given if value.obj is None))
            yes = facts.fact(whole_values, frozenset({"*"}))
        keeps = not names.keeps_nothing(name) and not yes
        if isinstance(call.callee.callee, Closure | Bound):
            # The project's own function, not followed: too little is known to blame a caller nobody has seen.
            passed = tuple(each for each in passed if each.source.kind != "param")
        passed = union(passed, self._request_itself(call)) if keeps else ()
        if name not in _READ or call.receiver.obj is not None:
            own = _opaque(own)
        found = union(own, _opaque(passed))
        kinds = names.cleaned_by(name)
        return Value(taints=cleaned(found, kinds) if kinds else found, ref=f"{call.ref}()", yes=yes)

    def _request_itself(self, call: Calling) -> Taints:
        for _, value in call.given:
            row = self.machine.tables.find("source", value.ref) if value.ref else None
            if row is not None and row.bare:
                return introduced(row, call.expr, call.frame)
        return ()


def _cleaned(row: Row, subject: Taints, call: Calling) -> Value:
    if row.name.startswith("*.") and not subject and call.receiver.ref == "":
        return UNKNOWN
    taints = union(subject, *(call.state.taints(value) for _, value in call.given))
    return Value(taints=cleaned(taints, row.kinds), ref=f"{call.ref}()")


def _on_held(call: Calling) -> Value | None:
    state, receiver, args = call.state, call.receiver, call.args
    held = state.held(receiver)
    if held is not None and held.kind == "text" and call.name in ("getvalue", "read"):
        rest = [] if held.rest is UNKNOWN else [held.rest]
        return text.concatenated([*held.sequence(), *rest], state.taints)
    if held is not None and held.kind == "dict" and call.name == "update" and receiver.obj is not None:
        for arg, value in call.given:
            if arg.name not in ("", "*", "**"):
                state.heap[receiver.obj] = held = containers.stored(held, arg.name, value)
        if not args:
            return UNKNOWN
    return containers.called(state, receiver, call.name, args, call.place)


def _text(call: Calling) -> Value | None:
    """`join`, `format` and `format_map` of a text."""
    state, receiver, args = call.state, call.receiver, call.args
    if call.name != "format" and not args:
        return None
    if call.name == "join":
        return _join(receiver, args, state)
    if call.name == "format_map":
        return text.braces(receiver, lambda field: _field(field, [], {}, args[0], state), state.taints)
    named_args = {arg.name: value for arg, value in call.given if arg.name and arg.name[0] != "*"}
    spread = next((value for arg, value in call.given if arg.name == "**"), UNKNOWN)
    if any(arg.name == "*" for arg, _ in call.given):
        taints = union(*(state.taints(value) for _, value in call.given))
        return text.braces(receiver, lambda _field: Value(taints=taints), state.taints)
    return text.braces(receiver, lambda field: _field(field, args, named_args, spread, state), state.taints)


def _called(expr: Expr) -> str:
    if isinstance(expr, Name):
        return f"?{expr.id}"
    return f"?.{expr.name}" if isinstance(expr, Attr) else "?"


def _opaque(taints: Taints) -> Taints:
    return tuple(each.but(opaque=True, doubt=each.doubt * _UNSURE) for each in taints)


def _made(kind: str, given: Sequence[Given], state: State) -> Held:
    """A new thing of the heap, with what it is made from."""
    if kind == "text":
        return Held(kind, {0: given[0][1]} if given else {})
    if kind == "config":
        return Held(kind)
    made = Held(kind)
    for arg, value in given:
        held = state.held(value)
        if kind == "dict" and arg.name and arg.name[0] != "*":
            made = made.put(arg.name, value)
        elif held is not None and (held.kind == kind or (kind == "list" and held.kind in ("list", "tuple"))):
            made = made.but(items={**held.items}, exact=held.exact, rest=held.rest)
        elif held is not None:
            made = made.but(exact=False, rest=Value(taints=state.taints(value)) if kind == "dict" else whole(held))
        elif value.callee is None:
            made = made.but(exact=False, rest=containers.element(value, state))
    return made


def _matched(call: Calling) -> Value:
    compiled = call.receiver.ref == "re.compile()"
    args = call.args
    pattern = Value(const=call.receiver.shape or NOTHING) if compiled else (args[0] if args else UNKNOWN)
    at = 0 if compiled else 1
    subject = args[at] if len(args) > at else UNKNOWN
    taints = call.state.taints(subject)
    proven = facts.matched(pattern, taints, whole=_MATCHES[call.name])
    return Value(taints=taints, ref=f"{call.ref}()", yes=proven)


def _join(receiver: Value, args: Sequence[Value], state: State) -> Value:
    held = state.held(args[0])
    if held is None or not held.exact or held.kind not in containers.SEQUENCES:
        taints = union(state.taints(args[0]), receiver.taints)
        inner = whole(held).shape if held is not None else ""
        glue = shape_of(receiver)
        shape = f"{HOLE}{glue}{inner or HOLE}" if glue.strip(HOLE) else ""
        return Value(taints=mixed(taints) if shape else taints, shape=shape)
    parts: list[Value] = []
    for at, each in enumerate(held.items.values()):
        parts += [receiver, each] if at else [each]
    return text.concatenated(parts, state.taints) if parts else constant("")


def _field(field: str, args: Sequence[Value], given: dict[str, Value], spread: Value, state: State) -> Value:
    """The value of a replacement field: `0`, `name`, `0[key]`, `name.attr`."""
    head = field.partition(".")[0].partition("[")[0]
    if head.isdigit():
        value = args[int(head)] if int(head) < len(args) else UNKNOWN
    elif head in given:
        value = given[head]
    else:
        held = state.held(spread)
        value = containers.item(held, head) if held is not None else Value(taints=spread.taints)
    if "[" in field:
        key = field.partition("[")[2].partition("]")[0]
        held = state.held(value)
        if held is not None:
            return containers.item(held, int(key) if key.isdigit() and held.kind != "dict" else key)
    return Value(taints=state.taints(value)) if value.obj is not None else value
