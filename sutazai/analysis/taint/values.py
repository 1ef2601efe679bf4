"""What the engine knows of a value: its constant, what taints it, what it is called, and what it holds.

Values never change; what changes (lists, dicts, objects) lies in the heap of a state, and a value points there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

_MOST_TAINTS: Final = 6
_MOST_STEPS: Final = 12
_MOST_CONSTANTS: Final = 8
_LONGEST_REF: Final = 120
_LONGEST_SHAPE: Final = 400
_DEEPEST_PART: Final = 3
PATH_ONLY: Final = frozenset({"path"})


Place = tuple[int, int, int]  # the run of a function, and the span of what made the thing


class Nothing:
    """The type of `NOTHING`."""


NOTHING: Final = Nothing()  # no constant is known
HOLE: Final = "\0"  # stands for an unknown part in the shape of a text


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One station of a tainted value, and the one before it."""

    path: str
    start: int
    end: int
    note: str
    before: "Step | None" = None
    length: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """Where outside data comes in.

    Attributes:
        kind: `request`, `local` (arguments, environment, files) or `param` (a parameter nobody knows the caller of).
        whole: what this is a part of, None if it is all that came in there.
        part: which part, as in `['name']`: what is proved of one part says nothing of the others.
    """

    path: str
    start: int
    end: int
    kind: str
    note: str
    confidence: float
    whole: "Source | None" = None
    part: str = ""

    def part_of(self, part: str) -> "Source":
        """A part of this; of a part of a part of a part, itself."""
        deep = len(tuple(self.above())) > _DEEPEST_PART
        return self if deep else replace(self, whole=self, part=part)

    def above(self) -> "Iterator[Source]":
        """This, and what it is a part of, and so on."""
        here: Source | None = self
        while here is not None:
            yield here
            here = here.whole


@dataclass(frozen=True, slots=True)
class Taint:
    """Outside data in a value.

    Attributes:
        clean: kinds of sinks it can do no harm to, and marks that guards leave.
        built: whether text of ours was put around it.
        opaque: whether nobody knows what the last call made of it.
        doubt: how sure it is that the data came this far, 1 for certain.
    """

    source: Source
    step: Step = field(compare=False)
    clean: frozenset[str] = frozenset()
    built: bool = False
    opaque: bool = False
    doubt: float = field(default=1.0, compare=False)

    def but(self, **changes: Any) -> "Taint":
        """A copy with some fields replaced."""
        return replace(self, **changes)

    def proven(self, kinds: frozenset[str]) -> "Taint | None":
        """The same data where it is known to be harmless to these kinds of sinks; None where it is to all (`*`)."""
        if "*" in kinds:
            return None
        if kinds <= self.clean:
            return self
        clean = self.clean | kinds
        # Text in quotes that holds no other quote is a literal, whatever stands in it.
        if {"+quoted", "+no'"} <= clean or {'+quoted"', '+no"'} <= clean:
            clean |= {"code"}
        return self.but(clean=clean)

    def moved(self, path: str, start: int, end: int, note: str) -> "Taint":
        """The same data one step on."""
        last = self.step
        if last.length >= _MOST_STEPS or (last.start == start and last.end == end and last.path == path):
            return self
        return replace(self, step=Step(path, start, end, note, last, last.length + 1))


Taints = tuple[Taint, ...]


def cleaned(taints: Taints, kinds: frozenset[str]) -> Taints:
    """The taints after something made them harmless to these kinds of sinks."""
    if "*" in kinds:
        return ()
    return tuple(taint.but(clean=taint.clean | kinds) for taint in taints)


def piece(taints: Taints, key: Any, label: str = "") -> Taints:
    """The taints of what stands at a key of tainted data: marks about the whole text no longer hold.

    Args:
        taints: of the whole.
        key: the constant key, `NOTHING` where it is not known.
        label: what tells the part from others where the key does not.
    """
    found = []
    for taint in taints:
        marks, clean = taint.clean, frozenset(each for each in taint.clean if each[0] != "+")
        counted = isinstance(key, int) and not isinstance(key, bool)
        first, last = counted and key == 0, counted and (key > 0 or key == -1)
        if "+pieces" in marks or ("+first" in marks and first) or ("+last" in marks and last):
            clean |= PATH_ONLY
        source = taint.source.part_of(label if key is NOTHING else f"[{key!r}]")
        found.append(taint.but(source=source, clean=clean))
    return tuple(found)


def mixed(taints: Taints) -> Taints:
    """The taints after text of ours was put around: marks about the whole text no longer hold."""
    return tuple(
        taint.but(built=True, opaque=False, clean=frozenset(each for each in taint.clean if each[0] != "+"))
        for taint in taints
    )


def union(*groups: Iterable[Taint]) -> Taints:
    """Every taint once, the surest of equals, bounded."""
    found: dict[Taint, Taint] = {}
    for group in groups:
        for taint in group:
            known = found.get(taint)
            if known is None or known.doubt < taint.doubt:
                found[taint] = taint
    if len(found) <= _MOST_TAINTS:
        return tuple(found.values())
    return tuple(sorted(found.values(), key=lambda each: (len(each.clean), each.source.kind == "param")))[:_MOST_TAINTS]


