"""Calls of functions that are handed to something else to run: threads, pools, event loops, `functools.partial`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sutazai.analysis.taint.calling import Calling, Given
from sutazai.analysis.taint.code import Arg, Attr
from sutazai.analysis.taint.names_in_scope import is_import
from sutazai.analysis.taint.project import Bound, ClassInfo, Closure
from sutazai.analysis.taint.values import UNKNOWN

if TYPE_CHECKING:
    from sutazai.analysis.taint.machine import Machine


@dataclass(frozen=True, slots=True)
class Runner:
    """How a function is handed over.

    Attributes:
        at: the position of the function; its arguments stand behind it.
        target: the keyword that names it instead; then its arguments are the tuple `args`.
        gives: whether the call gives what the function gives, as soon as it is awaited.
    """

    at: int = 0
    target: str = ""
    gives: bool = False


_THREAD: Final = Runner(target="target")
_LATER: Final = Runner()
_RUNNERS: Final = {
    "to_thread": Runner(gives=True),
    "run_in_executor": Runner(1, gives=True),
    "run_sync": Runner(gives=True),
    "run_in_threadpool": Runner(gives=True),
    "submit": _LATER,
    "partial": _LATER,
    "add_task": _LATER,
    "call_soon": _LATER,
    "call_soon_threadsafe": _LATER,
    "call_later": Runner(1),
    "Thread": _THREAD,
    "Process": _THREAD,
}


def handed_on(machine: "Machine", call: Calling) -> tuple[Calling, bool] | None:
    """The call that a runner makes, and whether its result is this call's; None for any other call."""
    runner = _RUNNERS.get(call.name)
    if runner is None or isinstance(call.callee.callee, Closure | Bound | ClassInfo):
        return None
    found = _target(runner, call) if runner.target else _positional(runner, call)
    if found is None:
        return None
    (arg, function), given = found
    if function.callee is None and not _is_function(function.ref):
        return None
    receiver, name = UNKNOWN, function.ref.rpartition(".")[2]
    state = call.state if runner.gives else call.state.copy()
    if isinstance(arg.value, Attr):
        receiver, name = machine.evaluate(arg.value.obj, state, call.frame), arg.value.name
    inner = replace(
        call, callee=function, receiver=receiver, name=name, ref=function.ref or "?", given=given, state=state
    )
    return inner, runner.gives


def _positional(runner: Runner, call: Calling) -> tuple[Given, Sequence[Given]] | None:
    before, rest = call.given[: runner.at], call.given[runner.at :]
    if not rest or any(arg.name for arg, _ in (*before, rest[0])):
        return None
    return rest[0], rest[1:]


def _target(runner: Runner, call: Calling) -> tuple[Given, Sequence[Given]] | None:
    by_name = {arg.name: (arg, value) for arg, value in call.given if arg.name}
    if runner.target not in by_name:
        return None
    if "args" not in by_name:
        return by_name[runner.target], ()
    arg, values = by_name["args"]
    held = call.state.held(values)
    if held is None or not held.exact:
        return by_name[runner.target], ((Arg("*", arg.value), values),)
    return by_name[runner.target], [(Arg("", arg.value), each) for each in held.sequence()]


def _is_function(ref: str) -> bool:
    """Whether a name is one of a function: an import's, a builtin's, or a method of what is known."""
    return is_import(ref) or ("()." in ref and not ref.endswith(("()", "[]")))
