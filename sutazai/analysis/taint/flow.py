"""Runs statements: branches are taken where their condition is known and joined where not, loops to a fixed point."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from sutazai.analysis.taint import facts, names
from sutazai.analysis.taint.assignment import assign, bind
from sutazai.analysis.taint.code import (
    Assert,
    Assign,
    Attr,
    Call,
    Class,
    Const,
    Delete,
    Expr,
    For,
    Function,
    If,
    Import,
    Leave,
    Match,
    Name,
    Outer,
    Return,
    Run,
    Stmt,
    Try,
    While,
    With,
)
from sutazai.analysis.taint.containers import element
from sutazai.analysis.taint.fold import compared
from sutazai.analysis.taint.frame import Frame, Loop
from sutazai.analysis.taint.project import ClassInfo, Closure, Module
from sutazai.analysis.taint.state import State, joined
from sutazai.analysis.taint.tables import Row
from sutazai.analysis.taint.values import NOTHING, Value, named

if TYPE_CHECKING:
    from sutazai.analysis.taint.machine import Machine

_PASSES: Final = 4
_UNROLLED: Final = 6
_LONGEST_READ: Final = 30_000  # characters of a module that is read for `import *`
_PAGE: Final = Row("sink", "return", kind="xss")


class Flow:
    """Runs statements of one file."""

    def __init__(self, machine: "Machine") -> None:
        self.machine = machine

    def run_module(self, module: Module) -> None:
        """The body of a module; its variables are then those of the module."""
        frame = self.machine.frame(module, is_module=True)
        block = module.lowering.block(module.tree.root)
        end = self.block(block, State(), frame)
        module.state = end if end is not None else module.state

    def run_function(self, closure: Closure, state: State, frame: Frame) -> State | None:
        """The body of a function; None where it never comes to its end. What it returns stands in the frame."""
        return self.block(closure.module.lowering.body(closure.function), state, frame)

    def bind(self, target: Expr, value: Value, state: State, frame: Frame) -> None:
        """Gives a target its value."""
        bind(self.machine, target, value, state, frame)

    def block(self, block: Sequence[Stmt], state: State | None, frame: Frame) -> State | None:
        """Statements one after another; None where the end is never reached."""
        for stmt in block:
            if state is None:
                return None
            state = _WORK[type(stmt)](self, stmt, state, frame)
            if frame.is_module and state is not None:
                frame.module.state = state
            if frame.ended:
                frame.ended = False
                state = None
        return state

    def assign(self, stmt: Assign, state: State, frame: Frame) -> State | None:
        """`a = b`, `a += b`."""
        assign(self.machine, stmt, state, frame)
        return state

    def run(self, stmt: Run, state: State, frame: Frame) -> State | None:
        """An expression for what it does; one that refuses bad values leaves only good ones."""
        value = self.machine.evaluate(stmt.value, state, frame)
        if value.yes and isinstance(stmt.value, Call):
            func = stmt.value.func
            name = func.name if isinstance(func, Attr) else func.id if isinstance(func, Name) else ""
            if names.refuses(name):
                return facts.apply(state, value.yes)
        return state

    def returned(self, stmt: Return, state: State, frame: Frame) -> State | None:
        """`return`."""
        value = Value(const=None) if stmt.value is None else self.machine.evaluate(stmt.value, state, frame)
        frame.returned.append((value, state))
        if frame.route is not None and frame.route.page and frame.top and stmt.value is not None:
            self.machine.sinks.page(_PAGE, value, stmt.value, state, frame)
        return None

    def leave(self, stmt: Leave, state: State, frame: Frame) -> State | None:
        """`raise`, `break`, `continue`."""
        if stmt.value is not None:
            self.machine.evaluate(stmt.value, state, frame)
        if frame.loops and stmt.kind == "break":
            frame.loops[-1].broken.append(state)
        elif frame.loops and stmt.kind == "continue":
            frame.loops[-1].continued.append(state)
        return None

    def delete(self, stmt: Delete, state: State, _frame: Frame) -> State | None:
        """`del`."""
        for target in stmt.targets:
            if isinstance(target, Name):
                state.names.pop(target.id, None)
        return state

    def asserted(self, stmt: Assert, state: State, frame: Frame) -> State | None:
        """`assert` proves nothing: it is left out of optimised runs."""
        self.machine.evaluate(stmt.test, state, frame)
        return state

    def branch(self, stmt: If, state: State, frame: Frame) -> State | None:
        """`if`; a chain of `elif` is gone through without nesting."""
        done: State | None = None
        here: State | None = state
        chain: If | None = stmt
        while chain is not None and here is not None:
            test = facts.truth_of(self.machine.evaluate(chain.test, here, frame))
            known = self.machine.expressions.truth(test, here)
            if known is not False:
                yes = facts.apply(here, test.yes)
                done = facts.met(done, self.block(chain.yes, yes.copy() if yes is here else yes, frame))
            if known is True:
                return done
            here = facts.apply(here, test.no)
            no = chain.no
            chain = no[0] if len(no) == 1 and isinstance(no[0], If) else None
            if chain is None:
                here = self.block(no, here, frame)
        return facts.met(done, here)

    def loop(self, stmt: While, state: State, frame: Frame) -> State | None:
        """`while`."""
        head = state
        loop = Loop()
        for _ in range(_PASSES):
            test = facts.truth_of(self.machine.evaluate(stmt.test, head, frame))
            if self.machine.expressions.truth(test, head) is False:
                break
            again = self._pass(stmt.body, facts.apply(head, test.yes), loop, frame)
            merged = joined(head, again)
            if merged is None or merged.stable(head):
                break
            head = merged
        test = facts.truth_of(self.machine.evaluate(stmt.test, head, frame))
        end: State | None = None
        if self.machine.expressions.truth(test, head) is not True:
            end = self.block(stmt.no, facts.apply(head, test.no), frame)
        return self._left(end, loop)

    def each(self, stmt: For, state: State, frame: Frame) -> State | None:
        """`for`: over a few known items one by one, else over any item until nothing changes."""
        source = self.machine.evaluate(stmt.source, state, frame)
        held = state.held(source)
        loop = Loop()
        head: State | None = state
        if held is not None and held.exact and len(held.items) <= _UNROLLED and len(frame.loops) <= 1:
            values = [Value(const=key) for key in held.items] if held.kind == "dict" else held.sequence()
            for value in values:
                if head is None:
                    break
                here = head.copy()
                self.bind(stmt.target, value, here, frame)
                head = self._pass(stmt.body, here, loop, frame)
        else:
            end: State | None = None
            for _ in range(_PASSES):
                assert head is not None  # noqa: S101 (narrows for mypy: joined with a state it is one)
                here = head.copy()
                self.bind(stmt.target, element(source, here), here, frame)
                end = self._pass(stmt.body, here, loop, frame)
                merged = joined(head, end)
                if merged is None or merged.stable(head):
                    break
                head = merged
            head = facts.apply(head, facts.of_each(state.taints(source), end)) if head is not None else None
        return self._left(self.block(stmt.no, head, frame), loop)

    def _pass(self, body: Sequence[Stmt], state: State, loop: Loop, frame: Frame) -> State | None:
        frame.loops.append(loop)
        loop.continued.clear()
        try:
            end = self.block(body, state.copy(), frame)
        finally:
            frame.loops.pop()
        for each in loop.continued:
            end = joined(end, each)
        return end

    def _left(self, end: State | None, loop: Loop) -> State | None:
        for each in loop.broken:
            end = joined(end, each)
        return end

    def match(self, stmt: Match, state: State, frame: Frame) -> State | None:
        """`match`: cases that cannot be are left out."""
        subject = self.machine.evaluate(stmt.subject, state, frame)
        done: State | None = None
        for case in stmt.cases:
            fits = _fits(case.patterns, subject)
            if fits is False:
                continue
            here = state.copy()
            if subject.taints and all(isinstance(each, Const) for each in case.patterns):
                here = facts.apply(here, facts.fact(subject.taints, frozenset({"*"})))
            for pattern in case.patterns:
                if isinstance(pattern, Name) and pattern.id != "_":
                    self.bind(pattern, subject, here, frame)
            sure = fits is True
            if case.guard is not None:
                test = facts.truth_of(self.machine.evaluate(case.guard, here, frame))
                known = self.machine.expressions.truth(test, here)
                if known is False:
                    continue
                sure = sure and known is True
                here = facts.apply(here, test.yes)
            done = joined(done, self.block(case.body, here, frame))
            if sure:
                return done
        return joined(done, state)

    def context(self, stmt: With, state: State, frame: Frame) -> State | None:
        """`with`."""
        for expr, target in stmt.items:
            value = self.machine.evaluate(expr, state, frame)
            if target is not None:
                self.bind(target, value, state, frame)
        return self.block(stmt.body, state, frame)

    def attempt(self, stmt: Try, state: State, frame: Frame) -> State | None:
        """`try`: a handler starts from anywhere in the body."""
        before = state.copy()
        end = self.block(stmt.body, state, frame)
        middle = joined(before, end)
        if end is not None:
            end = self.block(stmt.no, end.copy(), frame)
        for name, body in stmt.handlers:
            if middle is None:
                break
            here = middle.copy()
            if name:
                here.names[name] = named(f"?{name}")
            end = joined(end, self.block(body, here, frame))
        if not stmt.final:
            return end
        if end is None:
            self.block(stmt.final, before, frame)
            return None
        return self.block(stmt.final, end.copy(), frame)

    def imported(self, stmt: Import, state: State, frame: Frame) -> State | None:
        """`import`: a name of another file of the project is what that file says it is."""
        for alias, name in stmt.names:
            ref = _absolute(name, frame.module)
            if alias == "*":
                self._everything(ref, state, frame)
                continue
            state.names[alias] = named(ref)
        return state

    def _everything(self, ref: str, state: State, frame: Frame) -> None:
        frame.module.wildcards.append(ref)
        source = self.machine.project.source(ref)
        if source is not None and len(source.text) < _LONGEST_READ:
            for name, value in self.machine.members(ref).items():
                if not name.startswith("_"):
                    state.names[name] = value

    def outer(self, stmt: Outer, state: State, frame: Frame) -> State | None:
        """`global` and `nonlocal`."""
        frame.shared.update(stmt.names)
        for name in stmt.names:
            value = frame.module.state.names.get(name)
            if value is not None and name not in state.names:
                state.names[name] = value.but(const=NOTHING)
        return state

    def function(self, stmt: Function, state: State, frame: Frame) -> State | None:
        """`def`: bound now, run when called, and once for its own sake."""
        around = {} if frame.is_module else {**frame.around, **state.names}
        closure = Closure(stmt, frame.module, around, frame.cls)
        state.names[stmt.name] = Value(callee=closure)
        self.machine.queue.append(closure)
        return state

    def class_(self, stmt: Class, state: State, frame: Frame) -> State | None:
        """`class`: its body is run for its members."""
        info = ClassInfo(stmt.name, frame.module)
        info.bases = [self.machine.resolved(self.machine.evaluate(base, state, frame)) for base in stmt.bases]
        outer = frame.cls
        frame.cls = info
        was_module, frame.is_module = frame.is_module, False
        inner = self.block(stmt.body, State({}, state.heap), frame)
        frame.cls, frame.is_module = outer, was_module
        info.members = inner.names if inner is not None else {}
        if was_module:
            for each in info.members.values():
                if isinstance(each.callee, Closure):
                    each.callee.around = {}
        state.names[stmt.name] = Value(callee=info, ref=f"?{stmt.name}")
        return state


def _fits(patterns: Sequence[Expr], subject: Value) -> bool | None:
    """Whether a case is taken: True for certain, False never, None perhaps."""
    result: bool | None = False
    for pattern in patterns:
        if isinstance(pattern, Name):
            return True
        if not isinstance(pattern, Const) or subject.const is NOTHING:
            result = None
        elif compared("==", subject.const, pattern.value) is True:
            return True
    return result


def _absolute(name: str, module: Module) -> str:
    """The dotted name of an import, dots of a relative one taken away."""
    dots = len(name) - len(name.lstrip("."))
    if not dots:
        return name
    package = module.package.split(".") if module.package else []
    kept = package[: len(package) - dots + 1] if dots <= len(package) + 1 else []
    return ".".join([*kept, name.lstrip(".")])


_WORK: Final[dict[type[Stmt], Callable[..., State | None]]] = {
    Assign: Flow.assign,
    Run: Flow.run,
    Return: Flow.returned,
    Leave: Flow.leave,
    Delete: Flow.delete,
    Assert: Flow.asserted,
    If: Flow.branch,
    While: Flow.loop,
    For: Flow.each,
    Match: Flow.match,
    With: Flow.context,
    Try: Flow.attempt,
    Import: Flow.imported,
    Outer: Flow.outer,
    Function: Flow.function,
    Class: Flow.class_,
}
