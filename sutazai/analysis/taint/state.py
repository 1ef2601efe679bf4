"""What holds at one point of a function: its variables and the heap. Branches copy it and join again."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from sutazai.analysis.taint.values import (
    UNKNOWN,
    Fact,
    Held,
    Place,
    Source,
    Taint,
    Taints,
    Value,
    joined_values,
    piece,
    unchanged,
    union,
)

_MOST_HELD: Final = 64

Proved = Mapping[Source, frozenset[str]]  # to which kinds of sinks what comes from there can do no harm


class State:
    """Variables and heap at one point, and what is proved there of outside data."""

    __slots__ = ("heap", "names", "proved")

    def __init__(
        self,
        names: dict[str, Value] | None = None,
        heap: dict[Place, Held] | None = None,
        proved: Proved | None = None,
    ) -> None:
        self.names = names if names is not None else {}
        self.heap = heap if heap is not None else {}
        self.proved: Proved = proved if proved is not None else {}

    def copy(self) -> "State":
        """A state of its own for a branch."""
        return State(dict(self.names), dict(self.heap), self.proved)

    def remember(self, fact: Fact) -> None:
        """Keeps what is proved, for parts that are read again and for whoever learns from how this ends."""
        known = {each: self.proved.get(each, frozenset()) | fact.kinds for each in fact.sources}
        self.proved = {**self.proved, **known}

    def piece(self, taints: Taints, key: Any, label: str = "") -> Taints:
        """The taints of what stands at a key of tainted data, less what is proved of it; see `values.piece`."""
        found = piece(taints, key, label)
        if not self.proved:
            return found
        kinds = [frozenset().union(*(self.proved.get(at, ()) for at in each.source.above())) for each in found]
        proven = (taint.proven(known) for taint, known in zip(found, kinds, strict=True))
        return tuple(each for each in proven if each is not None)

    def held(self, value: Value) -> Held | None:
        """What a value holds, None if it points nowhere."""
        return self.heap.get(value.obj) if value.obj else None

    def keep(self, place: Place, held: Held, ref: str = "") -> Value:
        """Puts something into the heap and gives the value that points there."""
        self.heap[place] = held
        return Value(ref=ref, obj=place)

    def taints(self, value: Value) -> Taints:
        """The taints of a value and of all it holds."""
        if value.obj is None:
            return value.taints
        found, seen, todo = [value.taints], set[Place](), [value]
        while todo:
            here = todo.pop()
            if here.obj is None or here.obj in seen or len(seen) > _MOST_HELD:
                continue
            seen.add(here.obj)
            held = self.heap.get(here.obj)
            if held is not None:
                inner = [held.rest, *held.items.values()]
                found += [each.taints for each in inner if each.taints]
                todo += [each for each in inner if each.obj is not None]
        return union(*found)

    def retaint(self, change: Callable[[Taint], Taint | None]) -> None:
        """Changes every taint of every variable and of all that is held; None drops it."""
        for name, value in self.names.items():
            if value.taints:
                self.names[name] = changed(value, change)
        for place, held in self.heap.items():
            rest = changed(held.rest, change)
            items = {key: new for key, each in held.items.items() if (new := changed(each, change)) is not each}
            if items or rest is not held.rest:
                self.heap[place] = Held(held.kind, {**held.items, **items}, held.exact, rest, held.cls)

    def stable(self, other: "State") -> bool:
        """Whether another state says the same as this one."""
        if self.names.keys() != other.names.keys() or self.heap.keys() != other.heap.keys():
            return False
        if not all(unchanged(value, other.names[name]) for name, value in self.names.items()):
            return False
        return all(held is other.heap[place] or _alike(held, other.heap[place]) for place, held in self.heap.items())


def changed(value: Value, change: Callable[[Taint], Taint | None]) -> Value:
    """A value with each taint changed; None drops it."""
    if not value.taints:
        return value
    kept = tuple(new for taint in value.taints if (new := change(taint)) is not None)
    same = len(kept) == len(value.taints) and all(new is old for new, old in zip(kept, value.taints, strict=True))
    return value if same else value.with_taints(kept)


def _alike(one: Held, other: Held) -> bool:
    return (
        one.exact == other.exact
        and one.items.keys() == other.items.keys()
        and unchanged(one.rest, other.rest)
        and all(unchanged(value, other.items[key]) for key, value in one.items.items())
    )


def joined(one: State | None, other: State | None) -> State | None:
    """What holds where two ways meet; a way that ends early counts for nothing."""
    if one is None or one is other:
        return other
    if other is None:
        return one
    names = dict(one.names)
    for name, value in other.names.items():
        mine = names.get(name)
        if mine is not value:
            names[name] = value if mine is None else _met(mine, value, one, other)
    heap = dict(one.heap)
    for place, held in other.heap.items():
        mine_held = heap.get(place)
        if mine_held is not held:
            heap[place] = held if mine_held is None else _joined_held(mine_held, held)
    return State(names, heap, one.proved if one.proved == other.proved else agreed(one.proved, other.proved))


def agreed(
    one: Mapping[Source, frozenset[str]], other: Mapping[Source, frozenset[str]]
) -> dict[Source, frozenset[str]]:
    """What two ways prove alike."""
    both = {source: _alike_proved(kinds, other[source]) for source, kinds in one.items() if source in other}
    return {source: kinds for source, kinds in both.items() if kinds}


def _alike_proved(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    return other if "*" in one else one if "*" in other else one & other


def _met(mine: Value, value: Value, one: State, other: State) -> Value:
    met = joined_values(mine, value)
    if mine.obj == value.obj:
        return met
    if mine.obj and value.obj:
        return met.with_taints(union(one.taints(mine), other.taints(value)))
    return met


def _joined_held(one: Held, other: Held) -> Held:
    if one.kind != other.kind:
        return one.but(exact=False, rest=joined_values(_all(one), _all(other)))
    keys = one.items if one.items.keys() == other.items.keys() else dict.fromkeys((*one.items, *other.items))
    if one.kind in ("list", "tuple", "set") and len(one.items) != len(other.items):
        return Held(one.kind, {}, exact=False, rest=joined_values(_all(one), _all(other)), cls=one.cls)
    items = {key: joined_values(one.items.get(key, UNKNOWN), other.items.get(key, UNKNOWN)) for key in keys}
    return Held(one.kind, items, one.exact and other.exact, joined_values(one.rest, other.rest), one.cls)


def _all(held: Held) -> Value:
    value = held.rest
    for each in held.items.values():
        value = joined_values(value, each)
    return value


def whole(held: Held) -> Value:
    """What any one of the things held may be."""
    values: Iterator[Value] = iter([*held.items.values(), *([] if held.rest is UNKNOWN else [held.rest])])
    found = next(values, UNKNOWN)
    for each in values:
        found = joined_values(found, each)
    return found
