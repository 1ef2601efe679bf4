"""Where outside data does harm: which argument of a call counts, and whether what stands there can do harm at all."""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from sutazai.analysis.taint import facts
from sutazai.analysis.taint.calling import Given
from sutazai.analysis.taint.code import Call, Expr
from sutazai.analysis.taint.frame import Frame
from sutazai.analysis.taint.state import State
from sutazai.analysis.taint.tables import Row
from sutazai.analysis.taint.values import HOLE, NOTHING, Taint, Taints, Value, constants, shape_of

if TYPE_CHECKING:
    from sutazai.analysis.taint.machine import Machine

_SQL: Final = re.compile(
    r"(?is)^\W*(select\b.*\b(from|into|\0)|insert\s+(ignore\s+|or\s+\w+\s+)?into\b|update\b.*\bset\b|delete\s+from\b|"
    r"replace\s+into\b|create\s+[a-z ]*\b(table|database|user|index|view|role|"
    r"schema|stage|format|function|sequence|extension)\b|drop\s+\w+|alter\s+\w+|truncate\b|grant\b|"
    r"with\b.*\bselect\b|exec\s|call\s|set\s+\w+|where\b|union\b|(release\s+)?savepoint\s|rollback\s+to\s|"
    r"copy\s.*\b(from|to)\b|explain\s|pragma\s|attach\s+database\b|comment\s+on\b)"
)
_COMMAND_LINE: Final = re.compile(r"^\s*(sudo\s+)?[\w./~{}$-]*[\w/}\0]\s+\S")
_SHELLS: Final = re.compile(r"(^|/)(ba|z|da|k|c)?sh$|^cmd(\.exe)?$|powershell(\.exe)?$|^ssh$|^su$")
_SHELL_FLAGS: Final = frozenset({"-c", "/c", "/C", "-lc", "-ic", "-Command", "-ec", "/k"})
_MARKUP: Final = re.compile(r"<[a-zA-Z!/\0]")
_SAFE_LOADERS: Final = frozenset({"SafeLoader", "CSafeLoader", "BaseLoader", "FullLoader"})
_NOT_A_PAGE: Final = re.compile(r"(?i)json|text/plain|octet|csv|pdf|image|xml\b")


