"""Lists, dicts, sets, buffers and tables of settings: what their methods do, told apart by position and key."""

from collections.abc import Callable, Sequence
from typing import Final

from sutazai.analysis.taint.state import State, whole
from sutazai.analysis.taint.values import NOTHING, UNKNOWN, Held, Place, Value, as_list, constant, joined_values

_MOST_ITEMS: Final = 64
SEQUENCES: Final = ("list", "tuple", "set")
# What a call makes that the heap can follow.
MADE: Final = {
    "list": "list",
    "dict": "dict",
    "set": "set",
    "collections.OrderedDict": "dict",
    "collections.defaultdict": "dict",
    "collections.deque": "list",
    "io.StringIO": "text",
    "io.BytesIO": "text",
    "StringIO.StringIO": "text",
    "cStringIO.StringIO": "text",
    "configparser.ConfigParser": "config",
    "configparser.RawConfigParser": "config",
    "configparser.SafeConfigParser": "config",
    "ConfigParser.ConfigParser": "config",
}


def item(held: Held, key: object) -> Value:
    """What stands at a key; an unknown key may be any."""
    if key is NOTHING or not _is_key(key):
        return whole(held)
    if held.kind in SEQUENCES and isinstance(key, int) and not isinstance(key, bool):
        if not held.exact:
            return whole(held)
        key = key if key >= 0 else len(held.items) + key
    found = held.items.get(key)
    if found is None:
        return held.rest
    return found if held.rest is UNKNOWN or held.exact else joined_values(found, held.rest)


def _is_key(key: object) -> bool:
    return isinstance(key, str | int | float | bool | tuple) or key is None


def element(value: Value, state: State) -> Value:
    """What one gets by going through a value."""
    held = state.held(value)
    if held is None:
        if isinstance(value.const, str) and len(value.const) == 1:
            return value
        cut = any("+part" in taint.clean for taint in value.taints)
        taints = state.piece(value.taints, NOTHING, "[*]") if cut else value.taints
        return Value(taints=taints, ref=f"{value.ref}[]" if value.ref else "")
    if held.kind == "dict":
        keys = [constant(key) for key in held.items]
        first = keys[0] if keys else UNKNOWN
        for key in keys[1:]:
            first = joined_values(first, key)
        return first if held.exact else Value(taints=value.taints)
    return whole(held)


def stored(held: Held, key: object, value: Value) -> Held:
    """The thing with a value put at a key; an unknown key leaves the others where they are."""
    if key is NOTHING or not _is_key(key) or len(held.items) >= _MOST_ITEMS:
        return held.but(rest=joined_values(held.rest, value) if held.rest is not UNKNOWN else value, exact=False)
    if held.kind in SEQUENCES and isinstance(key, int):
        key = key if key >= 0 else len(held.items) + key
        if not held.exact or key not in held.items:
            return _with(held, value)
    return held.put(key, value)


def _with(held: Held, value: Value) -> Held:
    rest = value if held.rest is UNKNOWN else joined_values(held.rest, value)
    return held.but(rest=rest, exact=False)


def sliced(held: Held, key: object) -> Held:
    """A part of a sequence."""
    if held.exact and isinstance(key, slice):
        try:
            return as_list(held.kind, held.sequence()[key])
        except (ValueError, TypeError):
            pass
    return Held(held.kind, {}, exact=False, rest=whole(held))


def called(state: State, value: Value, name: str, args: Sequence[Value], place: Place) -> Value | None:
    """Runs a method of something in the heap; None: this room does not know it."""
    held = state.held(value)
    if held is None or value.obj is None:
        return None
    table = _METHODS.get(held.kind, {})
    work = table.get(name)
    return work(_On(state, value.obj, held, place), args) if work is not None else None


class _On:
    """What a method works on."""

    def __init__(self, state: State, here: Place, held: Held, place: Place) -> None:
        self.state, self.here, self.held, self.place = state, here, held, place

    def put(self, held: Held) -> Value:
        self.state.heap[self.here] = held
        return UNKNOWN

    def new(self, held: Held) -> Value:
        return self.state.keep(self.place, held)


def _arg(args: Sequence[Value], at: int) -> Value:
    return args[at] if at < len(args) else UNKNOWN


def _append(on: _On, args: Sequence[Value]) -> Value:
    held = on.held
    if held.exact and len(held.items) < _MOST_ITEMS:
        return on.put(as_list(held.kind, [*held.sequence(), _arg(args, 0)]))
    return on.put(_with(held, _arg(args, 0)))


def _insert(on: _On, args: Sequence[Value]) -> Value:
    at = _arg(args, 0).const
    if on.held.exact and isinstance(at, int):
        values = on.held.sequence()
        values.insert(at, _arg(args, 1))
        return on.put(as_list(on.held.kind, values))
    return on.put(_with(on.held.but(rest=whole(on.held), items={}, exact=False), _arg(args, 1)))


def _extend(on: _On, args: Sequence[Value]) -> Value:
    other = on.state.held(_arg(args, 0))
    if other is not None and other.exact and on.held.exact and other.kind in SEQUENCES:
        return on.put(as_list(on.held.kind, [*on.held.sequence(), *other.sequence()][:_MOST_ITEMS]))
    added = whole(other) if other is not None else Value(taints=_arg(args, 0).taints)
    return on.put(_with(on.held.but(rest=whole(on.held), items={}, exact=False), added))


def _pop(on: _On, args: Sequence[Value]) -> Value:
    at = args[0].const if args else -1
    values = on.held.sequence()
    if on.held.exact and isinstance(at, int) and -len(values) <= at < len(values):
        gone = values.pop(at)
        on.put(as_list(on.held.kind, values))
        return gone
    found = whole(on.held)
    on.put(Held(on.held.kind, {}, exact=False, rest=found))
    return found


