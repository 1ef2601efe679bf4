"""The form of code that the engine runs over: few kinds of expressions and statements, each with its place.

Pure data, made by `lower_expressions` and `lower_statements`. Places are byte offsets.
"""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(slots=True, eq=False)
class Expr:
    """Any expression. `start` and `end` are byte offsets, the second excluded."""

    start: int
    end: int


@dataclass(slots=True, eq=False)
class Const(Expr):
    """A literal; bytes are held as text."""

    value: Any


@dataclass(slots=True, eq=False)
class Name(Expr):
    """A variable."""

    id: str


@dataclass(slots=True, eq=False)
class Attr(Expr):
    """`obj.name`."""

    obj: Expr
    name: str


@dataclass(slots=True, eq=False)
class Index(Expr):
    """`obj[key]`."""

    obj: Expr
    key: Expr


@dataclass(slots=True, eq=False)
class Slice(Expr):
    """`low:high:step` in an index; None where left out."""

    parts: tuple[Expr | None, ...]


@dataclass(slots=True, eq=False)
class Arg:
    """An argument: `name` is empty for a positional one, `*` and `**` for unpacked ones."""

    name: str
    value: Expr


@dataclass(slots=True, eq=False)
class Call(Expr):
    """A call."""

    func: Expr
    args: list[Arg]


@dataclass(slots=True, eq=False)
class Joined(Expr):
    """Text made of parts: f-strings and literals written side by side. `plain` parts are the literals."""

    parts: list[Expr]


@dataclass(slots=True, eq=False)
class Chain(Expr):
    """`a op b op c`, read from the left."""

    first: Expr
    rest: list[tuple[str, Expr]]


@dataclass(slots=True, eq=False)
class Unary(Expr):
    """`-x`, `+x`, `~x`."""

    op: str
    value: Expr


@dataclass(slots=True, eq=False)
class Not(Expr):
    """`not x`."""

    value: Expr


@dataclass(slots=True, eq=False)
class Logic(Expr):
    """`a and b and c`, or with `or`."""

    op: Literal["and", "or"]
    parts: list[Expr]


@dataclass(slots=True, eq=False)
class Compare(Expr):
    """`a < b in c`."""

    first: Expr
    rest: list[tuple[str, Expr]]


@dataclass(slots=True, eq=False)
class Choice(Expr):
    """`yes if test else no`."""

    test: Expr
    yes: Expr
    no: Expr


@dataclass(slots=True, eq=False)
class Display(Expr):
    """A list, tuple or set as written."""

    kind: Literal["list", "tuple", "set"]
    items: list[Expr]


@dataclass(slots=True, eq=False)
class Star(Expr):
    """`*x` in a display or a target."""

    value: Expr


@dataclass(slots=True, eq=False)
class Table(Expr):
    """A dict as written; a key of None stands for `**value`."""

    pairs: list[tuple[Expr | None, Expr]]


@dataclass(slots=True, eq=False)
class Clause:
    """`for target in source if ...` of a comprehension."""

    target: Expr
    source: Expr
    tests: list[Expr]


@dataclass(slots=True, eq=False)
class Comprehension(Expr):
    """A comprehension or generator expression; `key` is that of a dict."""

    kind: Literal["list", "set", "dict", "generator"]
    key: Expr | None
    value: Expr
    clauses: list[Clause]


@dataclass(slots=True, eq=False)
class Walrus(Expr):
    """`name := value`."""

    target: Expr
    value: Expr


@dataclass(slots=True, eq=False)
class Yield(Expr):
    """`yield value`, `yield from value`."""

    value: Expr
    whole: bool


@dataclass(slots=True, eq=False)
class Other(Expr):
    """Anything else: its value is made of its parts."""

    parts: list[Expr]


@dataclass(slots=True, eq=False)
class Param:
    """A parameter; `kind` is empty, `*` or `**`."""

    name: str
    kind: str
    default: Expr | None
    annotation: str


@dataclass(slots=True, eq=False)
class Lambda(Expr):
    """`lambda params: body`."""

    params: list[Param]
    body: Expr


@dataclass(slots=True, eq=False)
class Stmt:
    """Any statement."""

    start: int
    end: int


@dataclass(slots=True, eq=False)
class Assign(Stmt):
    """`a = b = value`; `op` is the operator of `+=` and the like."""

    targets: list[Expr]
    value: Expr
    op: str = ""


@dataclass(slots=True, eq=False)
class Run(Stmt):
    """An expression as a statement."""

    value: Expr


@dataclass(slots=True, eq=False)
class Return(Stmt):
    """`return value`."""

    value: Expr | None


@dataclass(slots=True, eq=False)
class Leave(Stmt):
    """`raise`, `break` or `continue`."""

    kind: Literal["raise", "break", "continue"]
    value: Expr | None = None


@dataclass(slots=True, eq=False)
class Delete(Stmt):
    """`del targets`."""

    targets: list[Expr]


@dataclass(slots=True, eq=False)
class Assert(Stmt):
    """`assert test`."""

    test: Expr


@dataclass(slots=True, eq=False)
class If(Stmt):
    """`if test`; `elif` is an `if` in `no`."""

    test: Expr
    yes: list[Stmt]
    no: list[Stmt]


@dataclass(slots=True, eq=False)
class While(Stmt):
    """`while test`."""

    test: Expr
    body: list[Stmt]
    no: list[Stmt]


@dataclass(slots=True, eq=False)
class For(Stmt):
    """`for target in source`."""

    target: Expr
    source: Expr
    body: list[Stmt]
    no: list[Stmt]


@dataclass(slots=True, eq=False)
class Case:
    """A case of a `match`: patterns as expressions, `_` and names as `Name`."""

    patterns: list[Expr]
    guard: Expr | None
    body: list[Stmt]


@dataclass(slots=True, eq=False)
class Match(Stmt):
    """`match subject`."""

    subject: Expr
    cases: list[Case]


@dataclass(slots=True, eq=False)
class With(Stmt):
    """`with value as target`."""

    items: list[tuple[Expr, Expr | None]]
    body: list[Stmt]


@dataclass(slots=True, eq=False)
class Try(Stmt):
    """`try`; each handler is the name it binds and its body."""

    body: list[Stmt]
    handlers: list[tuple[str, list[Stmt]]]
    no: list[Stmt]
    final: list[Stmt]


@dataclass(slots=True, eq=False)
class Import(Stmt):
    """Names bound by an import: what each name stands for, dotted; a leading dot for each level of a relative one."""

    names: list[tuple[str, str]]


@dataclass(slots=True, eq=False)
class Outer(Stmt):
    """`global` and `nonlocal`."""

    names: list[str]


@dataclass(slots=True, eq=False)
class Function(Stmt):
    """A function. `body` is None until it is first run: `Lowering.body` fills it."""

    name: str
    params: list[Param]
    decorators: list[Expr]
    node: Any
    owner: str = ""
    body: list[Stmt] | None = None


@dataclass(slots=True, eq=False)
class Class(Stmt):
    """A class."""

    name: str
    bases: list[Expr]
    decorators: list[Expr]
    body: list[Stmt] = field(default_factory=list)
