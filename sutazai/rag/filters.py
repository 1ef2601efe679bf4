"""Reads the text of a filter, e.g. `format=pdf and (page>=3 or not name~docs/**)`, into conditions with types.

Owns the language of filters. Must never build a query: stores do that, from the conditions and never from the text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Any, Final, Literal, cast, get_args

from sutazai.errors.knowledge import FilterBad
from sutazai.sdk.document import Combined, Condition, Field, Filter, Operator

MAX_CHARS: Final = 4_000
_MAX_DEPTH: Final = 10
_PAGE_DIGITS: Final = 9
_FIELDS: Final = get_args(Field)
_DATES: Final = frozenset({"added_at", "modified_at"})
_LOWER_CASE: Final = frozenset({"format", "language"})
_BLANK: Final = re.compile(r"\s*")
_NAME: Final = re.compile(r"\w+")
_OPERATOR: Final = re.compile(r"!=|<=|>=|=|<|>|~")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


def parsed_filter(text: str) -> Filter | None:
    """The filter that a text stands for; None for a blank one.

    Raises:
        FilterBad: it cannot be understood; the reason names the place.
    """
    if not text.strip():
        return None
    if len(text) > MAX_CHARS:
        raise FilterBad(text, f"it is longer than {MAX_CHARS} characters")
    return _Parser(text).whole()


class _Parser:
    """Recursive descent: `or` of `and` of conditions, `not` and brackets."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0

    def whole(self) -> Filter:
        found = self._either()
        self._blank()
        if self._at < len(self._text):
            raise self._bad("'and', 'or' or the end", self._at)
        return found

    def _either(self) -> Filter:
        return self._joined("or", self._both)

    def _both(self) -> Filter:
        return self._joined("and", self._one)

    def _joined(self, word: Literal["and", "or"], part: Callable[[], Filter]) -> Filter:
        parts = [part()]
        while self._takes_word(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Combined(word, tuple(parts))

    def _one(self) -> Filter:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise FilterBad(self._text, f"more than {_MAX_DEPTH} brackets or 'not' within one another")
        try:
            if self._takes_word("not"):
                return Combined("not", (self._one(),))
            return self._bracket() if self._takes("(") else self._condition()
        finally:
            self._depth -= 1

    def _bracket(self) -> Filter:
        opened = self._at
        found = self._either()
        if not self._takes(")"):
            raise self._bad(f"a ')' for the '(' at character {opened}", self._at)
        return found

    def _condition(self) -> Filter:
        field = self._field()
        self._blank()
        start = self._at
        match = _OPERATOR.match(self._text, start)
        if match is None:
            raise self._bad("one of = != < <= > >= ~", start)
        self._at = match.end()
        self._blank()
        place = _Place(self._text, self._at, start)
        return _typed(field, cast("Operator", match[0]), self._value(), place)

    def _field(self) -> Field:
        self._blank()
        match = _NAME.match(self._text, self._at)
        if match is None:
            raise self._bad("a condition such as format=pdf", self._at)
        name = match[0].lower()
        if name not in _FIELDS:
            near = get_close_matches(name, _FIELDS, 1)
            meant = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(_FIELDS)}"
            raise FilterBad(self._text, f"at character {self._at + 1}: there is no field {match[0][:40]!r}, {meant}")
        self._at = match.end()
        return cast("Field", name)

    def _value(self) -> str:
        quoted = _QUOTED.match(self._text, self._at)
        if quoted is not None:
            self._at = quoted.end()
            return _ESCAPED.sub(r"\1", quoted[1] if quoted[1] is not None else quoted[2])
        if self._text[self._at : self._at + 1] in {'"', "'"}:
            raise self._bad("a closing quote", len(self._text))
        start, self._at = self._at, self._bare_end()
        if start == self._at:
            raise self._bad("a value", start)
        return self._text[start : self._at]

    def _bare_end(self) -> int:
        """Where a value without quotes ends: at a blank, or at a bracket that it did not open."""
        at, open_brackets = self._at, 0
        while at < len(self._text) and not self._text[at].isspace():
            open_brackets += {"(": 1, ")": -1}.get(self._text[at], 0)
            if open_brackets < 0:
                break
            at += 1
        return at

    def _takes(self, mark: str) -> bool:
        self._blank()
        found = self._text.startswith(mark, self._at)
        self._at += len(mark) * found
        return found

    def _takes_word(self, word: str) -> bool:
        self._blank()
        match = _NAME.match(self._text, self._at)
        if match is None or match[0].lower() != word:
            return False
        self._at = match.end()
        return True

    def _blank(self) -> None:
        self._at = cast("re.Match[str]", _BLANK.match(self._text, self._at)).end()

    def _bad(self, expected: str, at: int) -> FilterBad:
        found = repr(self._text[at : at + 20]) if at < len(self._text) else "the end"
        return FilterBad(self._text, f"at character {at + 1}: expected {expected}, found {found}")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where value and operator of a condition stand."""

    text: str
    value: int
    operator: int

    def bad_value(self, reason: str) -> FilterBad:
        return FilterBad(self.text, f"at character {self.value + 1}: {reason}")

    def bad_operator(self, reason: str) -> FilterBad:
        return FilterBad(self.text, f"at character {self.operator + 1}: {reason}")


def _typed(field: Field, operator: Operator, value: str, place: _Place) -> Filter:
    if field == "page":
        return Condition(field, _ordered(field, operator, place), _page(value, place))
    if field in _DATES:
        return _dated(field, _ordered(field, operator, place), value, place)
    if operator not in {"=", "!=", "~"}:
        raise place.bad_operator(f"{field!r} takes = != ~, not {operator}")
    if field == "tag" and "=" not in value:
        raise place.bad_value("a tag is KEY=VALUE, as in tag=team=search or tag~team=*")
    return Condition(field, operator, value.lower() if field in _LOWER_CASE else value)


def _ordered(field: str, operator: Operator, place: _Place) -> Operator:
    if operator == "~":
        raise place.bad_operator(f"{field!r} takes = != < <= > >=, not ~")
    return operator


def _page(value: str, place: _Place) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= _PAGE_DIGITS):
        raise place.bad_value(f"a page is a number, not {value[:40]!r}")
    return int(value)


def _dated(field: Field, operator: Operator, value: str, place: _Place) -> Filter:
    try:
        if _DATE.fullmatch(value):
            return _within_day(field, operator, date.fromisoformat(value))
        moment = datetime.fromisoformat(value)
        return Condition(field, operator, moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise place.bad_value(f"a date is written 2026-01-31 or 2026-01-31T12:00, not {value[:40]!r}") from None


def _within_day(field: Field, operator: Operator, day: date) -> Filter:
    """A condition on a whole day (UTC): `=` means any time of it, `>` means after its end."""
    start = datetime.combine(day, time(), UTC)
    end = start + timedelta(days=1)
    of_day = Combined("and", (Condition(field, ">=", start), Condition(field, "<", end)))
    meanings: dict[Any, Filter] = {
        "=": of_day,
        "!=": Combined("not", (of_day,)),
        ">": Condition(field, ">=", end),
        "<=": Condition(field, "<", end),
    }
    return meanings.get(operator) or Condition(field, operator, start)
