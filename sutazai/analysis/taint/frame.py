"""One run of a function: where it stands, what it gives back, and which route it serves. Also the limits of a file."""

import time
from dataclasses import dataclass, field
from typing import Final

from sutazai.analysis.taint.project import ClassInfo, Module
from sutazai.analysis.taint.state import State
from sutazai.analysis.taint.values import Value

_CHECK_EVERY: Final = 256


class OutOfBudget(Exception):
    """A file that takes more steps or time than it may."""


class Budget:
    """Steps and seconds that one file may take."""

    def __init__(self, steps: int, seconds: float) -> None:
        self.left = steps
        self._until = time.monotonic() + seconds

    def spend(self) -> None:
        """Counts one step.

        Raises:
            OutOfBudget: the file has had its share.
        """
        self.left -= 1
        if self.left < 0 or (self.left % _CHECK_EVERY == 0 and time.monotonic() > self._until):
            raise OutOfBudget


@dataclass(slots=True, eq=False)
class Loop:
    """The states in which a loop was left or begun anew."""

    broken: list[State] = field(default_factory=list)
    continued: list[State] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Route:
    """What serves requests: its rule, and whether its text goes to a browser as a page."""

    rule: str
    page: bool


@dataclass(slots=True, eq=False)
class Frame:
    """One run of a function or module body.

    Attributes:
        serial: tells this run from others.
        depth: how many calls it was reached through.
        around: variables of the functions around it.
        names: its dotted name, for findings.
        ended: whether the last call never comes back.
        top: whether it is analysed for its own sake, not followed from a caller.
    """

    module: Module
    serial: int
    depth: int = 0
    around: dict[str, Value] = field(default_factory=dict)
    symbol: str = ""
    cls: ClassInfo | None = None
    route: Route | None = None
    top: bool = True
    is_module: bool = False
    shared: set[str] = field(default_factory=set)
    loops: list[Loop] = field(default_factory=list)
    returned: list[tuple[Value, State]] = field(default_factory=list)
    yielded: list[Value] = field(default_factory=list)
    ended: bool = False
