"""The value of each kind of expression."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from sutazai.analysis.taint import facts, fold, text
from sutazai.analysis.taint.code import (
    Attr,
    Call,
    Chain,
    Choice,
    Compare,
    Comprehension,
    Const,
    Display,
    Expr,
    Function,
    Index,
    Joined,
    Lambda,
    Logic,
    Name,
    Not,
    Other,
    Return,
    Slice,
    Star,
    Table,
    Unary,
    Walrus,
    Yield,
)
from sutazai.analysis.taint.containers import SEQUENCES, element, item, sliced
from sutazai.analysis.taint.frame import Frame
from sutazai.analysis.taint.names_in_scope import attribute, name
from sutazai.analysis.taint.project import Closure
from sutazai.analysis.taint.state import State, whole
from sutazai.analysis.taint.values import (
    NOTHING,
    UNKNOWN,
    Fact,
    Held,
    Place,
    Value,
    as_list,
    constant,
    joined_values,
    union,
)

if TYPE_CHECKING:
    from sutazai.analysis.taint.machine import Machine

_NUMERIC: Final = frozenset({"-", "//", "**", "&", "^", "<<", ">>", "~"})


class Expressions:
    """Evaluates expressions."""

    def __init__(self, machine: "Machine") -> None:
        self.machine = machine

    def evaluate(self, expr: Expr, state: State, frame: Frame) -> Value:
        """The value of an expression."""
        self.machine.budget.spend()
        return _WORK[type(expr)](self, expr, state, frame)

    def truth(self, value: Value, state: State) -> bool | None:
        """Whether a value counts as true, None where that is open."""
        if value.const is not NOTHING:
            return bool(value.const)
        held = state.held(value)
        if held is not None and held.exact and held.kind in ("list", "tuple", "dict") and not value.taints:
            return bool(held.items)
        return None

    def const(self, expr: Const, _state: State, _frame: Frame) -> Value:
        """A literal."""
        return constant(expr.value)

    def name(self, expr: Name, state: State, frame: Frame) -> Value:
        """A variable."""
        return name(self.machine, expr, state, frame)

    def attr(self, expr: Attr, state: State, frame: Frame) -> Value:
        """`obj.name`."""
        return attribute(self.machine, expr, self.evaluate(expr.obj, state, frame), state, frame)

    def index(self, expr: Index, state: State, frame: Frame) -> Value:
        """`obj[key]`."""
        obj = self.evaluate(expr.obj, state, frame)
        key = self._key(expr.key, state, frame)
        held = state.held(obj)
        if held is not None:
            if held.kind == "config":
                return whole(held)
            if isinstance(key, slice):
                return state.keep((frame.serial, expr.start, expr.end), sliced(held, key))
            return item(held, key)
        if obj.const is not NOTHING:
            return constant(fold.indexed(obj.const, key))
        last = isinstance(expr.key, Slice) and not isinstance(key, slice)
        taints = obj.taints if isinstance(expr.key, Slice) else state.piece(obj.taints, key, f"@{expr.start}")
        return Value(taints=taints, ref=f"{obj.ref}[]" if obj.ref and not last else "", shape="")

    def _key(self, expr: Expr, state: State, frame: Frame) -> Any:
        if not isinstance(expr, Slice):
            return self.evaluate(expr, state, frame).const
        parts = [None if part is None else self.evaluate(part, state, frame).const for part in expr.parts]
        if all(part is None or isinstance(part, int) for part in parts):
            return slice(*parts)
        return NOTHING

    def call(self, expr: Call, state: State, frame: Frame) -> Value:
        """A call."""
        return self.machine.calls.call(expr, state, frame)

    def joined(self, expr: Joined, state: State, frame: Frame) -> Value:
        """Text made of parts."""
        return text.concatenated([self.evaluate(part, state, frame) for part in expr.parts], state.taints)

    def chain(self, expr: Chain, state: State, frame: Frame) -> Value:
        """`a op b op c`."""
        value = self.evaluate(expr.first, state, frame)
        for op, right in expr.rest:
            value = self.binary(
                op, value, self.evaluate(right, state, frame), state, (frame.serial, expr.start, right.end)
            )
        return value

    def binary(self, op: str, left: Value, right: Value, state: State, place: Place) -> Value:
        """`left op right`."""
        if left.const is not NOTHING and right.const is not NOTHING:
            const = fold.arithmetic(op, left.const, right.const)
            if const is not NOTHING:
                return constant(const)
        one, other = state.held(left), state.held(right)
        if op == "+" and one is not None and one.kind in SEQUENCES:
            return state.keep(place, _added(one, other, right))
        if op == "+":
            return text.concatenated([left, right], state.taints)
        if op == "%":
            return text.percent(left, lambda key: _argument(key, right, state), state.taints)
        taints = () if op in _NUMERIC and not (one or other) else union(state.taints(left), state.taints(right))
        ref = left.ref if op == "/" and "Path(" in left.ref else right.ref if "Path(" in right.ref else ""
        if op == "/" and left.ref and not ref:
            ref = left.ref
        return Value(taints=tuple(each.but(clean=each.clean - {"+resolved"}) for each in taints), ref=ref)

    def unary(self, expr: Unary, state: State, frame: Frame) -> Value:
        """`-x`."""
        return constant(fold.negated(expr.op, self.evaluate(expr.value, state, frame).const))

    def negation(self, expr: Not, state: State, frame: Frame) -> Value:
        """`not x`."""
        value = facts.truth_of(self.evaluate(expr.value, state, frame))
        known = self.truth(value, state)
        return Value(const=NOTHING if known is None else not known, yes=value.no, no=value.yes)

    def logic(self, expr: Logic, state: State, frame: Frame) -> Value:
        """`a and b`, `a or b`: each part is evaluated where those before it decided nothing."""
        stops = expr.op == "or"
        here = state
        result: Value | None = None
        yes: tuple[Fact, ...] = ()
        no: tuple[Fact, ...] = ()
        for part in expr.parts:
            value = facts.truth_of(self.evaluate(part, here, frame))
            known = self.truth(value, here)
            if result is None:
                yes, no = value.yes, value.no
            elif stops:
                yes, no = facts.both(yes, value.yes), no + value.no
            else:
                yes, no = yes + value.yes, facts.both(no, value.no)
            if known is (not stops) and part is not expr.parts[-1]:
                continue
            result = value if result is None else joined_values(result, value)
            if known is stops:
                break
            here = facts.apply(here, value.no if stops else value.yes)
        result = result if result is not None else UNKNOWN
        return result.but(yes=yes, no=no)

    def compare(self, expr: Compare, state: State, frame: Frame) -> Value:
        """`a < b`."""
        left = self.evaluate(expr.first, state, frame)
        result = UNKNOWN
        for op, operand in expr.rest:
            right = self.evaluate(operand, state, frame)
            result = self._compared(op, left, right, state)
            left = right
        return result if len(expr.rest) == 1 else UNKNOWN

    def _compared(self, op: str, left: Value, right: Value, state: State) -> Value:
        if left.const is not NOTHING and right.const is not NOTHING:
            return constant(fold.compared(op, left.const, right.const))
        held = state.held(right)
        if op in ("in", "not in") and left.const is not NOTHING and held is not None and held.exact:
            keys = list(held.items) if held.kind == "dict" else [each.const for each in held.items.values()]
            if held.kind in ("dict", "list", "tuple", "set") and NOTHING not in keys:
                return constant((left.const in keys) is (op == "in"))
        return facts.compared(op, left, right, state.taints(left), state.taints(right))

    def choice(self, expr: Choice, state: State, frame: Frame) -> Value:
        """`a if test else b`."""
        test = facts.truth_of(self.evaluate(expr.test, state, frame))
        known = self.truth(test, state)
        if known is not None:
            return self.evaluate(expr.yes if known else expr.no, state, frame)
        yes = self.evaluate(expr.yes, facts.apply(state, test.yes), frame)
        return joined_values(yes, self.evaluate(expr.no, facts.apply(state, test.no), frame))

    def display(self, expr: Display, state: State, frame: Frame) -> Value:
        """A list, tuple or set."""
        values: list[Value] = []
        spread: Value | None = None
        for part in expr.items:
            if isinstance(part, Star):
                value = self.evaluate(part.value, state, frame)
                held = state.held(value)
                if held is not None and held.exact and held.kind in SEQUENCES:
                    values += held.sequence()
                else:
                    spread = element(value, state)
            else:
                values.append(self.evaluate(part, state, frame))
        made = as_list(expr.kind, values)
        if spread is not None:
            made = made.but(exact=False, rest=spread)
        return state.keep((frame.serial, expr.start, expr.end), made)

    def table(self, expr: Table, state: State, frame: Frame) -> Value:
        """A dict."""
        made = Held("dict")
        for key, part in expr.pairs:
            value = self.evaluate(part, state, frame)
            if key is None:
                other = state.held(value)
                if other is not None and other.kind == "dict":
                    exact = made.exact and other.exact
                    made = made.but(items={**made.items, **other.items}, exact=exact, rest=other.rest)
                    continue
                made = made.but(exact=False, rest=joined_values(made.rest, element(value, state)))
                continue
            const = self.evaluate(key, state, frame).const
            if isinstance(const, str | int | float | bool):
                made = made.put(const, value)
            else:
                made = made.but(exact=False, rest=value if made.rest is UNKNOWN else joined_values(made.rest, value))
        return state.keep((frame.serial, expr.start, expr.end), made)

    def comprehension(self, expr: Comprehension, state: State, frame: Frame) -> Value:
        """A comprehension."""
        inner = state.copy()
        for clause in expr.clauses:
            source = self.evaluate(clause.source, inner, frame)
            self.machine.flow.bind(clause.target, element(source, inner), inner, frame)
            for test in clause.tests:
                inner = facts.apply(inner, facts.truth_of(self.evaluate(test, inner, frame)).yes)
        if expr.key is not None:
            self.evaluate(expr.key, inner, frame)
        value = self.evaluate(expr.value, inner, frame)
        for place, held in inner.heap.items():
            state.heap.setdefault(place, held)
        kind = "dict" if expr.kind == "dict" else "set" if expr.kind == "set" else "list"
        return state.keep((frame.serial, expr.start, expr.end), Held(kind, {}, exact=False, rest=value))

    def function(self, expr: Lambda, state: State, frame: Frame) -> Value:
        """`lambda`."""
        body = [Return(expr.start, expr.end, expr.body)]
        made = Function(expr.start, expr.end, "", expr.params, [], None, "", body)  # type: ignore[arg-type]
        return Value(callee=Closure(made, frame.module, {**frame.around, **state.names}))

    def walrus(self, expr: Walrus, state: State, frame: Frame) -> Value:
        """`name := value`."""
        value = self.evaluate(expr.value, state, frame)
        self.machine.flow.bind(expr.target, value, state, frame)
        return value

    def yielded(self, expr: Yield, state: State, frame: Frame) -> Value:
        """`yield x`."""
        value = self.evaluate(expr.value, state, frame)
        frame.yielded.append(element(value, state) if expr.whole else value)
        return UNKNOWN

    def star(self, expr: Star, state: State, frame: Frame) -> Value:
        """`*x`."""
        return self.evaluate(expr.value, state, frame)

    def slice(self, expr: Slice, state: State, frame: Frame) -> Value:
        """A slice on its own, as in `a[:, 1]`."""
        for part in expr.parts:
            if part is not None:
                self.evaluate(part, state, frame)
        return UNKNOWN

    def other(self, expr: Other, state: State, frame: Frame) -> Value:
        """Anything else: made of its parts."""
        return Value(taints=union(*(state.taints(self.evaluate(part, state, frame)) for part in expr.parts)))


def _argument(key: str | int, right: Value, state: State) -> Value | None:
    held = state.held(right)
    if held is None:
        return right
    if held.kind == "dict":
        return item(held, key) if isinstance(key, str) else Value(taints=state.taints(right))
    return item(held, key) if held.kind in SEQUENCES else right


def _added(one: Held, other: Held | None, right: Value) -> Held:
    if other is not None and other.exact and one.exact and other.kind in SEQUENCES:
        return as_list(one.kind, [*one.sequence(), *other.sequence()])
    added = whole(other) if other is not None else Value(taints=right.taints)
    return Held(one.kind, {}, exact=False, rest=joined_values(whole(one), added))


_WORK: Final[dict[type[Expr], Callable[..., Value]]] = {
    Const: Expressions.const,
    Name: Expressions.name,
    Attr: Expressions.attr,
    Index: Expressions.index,
    Slice: Expressions.slice,
    Call: Expressions.call,
    Joined: Expressions.joined,
    Chain: Expressions.chain,
    Unary: Expressions.unary,
    Not: Expressions.negation,
    Logic: Expressions.logic,
    Compare: Expressions.compare,
    Choice: Expressions.choice,
    Display: Expressions.display,
    Star: Expressions.star,
    Table: Expressions.table,
    Comprehension: Expressions.comprehension,
    Lambda: Expressions.function,
    Walrus: Expressions.walrus,
    Yield: Expressions.yielded,
    Other: Expressions.other,
}
