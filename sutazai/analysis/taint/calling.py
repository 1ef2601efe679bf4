"""A call whose parts have been evaluated: what the rooms about calls hand to one another."""

from collections.abc import Sequence
from dataclasses import dataclass

from sutazai.analysis.taint.code import Arg, Call
from sutazai.analysis.taint.frame import Frame
from sutazai.analysis.taint.state import State
from sutazai.analysis.taint.values import Place, Value

Given = tuple[Arg, Value]


@dataclass(slots=True, eq=False)
class Calling:
    """A call.

    Attributes:
        callee: what is called; `receiver` the object it is a method of.
        name: the last part of what it is called by; `ref` the whole.
        given: the arguments with their values.
    """

    expr: Call
    callee: Value
    receiver: Value
    name: str
    ref: str
    given: Sequence[Given]
    state: State
    frame: Frame

    @property
    def args(self) -> list[Value]:
        """The values of the positional arguments."""
        return [value for arg, value in self.given if arg.name == ""]

    @property
    def first(self) -> Value:
        """The value of the first argument."""
        return self.given[0][1] if self.given else Value()

    @property
    def place(self) -> Place:
        """Where in the heap what it makes is put."""
        return self.frame.serial, self.expr.start, self.expr.end