def _popleft(on: _On, _args: Sequence[Value]) -> Value:
    return _pop(on, [Value(const=0)])


def _remove(on: _On, args: Sequence[Value]) -> Value:
    wanted = _arg(args, 0).const
    values = on.held.sequence()
    if on.held.exact and wanted is not NOTHING:
        at = next((i for i, each in enumerate(values) if each.const is not NOTHING and each.const == wanted), None)
        if at is not None and all(each.const is not NOTHING for each in values[:at]):
            return on.put(as_list(on.held.kind, values[:at] + values[at + 1 :]))
    return on.put(Held(on.held.kind, {}, exact=False, rest=whole(on.held)))


def _clear(on: _On, _args: Sequence[Value]) -> Value:
    return on.put(Held(on.held.kind))


def _reverse(on: _On, _args: Sequence[Value]) -> Value:
    if on.held.exact:
        return on.put(as_list(on.held.kind, on.held.sequence()[::-1]))
    return UNKNOWN


def _sort(on: _On, _args: Sequence[Value]) -> Value:
    return on.put(Held(on.held.kind, {}, exact=False, rest=whole(on.held)))


def _copy(on: _On, _args: Sequence[Value]) -> Value:
    return on.new(on.held)


def _get(on: _On, args: Sequence[Value]) -> Value:
    key = _arg(args, 0).const
    found = item(on.held, key)
    if on.held.exact and key is not NOTHING and key in on.held.items:
        return found
    return joined_values(found, _arg(args, 1)) if found is not UNKNOWN else _arg(args, 1)


def _setdefault(on: _On, args: Sequence[Value]) -> Value:
    key = _arg(args, 0).const
    if key is not NOTHING and key in on.held.items:
        return on.held.items[key]
    on.put(stored(on.held, key, _arg(args, 1)))
    return _arg(args, 1)


def _dict_pop(on: _On, args: Sequence[Value]) -> Value:
    found = _get(on, args)
    key = _arg(args, 0).const
    on.put(on.held.but(items={each: value for each, value in on.held.items.items() if each != key}))
    return found


def _keys(on: _On, _args: Sequence[Value]) -> Value:
    keys = [Value(const=key) for key in on.held.items]
    return on.new(as_list("list", keys).but(exact=on.held.exact))


def _values(on: _On, _args: Sequence[Value]) -> Value:
    return on.new(as_list("list", on.held.sequence()).but(exact=on.held.exact, rest=on.held.rest))


def _items(on: _On, _args: Sequence[Value]) -> Value:
    pairs = []
    for number, (key, value) in enumerate(on.held.items.items()):
        place = (on.place[0], -on.place[1] - 1, on.place[2] * _MOST_ITEMS + number)
        pairs.append(on.state.keep(place, as_list("tuple", [Value(const=key), value])))
    return on.new(as_list("list", pairs).but(exact=on.held.exact, rest=on.held.rest))


def _update(on: _On, args: Sequence[Value]) -> Value:
    other = on.state.held(_arg(args, 0))
    if other is not None and other.kind == "dict":
        return on.put(on.held.but(items={**on.held.items, **other.items}, exact=on.held.exact and other.exact))
    return on.put(_with(on.held, Value(taints=_arg(args, 0).taints)))


def _write(on: _On, args: Sequence[Value]) -> Value:
    return on.put(as_list("text", [*on.held.sequence(), _arg(args, 0)]))


def _writelines(on: _On, args: Sequence[Value]) -> Value:
    return on.put(as_list("text", [*on.held.sequence(), Value(taints=on.state.taints(_arg(args, 0)))]))


def _config_set(on: _On, args: Sequence[Value]) -> Value:
    section, key = _arg(args, 0).const, _arg(args, 1).const
    known = isinstance(section, str) and isinstance(key, str)
    return on.put(stored(on.held, f"{section}\0{str(key).lower()}" if known else NOTHING, _arg(args, 2)))


def _config_get(on: _On, args: Sequence[Value]) -> Value:
    section, key = _arg(args, 0).const, _arg(args, 1).const
    known = isinstance(section, str) and isinstance(key, str)
    return item(on.held, f"{section}\0{str(key).lower()}") if known else whole(on.held)


def _nothing(_on: _On, _args: Sequence[Value]) -> Value:
    return UNKNOWN


_Work = Callable[[_On, Sequence[Value]], Value]
_LIST: Final[dict[str, _Work]] = {
    "append": _append, "add": _append, "insert": _insert, "extend": _extend, "pop": _pop, "popleft": _popleft,
    "appendleft": lambda on, args: _insert(on, [Value(const=0), *args]), "remove": _remove, "discard": _remove,
    "clear": _clear, "reverse": _reverse, "sort": _sort, "copy": _copy, "update": _extend, "index": _nothing,
    "count": _nothing,
}  # fmt: skip
_DICT: Final[dict[str, _Work]] = {
    "get": _get, "setdefault": _setdefault, "pop": _dict_pop, "keys": _keys, "values": _values, "items": _items,
    "update": _update, "clear": _clear, "copy": _copy, "iteritems": _items, "itervalues": _values, "iterkeys": _keys,
}  # fmt: skip
_METHODS: Final[dict[str, dict[str, _Work]]] = {
    "list": _LIST,
    "set": _LIST,
    "tuple": _LIST,
    "dict": _DICT,
    "text": {"write": _write, "writelines": _writelines, "seek": _nothing, "close": _nothing},
    "config": {"set": _config_set, "get": _config_get, "add_section": _nothing, "has_option": _nothing},
}
