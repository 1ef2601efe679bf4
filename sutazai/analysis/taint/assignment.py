"""Gives targets their values: names, attributes, items, and several at once."""

from typing import TYPE_CHECKING

from sutazai.analysis.taint.code import Assign, Attr, Display, Expr, Index, Name, Other, Star
from sutazai.analysis.taint.containers import SEQUENCES, called, element, item, stored
from sutazai.analysis.taint.frame import Frame
from sutazai.analysis.taint.state import State
from sutazai.analysis.taint.values import NOTHING, UNKNOWN, Held, Value, joined_values

if TYPE_CHECKING:
    from sutazai.analysis.taint.machine import Machine


def assign(machine: "Machine", stmt: Assign, state: State, frame: Frame) -> None:
    """`a = b = value`, `a += value`."""
    value = machine.evaluate(stmt.value, state, frame)
    if stmt.op and stmt.targets:
        target = stmt.targets[0]
        before = machine.evaluate(target, state, frame)
        held = state.held(before)
        if stmt.op == "+" and held is not None and held.kind == "list":
            called(state, before, "extend", [value], (frame.serial, stmt.start, stmt.end))
            return
        value = machine.expressions.binary(stmt.op, before, value, state, (frame.serial, stmt.start, stmt.end))
    for target in stmt.targets:
        bind(machine, target, value, state, frame)


def bind(machine: "Machine", target: Expr, value: Value, state: State, frame: Frame) -> None:
    """Gives a target its value."""
    if isinstance(target, Name):
        _name(target, value, state, frame)
    elif isinstance(target, Attr):
        _attr(machine, target, value, state, frame)
    elif isinstance(target, Index):
        _index(machine, target, value, state, frame)
    elif isinstance(target, Display):
        _several(machine, target.items, value, state, frame)
    elif isinstance(target, Star):
        held = Held("list", {}, exact=False, rest=value)
        bind(machine, target.value, state.keep((frame.serial, target.start, target.end), held), state, frame)
    elif isinstance(target, Other):
        for part in target.parts:
            bind(machine, part, value, state, frame)


def _name(target: Name, value: Value, state: State, frame: Frame) -> None:
    if value.taints:
        note = f"assigned to `{target.id}`"
        path = frame.module.path
        value = value.with_taints(tuple(each.moved(path, target.start, target.end, note) for each in value.taints))
    prefix = f"{target.id}."
    for each in [name for name in state.names if name.startswith(prefix)]:
        del state.names[each]
    state.names[target.id] = value
    if target.id in frame.shared:
        before = frame.module.state.names.get(target.id, value)
        frame.module.state.names[target.id] = joined_values(before, value)


def _attr(machine: "Machine", target: Attr, value: Value, state: State, frame: Frame) -> None:
    obj = machine.evaluate(target.obj, state, frame)
    held = state.held(obj)
    if held is not None and obj.obj is not None:
        state.heap[obj.obj] = held.put(target.name, value)
    elif isinstance(target.obj, Name):
        state.names[f"{target.obj.id}.{target.name}"] = value


def _index(machine: "Machine", target: Index, value: Value, state: State, frame: Frame) -> None:
    obj = machine.evaluate(target.obj, state, frame)
    key = machine.evaluate(target.key, state, frame)
    held = state.held(obj)
    ref = obj.ref or (f"?{target.obj.id}" if isinstance(target.obj, Name) else "")
    row = machine.tables.find("sink", f"{ref}[]") if ref else None
    if row is not None:
        machine.sinks.stored(row, target, key, value, state, frame)
    if held is not None and obj.obj is not None:
        if held.kind == "config":
            state.heap[obj.obj] = stored(held, NOTHING, Value(taints=state.taints(value)))
        else:
            state.heap[obj.obj] = stored(held, key.const, value)


def _several(machine: "Machine", targets: list[Expr], value: Value, state: State, frame: Frame) -> None:
    held = state.held(value)
    star = next((at for at, target in enumerate(targets) if isinstance(target, Star)), None)
    exact = held is not None and held.exact and held.kind in SEQUENCES
    for at, target in enumerate(targets):
        if held is None or not exact:
            inner = element(value, state)
            inner = inner.with_taints(state.piece(value.taints, at)) if held is None else inner
        elif star is None or at < star:
            inner = item(held, at)
        elif at > star:
            inner = item(held, at - len(targets))
        else:
            inner = UNKNOWN
            for each in held.sequence()[star : len(held.items) - (len(targets) - star - 1)]:
                inner = each if inner is UNKNOWN else joined_values(inner, each)
        bind(machine, target, inner, state, frame)
