"""What tests prove: facts about outside data that hold where a condition is true, or where it is false."""

import re
from collections.abc import Sequence
from functools import partial, reduce
from typing import Final

from sutazai.analysis.taint.state import Proved, State, agreed, joined
from sutazai.analysis.taint.values import HOLE, NOTHING, PATH_ONLY, Fact, Source, Taint, Taints, Value, shape_of

_EVERY: Final = frozenset({"*"})
_URL: Final = frozenset({"redirect", "ssrf"})
# What the absence of a character from a text keeps it from.
_ABSENT: Final = {
    "'": frozenset({"xpath", "+no'"}),
    '"': frozenset({"xpath", '+no"'}),
    "<": frozenset({"xss"}),
    ">": frozenset({"xss"}),
    "\n": frozenset({"log", "header"}),
    "\r": frozenset({"log", "header"}),
    "*": frozenset({"+no*"}),
    "(": frozenset({"ldap"}),
    ";": frozenset({"+no;"}),
    "{{": frozenset({"template"}),
    "://": frozenset({"+nohost"}),
    "//": frozenset({"+nohost"}),
}
_URL_PARTS: Final = re.compile(r"(urlparse|urlsplit|URL)\(\)\.(netloc|hostname|host)$")
_PARSED: Final = re.compile(r"(commonpath|commonprefix)\(\)$")
_NETWORK: Final = re.compile(r"\.is_(private|global)$")
_FETCHED: Final = frozenset({"ssrf"})
_PLAIN: Final = re.compile(r"[\w.,:@+=-]*")  # no text of such characters does any harm
_ALPHABET: Final = frozenset({"isdigit", "isalnum", "isnumeric", "isdecimal", "isidentifier", "isalpha"})
_WILD: Final = re.compile(r"(?<!\\)\.|\[\^|\\S|\\D|\\W")
_PROVEN_URL: Final = re.compile(r"https?://[^/\\@\s\0]+[/?#]|/(?![/\\\0])")


def apply(state: State, facts: tuple[Fact, ...]) -> State:
    """The state where these facts hold; the given one is left as it is."""
    if not facts:
        return state
    state = state.copy()
    hold(state, facts)
    return state


def hold(state: State, facts: tuple[Fact, ...]) -> None:
    """Makes these facts hold in a state."""
    for each in facts:
        state.retaint(partial(_held, fact=each))
        state.remember(each)


def proofs(state: State, more: tuple[Fact, ...] = ()) -> Proved:
    """All that is proved in a state, and by these facts."""
    found = dict(state.proved)
    for each in more:
        found |= {source: found.get(source, frozenset()) | each.kinds for source in each.sources}
    return found


def as_facts(proved: Proved) -> tuple[Fact, ...]:
    """What is proved of each source, as facts."""
    return tuple(Fact(frozenset({source}), kinds) for source, kinds in proved.items())


def told_by(ends: Sequence[tuple[Value, State]]) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """What it proves that a value counts as true, and as false, where it is one of these at the end of each way."""
    true: list[Proved] = []
    false: list[Proved] = []
    for value, state in ends:
        if value.const is NOTHING or value.const:
            true.append(proofs(state, value.yes))
        if value.const is NOTHING or not value.const:
            false.append(proofs(state, value.no))
    yes, no = (as_facts(reduce(agreed, ways)) if ways else () for ways in (true, false))
    return yes, no


def met(one: State | None, other: State | None) -> State | None:
    """What holds where two branches meet; a flag that is set in one of them tells what was proved there."""
    both = joined(one, other)
    if one is None or other is None or both is None:
        return both
    for name, value in one.names.items():
        different = other.names.get(name, value)
        if different is not value and (isinstance(value.const, bool) or isinstance(different.const, bool)):
            yes, no = told_by([(value, one), (different, other)])
            both.names[name] = both.names[name].but(yes=yes, no=no)
    return both


def of_each(items: Taints, end: State | None) -> tuple[Fact, ...]:
    """What holds for all that was gone through, as the end of the body proves it for any one of it."""
    if end is None or not items:
        return ()
    sources = sources_of(items)
    above = {each for source in sources for each in source.above()}
    told = {
        source: kinds
        for source, kinds in end.proved.items()
        if source in above or any(each in sources for each in source.above())
    }
    return as_facts(told)


def _held(taint: Taint, fact: Fact) -> Taint | None:
    return taint.proven(fact.kinds) if any(each in fact.sources for each in taint.source.above()) else taint


def sources_of(taints: Taints) -> frozenset[Source]:
    """Where the taints come from."""
    return frozenset(taint.source for taint in taints)


def fact(taints: Taints, kinds: frozenset[str]) -> tuple[Fact, ...]:
    """That these taints are harmless to these kinds of sinks; nothing where there is no taint."""
    return (Fact(sources_of(taints), kinds),) if taints else ()


