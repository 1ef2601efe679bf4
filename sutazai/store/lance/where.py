"""A typed filter as an expression of LanceDB. Values of users appear only as escaped literals, never as structure.

Means exactly what `sutazai.sdk.matching` says. LanceDB knows a third truth value where something is missing: a
condition that must not hold is asked as `IS NOT TRUE`, and "not" is moved down to the conditions.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from sutazai.errors.knowledge import FilterBad
from sutazai.sdk.document import Combined, Condition, Filter
from sutazai.store.lance.rows import TAG_END, TAG_START, bounded, microseconds, storable

_MAX_DEPTH: Final = 20
_MAX_GLOB: Final = 1_000
_MAX_PAGE: Final = 2**31 - 1
_TIMES: Final = frozenset({"added_at", "modified_at"})
_TEXTS: Final = frozenset({"document", "name", "format", "language", "title", "symbol"})
_COMPARISONS: Final = frozenset({"=", "<", "<=", ">", ">="})
_TURNED: Final = {"and": "or", "or": "and"}
_GLOB_PARTS: Final = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_PLAIN: Final = re.compile(r"[A-Za-z0-9]")


def expression(where: Filter | None, base: str = "") -> str:
    """The filter, joined with an expression of our own by "and"; empty where everything is wanted.

    Raises:
        FilterBad: the filter asks for something that its field does not have.
    """
    parts = [part for part in (base, _any(where, wanted=True, depth=0) if where else "") if part]
    return " AND ".join(f"({part})" for part in parts)


def literal(text: str) -> str:
    """A text in an expression."""
    return "'" + storable(text).replace("'", "''") + "'"


def one_of(column: str, values: Iterable[str]) -> str:
    """Whether a column has one of these values (at least one)."""
    return f"{column} IN ({', '.join(literal(value) for value in values)})"


def _any(where: Filter, *, wanted: bool, depth: int) -> str:
    if depth > _MAX_DEPTH:
        raise FilterBad("(…)", "it is nested too deeply")
    if isinstance(where, Condition):
        return _condition(where, wanted=wanted)
    if where.operator == "not":
        return _any(where.parts[0], wanted=not wanted, depth=depth + 1)
    return _joined(where, wanted=wanted, depth=depth)


def _joined(where: Combined, *, wanted: bool, depth: int) -> str:
    operator = where.operator if wanted else _TURNED[where.operator]
    if not where.parts:
        return "true" if operator == "and" else "false"
    parts = (_any(part, wanted=wanted, depth=depth + 1) for part in where.parts)
    return f" {operator.upper()} ".join(f"({part})" for part in parts)


def _condition(condition: Condition, *, wanted: bool) -> str:
    holds = wanted is not (condition.operator == "!=")
    operator = "=" if condition.operator == "!=" else condition.operator
    made = _MEANINGS[_kind(condition)](condition, operator)
    return made if holds else f"({made}) IS NOT TRUE"


def _kind(condition: Condition) -> str:
    if condition.field in _TEXTS:
        return "text"
    if condition.field in _TIMES:
        return "time"
    if condition.field in _MEANINGS:
        return condition.field
    raise _bad(condition, "there is no such field")


def _text(condition: Condition, operator: str) -> str:
    if operator == "~":
        return f"regexp_like({condition.field}, '^{_glob(condition)}$')"
    return f"{condition.field} {_comparison(condition, operator)} {literal(str(condition.value))}"


def _time(condition: Condition, operator: str) -> str:
    if not isinstance(condition.value, datetime):
        raise _bad(condition, "it needs a date")
    return f"{condition.field} {_comparison(condition, operator)} {microseconds(condition.value)}"


def _page(condition: Condition, operator: str) -> str:
    """Whether any page of the chunk meets it; a chunk without pages never does."""
    try:
        page = min(max(int(str(condition.value)), -_MAX_PAGE), _MAX_PAGE)
    except ValueError:
        raise _bad(condition, "a page is a number") from None
    compare = _comparison(condition, operator)
    starts = f"page {'<=' if compare == '=' else compare} {page}"
    last = ">=" if compare == "=" else compare
    ends = f"(end_page {last} {page} OR (end_page = 0 AND page {last} {page}))"
    meets = {"=": f"{starts} AND {ends}", "<": starts, "<=": starts}.get(compare, ends)
    return f"page > 0 AND {meets}"


def _tag(condition: Condition, operator: str) -> str:
    if operator == "~":
        start, end = _escaped(TAG_START), _escaped(TAG_END)
        return f"regexp_like(tags, '{start}{_glob(condition, without=start + end)}{end}')"
    if operator != "=":
        raise _bad(condition, "a tag takes = != ~")
    return f"strpos(tags, {literal(bounded(str(condition.value)))}) > 0"


_MEANINGS: Final[Mapping[str, Callable[[Condition, str], str]]] = {
    "text": _text,
    "time": _time,
    "page": _page,
    "tag": _tag,
}


def _comparison(condition: Condition, operator: str) -> str:
    if operator not in _COMPARISONS:
        raise _bad(condition, f"it does not take {operator}")
    return operator


def _glob(condition: Condition, *, without: str = "") -> str:
    """A regular expression in which every character of the user that is no wildcard stands as its number."""
    glob = storable(str(condition.value))
    if len(glob) > _MAX_GLOB:
        raise _bad(condition, f"a pattern has at most {_MAX_GLOB} characters")
    anything, within = f"[^{without}]" if without else ".", f"[^/{without}]"
    meanings = {"**/": f"(?:{anything}*/)?", "**": f"{anything}*", "*": f"{within}*", "?": within}
    parts = (meanings.get(part) or _escaped(part) for part in _GLOB_PARTS.findall(glob))
    return f"(?s:{''.join(parts)})"


def _escaped(text: str) -> str:
    return "".join(each if _PLAIN.match(each) else f"\\x{{{ord(each):x}}}" for each in text)


def _bad(condition: Condition, reason: str) -> FilterBad:
    return FilterBad(f"{condition.field}{condition.operator}{condition.value}", reason)