class Sinks:
    """Looks at calls, stores and returned values."""

    def __init__(self, machine: "Machine") -> None:
        self.machine = machine

    def check(self, row: Row, call: Call, receiver: Value, given: Sequence[Given], state: State, frame: Frame) -> None:
        """Reports what reaches a sink by this call."""
        if row.needs and not all(_is_true(given, name) for name in row.needs):
            return
        look = _FORMS.get(row.form)
        if look is not None:
            look(self, row, call, receiver, given, state, frame)
            return
        for value in chosen(row.args, given):
            self.reached(row.kind, row, state.taints(value), value, call, frame, row.weak)

    def reached(
        self, kind: str, row: Row, taints: Taints, value: Value, at: Expr, frame: Frame, weak: float = 0.0
    ) -> None:
        """Reports each taint that can do harm here; `weak`: how far a mere parameter of the function counts."""
        if kind in ("redirect", "ssrf") and facts.fixed_host(shape_of(value)):
            return
        for taint in taints:
            confidence = self._confidence(kind, row, taint, weak, frame)
            if confidence > 0:
                from sutazai.analysis.taint.machine import Hit  # noqa: PLC0415 (they need one another)

                hit = Hit(
                    kind, frame.module.path, at.start, at.end, taint, round(confidence, 2), frame.symbol, row.form
                )
                self.machine.report(hit)

    def _confidence(self, kind: str, row: Row, taint: Taint, weak: float, frame: Frame) -> float:
        meaning = self.machine.tables.kinds[kind]
        if kind in taint.clean:
            return 0.0
        if taint.source.kind == "param":
            return weak if frame.top and taint.built and not taint.opaque else 0.0
        if taint.source.kind == "local" and not meaning.local:
            return 0.0
        return taint.source.confidence * taint.doubt * row.confidence * meaning.doubt

    def process(
        self, row: Row, call: Call, _receiver: Value, given: Sequence[Given], state: State, frame: Frame
    ) -> None:
        """`subprocess`: text for a shell, the program itself, or what stands behind `sh -c`."""
        values = chosen(row.args, given)
        if not values:
            return
        value = values[0]
        held = state.held(value)
        shell = _is_true(given, "shell")
        if held is None:
            if shell or value.ref != "shlex.split()":
                self.reached(row.kind, row, value.taints, value, call, frame, row.weak if shell else 0.0)
            return
        if not held.exact:
            if shell:
                self.reached(row.kind, row, state.taints(value), value, call, frame)
            return
        items = held.sequence()
        first = items[:1]
        if len(items) > 1 and _runs_shell([constants(each) for each in items]):
            first = items
        for each in items if shell else first:
            self.reached(row.kind, row, state.taints(each), each, call, frame)

    def line(self, row: Row, call: Call, _receiver: Value, given: Sequence[Given], state: State, frame: Frame) -> None:
        """A runner of commands that is not Python's own: only text that looks like a command line counts."""
        for value in chosen(row.args, given)[:2]:
            shape = shape_of(value)
            weak = row.weak if HOLE in shape and _COMMAND_LINE.search(shape) else 0.0
            if state.held(value) is None and (weak or not row.name.startswith("~")):
                self.reached(row.kind, row, value.taints, value, call, frame, weak)

    def query(self, row: Row, call: Call, _receiver: Value, given: Sequence[Given], state: State, frame: Frame) -> None:
        """The text of a query: parameters handed over beside it do no harm."""
        for value in chosen(row.args, given)[:1]:
            weak = row.weak if _SQL.search(shape_of(value)) else 0.0
            taints = value.taints if state.held(value) is None else ()
            self.reached(row.kind, row, tuple(each for each in taints if not each.opaque), value, call, frame, weak)

    def statement(
        self, row: Row, call: Call, _receiver: Value, given: Sequence[Given], state: State, frame: Frame
    ) -> None:
        """A method that may take a query: only text that looks like SQL counts."""
        for value in chosen(row.args, given)[:2]:
            if state.held(value) is None and HOLE in shape_of(value) and _SQL.search(shape_of(value)):
                self.reached(row.kind, row, value.taints, value, call, frame, row.weak)

    def receiver(
        self, row: Row, call: Call, receiver: Value, _given: Sequence[Given], state: State, frame: Frame
    ) -> None:
        """The object a method is called on, a path for example."""
        self.reached(row.kind, row, state.taints(receiver), receiver, call, frame)

    def probe(self, row: Row, call: Call, receiver: Value, given: Sequence[Given], state: State, frame: Frame) -> None:
        """A question whether a file is there: it tells of files outside the folder."""
        value = receiver if "Path(" in receiver.ref else next(iter(chosen(row.args, given)), receiver)
        taints = tuple(each for each in state.taints(value) if each.source.kind == "request")
        self.reached(row.kind, row, taints, value, call, frame)

    def log(self, row: Row, call: Call, _receiver: Value, given: Sequence[Given], state: State, frame: Frame) -> None:
        """A log line: its text, or an argument that stands in it as it is."""
        positional = [value for arg, value in given if arg.name == ""]
        for at, value in enumerate(positional):
            if at and "%r" in shape_of(positional[0]):
                continue
            self.reached(row.kind, row, state.taints(value), value, call, frame)

    def markup(
        self, row: Row, call: Call, _receiver: Value, given: Sequence[Given], state: State, frame: Frame
    ) -> None:
        """A body that may be a page: only what looks like markup counts."""
        for value in chosen(row.args, given)[:1]:
            if _MARKUP.search(shape_of(value)):
                self.reached(row.kind, row, state.taints(value), value, call, frame)

    def response(
        self, row: Row, call: Call, _receiver: Value, given: Sequence[Given], state: State, frame: Frame
    ) -> None:
        """The answer to a request, a page if nothing else is said of it; in a tuple the headers come last."""
        types = [value for arg, value in given if arg.name in ("mimetype", "content_type", "media_type")]
        if any(isinstance(each.const, str) and _NOT_A_PAGE.search(each.const) for each in types):
            return
        for value in chosen(row.args, given)[:1]:
            self.page(row, value, call, state, frame)

    def page(self, row: Row, value: Value, at: Expr, state: State, frame: Frame) -> None:
        """Text that goes to a browser as a page."""
        held = state.held(value)
        if held is not None and held.kind == "tuple" and held.items:
            value, *rest = held.sequence()
            for each in rest:
                self._headers(row, each, at, state, frame)
            held = state.held(value)
        if held is not None and held.kind in ("dict", "list", "tuple", "set", "object"):
            return
        taints = tuple(each for each in state.taints(value) if not each.opaque)
        self.reached(row.kind, row, taints, value, at, frame)

    def _headers(self, row: Row, value: Value, at: Expr, state: State, frame: Frame) -> None:
        held = state.held(value)
        if held is not None and held.kind == "dict":
            for each in (*held.items.values(), held.rest):
                self.reached("header", row, state.taints(each), each, at, frame)

    def yaml(self, row: Row, call: Call, _receiver: Value, given: Sequence[Given], state: State, frame: Frame) -> None:
        """`yaml.load`, unless its loader is a safe one."""
        loaders = [
            value for at, (arg, value) in enumerate(given) if arg.name == "Loader" or (arg.name == "" and at == 1)
        ]
        if any(each.ref.rpartition(".")[2] in _SAFE_LOADERS for each in loaders):
            return
        for value in chosen(row.args, given)[:1]:
            self.reached(row.kind, row, state.taints(value), value, call, frame)

    def stored(self, row: Row, at: Expr, key: Value, value: Value, state: State, frame: Frame) -> None:
        """`obj[key] = value` where the object is a sink."""
        for each in (key, value):
            self.reached(row.kind, row, state.taints(each), each, at, frame)


def chosen(args: Sequence[int | str], given: Sequence[Given]) -> list[Value]:
    """The values at these positions and names."""
    if "*" in args:
        return [value for _, value in given]
    positional = [value for arg, value in given if arg.name == ""]
    found = [positional[at] for at in args if isinstance(at, int) and at < len(positional)]
    return found + [value for arg, value in given if arg.name and (arg.name in args or arg.name == "**")]


def _is_true(given: Sequence[Given], name: str) -> bool:
    return any(arg.name == name and (value.const is NOTHING or bool(value.const)) for arg, value in given)


def _runs_shell(texts: Sequence[tuple[object, ...]]) -> bool:
    first, *rest = texts
    names = [each for each in first if isinstance(each, str) and _SHELLS.search(each)]
    return any(each.endswith("ssh") for each in names) or (
        bool(names) and any(each in _SHELL_FLAGS for given in rest[:3] for each in given)
    )


_Look = Callable[[Sinks, Row, Call, Value, Sequence[Given], State, Frame], None]
_FORMS: Final[dict[str, _Look]] = {
    "process": Sinks.process,
    "line": Sinks.line,
    "query": Sinks.query,
    "statement": Sinks.statement,
    "receiver": Sinks.receiver,
    "probe": Sinks.probe,
    "log": Sinks.log,
    "markup": Sinks.markup,
    "response": Sinks.response,
    "yaml": Sinks.yaml,
}