def compared(op: str, left: Value, right: Value, left_taints: Taints, right_taints: Taints) -> Value:
    """The truth of a comparison of which no constant is known."""
    if op in ("in", "not in"):
        yes, no = _membership(left, right, left_taints, right_taints)
    elif op in ("==", "!=", "is", "is not"):
        yes, no = _equality(left, right, left_taints, right_taints), ()
    else:
        return Value()
    negated = op in ("not in", "!=", "is not")
    return Value(yes=no, no=yes) if negated else Value(yes=yes, no=no)


def _membership(
    left: Value, right: Value, left_taints: Taints, right_taints: Taints
) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    if right_taints and not left_taints and right.ref.endswith(".parents"):
        return _of_whole(right_taints, PATH_ONLY), ()
    if right_taints and not left_taints and isinstance(left.const, str):
        return (), fact(right_taints, _without(left.const))
    if left_taints and not right_taints and (not isinstance(right.const, str) or _PLAIN.fullmatch(right.const)):
        return _known(left, left_taints), ()
    return (), ()


def _without(needle: str) -> frozenset[str]:
    if needle in ("..", "../", "/", "..\\", "\\"):
        return PATH_ONLY
    return _ABSENT.get(needle, frozenset())


def _equality(left: Value, right: Value, left_taints: Taints, right_taints: Taints) -> tuple[Fact, ...]:
    for value, taints, other, others in (
        (left, left_taints, right, right_taints),
        (right, right_taints, left, left_taints),
    ):
        if not taints or others:
            continue
        if _PARSED.search(value.ref):
            return fact(taints, PATH_ONLY)
        if value.ref.endswith(".parent"):
            return _of_whole(taints, PATH_ONLY)
        if other.const is not NOTHING and other.const is not None:
            return _known(value, taints)
    return ()


def _known(value: Value, taints: Taints) -> tuple[Fact, ...]:
    """What it proves that a value is one of ours: of the host of an address, that the address leads there."""
    return _of_whole(taints, _URL) if _is_host(value) else fact(taints, _EVERY)


def _of_whole(part: Taints, kinds: frozenset[str]) -> tuple[Fact, ...]:
    """That what these are parts of is harmless to these kinds of sinks."""
    return (Fact(frozenset(taint.source.whole or taint.source for taint in part), kinds),) if part else ()


def _is_host(value: Value) -> bool:
    return bool(_URL_PARTS.search(value.ref))


def truth_of(value: Value) -> Value:
    """A value with what its own truth proves: no host means an address within the site.

    Whether a network address is private is asked of what a host was resolved to: the answer is about the whole.
    """
    if not value.taints:
        return value
    if _is_host(value) and not value.no:
        return value.but(no=_of_whole(value.taints, _URL))
    if _NETWORK.search(value.ref):
        every = (Fact(frozenset(each for taint in value.taints for each in taint.source.above()), _FETCHED),)
        return value.but(yes=every) if value.ref.endswith("global") else value.but(no=every)
    return value


def tested(name: str, subject: Taints, args: list[Value]) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """What a method like `isdigit` or `startswith`, called on outside data, proves when true and when false."""
    if name in _ALPHABET:
        return fact(subject, _EVERY), ()
    if name in ("startswith", "is_relative_to", "relative_to") and args:
        return _starts(name, subject, args[0]), ()
    if name == "endswith" and args and args[0].const in ("'", '"'):
        return fact(subject, frozenset({"+ended"})), ()
    return (), ()


def _starts(name: str, subject: Taints, start: Value) -> tuple[Fact, ...]:
    facts: tuple[Fact, ...] = ()
    resolved = tuple(taint for taint in subject if "+resolved" in taint.clean)
    if resolved or name != "startswith":
        facts += fact(resolved or subject, PATH_ONLY)
    shape = shape_of(start)
    if isinstance(start.const, str):
        if start.const in ("'", '"'):
            facts += fact(subject, frozenset({"+quoted" if start.const == "'" else '+quoted"'}))
        if _PROVEN_URL.match(start.const):
            facts += fact(subject, _URL)
    elif shape != HOLE and _PROVEN_URL.match(shape):
        facts += fact(subject, _URL)
    return facts


def matched(pattern: Value, subject: Taints, *, whole: bool) -> tuple[Fact, ...]:
    """What it proves that a regular expression matched: all, if it lets only plain characters through to the end."""
    text = pattern.const
    if not isinstance(text, str):
        return ()
    if not whole and not (text.startswith(("^", "\\A")) and text.endswith(("$", "\\Z", "\\z"))):
        return ()
    return fact(subject, _EVERY) if not _WILD.search(text) else ()


def fixed_host(shape: str) -> bool:
    """Whether an address of this shape can only lead to a host of ours."""
    return bool(_PROVEN_URL.match(shape))


def both(one: tuple[Fact, ...], other: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The facts that hold either way."""
    return tuple(each for each in one if each in other)
