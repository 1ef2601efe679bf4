"""What a run over one file shares: the tables, the project, the limits, and what was found. It ties the parts together.

The parts (`Expressions`, `Calls`, `Sinks`, `Flow`) know one another only through here.
"""

from dataclasses import dataclass, field

from sutazai.analysis.taint.calls import Calls
from sutazai.analysis.taint.code import Expr
from sutazai.analysis.taint.expressions import Expressions
from sutazai.analysis.taint.flow import Flow
from sutazai.analysis.taint.frame import Budget, Frame
from sutazai.analysis.taint.lower_expressions import TooDeep
from sutazai.analysis.taint.names_in_scope import is_import
from sutazai.analysis.taint.project import Closure, Module, Project
from sutazai.analysis.taint.sinks import Sinks
from sutazai.analysis.taint.state import State
from sutazai.analysis.taint.tables import Tables
from sutazai.analysis.taint.values import Taint, Value
from sutazai.errors.base import SutazAIError


@dataclass(frozen=True, slots=True)
class Hit:
    """Outside data that reached a sink."""

    kind: str
    path: str
    start: int
    end: int
    taint: Taint
    confidence: float
    symbol: str
    form: str = ""


@dataclass(slots=True, eq=False)
class Machine:
    """One run over one file."""

    tables: Tables
    project: Project
    budget: Budget
    hits: dict[tuple[str, str, int, int], Hit] = field(default_factory=dict)
    queue: list[Closure] = field(default_factory=list)
    serial: int = 0
    expressions: Expressions = field(init=False)
    calls: Calls = field(init=False)
    sinks: Sinks = field(init=False)
    flow: Flow = field(init=False)

    def __post_init__(self) -> None:
        self.expressions = Expressions(self)
        self.calls = Calls(self)
        self.sinks = Sinks(self)
        self.flow = Flow(self)

    def evaluate(self, expr: Expr, state: State, frame: Frame) -> Value:
        """The value of an expression; what it does to variables and heap is done to `state`."""
        return self.expressions.evaluate(expr, state, frame)

    def frame(self, module: Module, **fields: object) -> Frame:
        """A new frame."""
        self.serial += 1
        return Frame(module=module, serial=self.serial, **fields)  # type: ignore[arg-type]

    def prepared(self, module: Module) -> Module:
        """The module, its body run."""
        if not module.started:
            module.started = True
            self.flow.run_module(module)
        return module

    def members(self, name: str) -> dict[str, Value]:
        """The variables of the project's module of this name; none if it has no such module, or one that is broken."""
        try:
            module = self.project.find(name)
            return self.prepared(module).state.names if module is not None else {}
        except (SutazAIError, TooDeep):
            return {}

    def resolved(self, value: Value) -> Value:
        """An imported class as the project has it, if that is worth reading."""
        module, _, member = value.ref.rpartition(".")
        if value.callee is not None or not module or not is_import(value.ref):
            return value
        source = self.project.source(module)
        return (
            self.members(module).get(member, value) if source is not None and self.project.has_source(source) else value
        )

    def found(self) -> list[Hit]:
        """The hits in the order of the text; a question whether a file is there says nothing new if it is also used."""
        used = {(hit.kind, hit.taint.source) for hit in self.hits.values() if hit.form != "probe"}
        kept = (hit for hit in self.hits.values() if hit.form != "probe" or (hit.kind, hit.taint.source) not in used)
        return sorted(kept, key=lambda hit: (hit.path, hit.start, hit.end, hit.kind))

    def report(self, hit: Hit) -> None:
        """Keeps a hit, the surest of one place."""
        key = (hit.kind, hit.path, hit.start, hit.end)
        known = self.hits.get(key)
        if known is None or known.confidence < hit.confidence:
            self.hits[key] = hit