@dataclass(frozen=True, slots=True)
class Fact:
    """That data of these sources, and every part of it, can do no harm to these kinds of sinks (`*`: to none).

    A kind with a plus, as `+mark`, only leaves a mark.
    """

    sources: frozenset[Source]
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """What is known of a value.

    Attributes:
        const: the constant it is, or `NOTHING`.
        taints: the outside data in it (for something that holds values: in all it may hold).
        ref: what the code calls it: `os.path.join`, `sqlite3.connect().cursor`; `?name` where nothing is known of it.
        obj: its place in the heap, None if it has none.
        callee: the function, class or method of the project it is.
        shape: of text that was put together: its known parts, with a `HOLE` for each unknown one.
        either: the constants it is one of, empty where that is not known.
        yes: what is certain where this value counts as true; `no`: where it counts as false.
    """

    const: Any = NOTHING
    taints: Taints = ()
    ref: str = ""
    obj: "Place | None" = None
    callee: Any = None
    shape: str = ""
    either: tuple[Any, ...] = ()
    yes: "tuple[Fact, ...]" = ()
    no: "tuple[Fact, ...]" = ()

    def with_taints(self, taints: Taints) -> "Value":
        """The same value with other taints."""
        if taints is self.taints:
            return self
        return Value(self.const, taints, self.ref, self.obj, self.callee, self.shape, self.either, self.yes, self.no)

    def but(self, **changes: Any) -> "Value":
        """A copy with some fields replaced."""
        return replace(self, **changes)


UNKNOWN: Final = Value()


def constant(value: Any) -> Value:
    """A constant."""
    return Value(const=value)


def named(ref: str, taints: Taints = ()) -> Value:
    """A value known by what the code calls it."""
    if len(ref) > _LONGEST_REF:
        ref = "?" + ref[-_LONGEST_REF // 2 :].partition(".")[2]
    return Value(ref=ref, taints=taints)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What something in the heap holds.

    Attributes:
        kind: `list`, `tuple`, `set`, `dict`, `object`, `text` (a buffer) or `config` (a table of tables).
        items: by constant key; of a list: by position.
        exact: whether `items` are all there are, so that positions hold.
        rest: everything put in at keys nobody knows.
        cls: the class of the project it is an object of.
    """

    kind: str
    items: Mapping[Any, Value] = field(default_factory=dict)
    exact: bool = True
    rest: Value = UNKNOWN
    cls: Any = None

    def put(self, key: Any, value: Value) -> "Held":
        """With a value at a constant key."""
        return Held(self.kind, {**self.items, key: value}, self.exact, self.rest, self.cls)

    def but(self, **changes: Any) -> "Held":
        """A copy with some fields replaced."""
        return replace(self, **changes)

    def sequence(self) -> list[Value]:
        """The items in order."""
        return list(self.items.values())


def as_list(kind: str, values: Iterable[Value]) -> Held:
    """A sequence whose items are known."""
    return Held(kind, dict(enumerate(values)))


def same_const(one: Any, other: Any) -> bool:
    """Whether two constants are equal and of one type."""
    return type(one) is type(other) and one == other


def joined_values(one: Value, other: Value) -> Value:
    """What is known of a value that is one or the other."""
    if one is other:
        return one
    if one.const is not NOTHING and same_const(one.const, other.const) and not one.taints and not other.taints:
        return one
    return Value(
        taints=one.taints if one.taints == other.taints else union(one.taints, other.taints),
        ref=_joined_ref(one, other),
        obj=one.obj if one.obj == other.obj else (one.obj or other.obj),
        callee=one.callee if one.callee is other.callee else None,
        either=_alternatives(one, other),
        shape=one.shape if one.shape == other.shape else _common(shape_of(one), shape_of(other)),
    )


def constants(value: Value) -> tuple[Any, ...]:
    """The constants a value is one of, empty where that is not known."""
    return value.either if value.const is NOTHING else (value.const,)


def _alternatives(one: Value, other: Value) -> tuple[Any, ...]:
    mine, yours = constants(one), constants(other)
    if not mine or not yours or len(mine) + len(yours) > _MOST_CONSTANTS:
        return ()
    return mine + tuple(each for each in yours if not any(same_const(each, known) for known in mine))


def shape_of(value: Value) -> str:
    """The shape of a value as text: a constant's own text, a hole for what is unknown."""
    if isinstance(value.const, str):
        return value.const[:_LONGEST_SHAPE]
    return value.shape or HOLE


def _common(one: str, other: str) -> str:
    """How both begin; where one side was empty or wholly unknown, the other says more."""
    if one.strip(HOLE) == "" or other.strip(HOLE) == "":
        return HOLE
    size = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:size] + HOLE


def _joined_ref(one: Value, other: Value) -> str:
    if one.ref == other.ref:
        return one.ref
    if other.const is None:
        return one.ref
    return other.ref if one.const is None else ""


def unchanged(one: Value, other: Value) -> bool:
    """Whether two values say the same."""
    return one is other or (
        one.ref == other.ref
        and one.obj == other.obj
        and one.callee is other.callee
        and set(one.taints) == set(other.taints)
        and one.either == other.either
        and (one.const is other.const or same_const(one.const, other.const))
    )
