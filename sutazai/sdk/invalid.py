"""Says in plain words why a value does not fit its model: where, the value given, what is allowed. Raises nothing.

The one place that turns what pydantic says into what a person is told.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sutazai.errors.usage import nearest

_SHOWN: Final = 60
_QUOTED: Final = re.compile(r"'([^']*)'")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_CHOICES: Final = frozenset({"enum", "literal_error"})
_TABLES: Final = frozenset({"dict_type", "model_type", "model_attributes_type", "dataclass_type"})

_Context = Mapping[str, Any]
_REASONS: Final[Mapping[str, Callable[[str, _Context], str]]] = {
    "less_than_equal": lambda value, context: f"{value} is too much: at most {context['le']:g}",
    "less_than": lambda value, context: f"{value} is too much: less than {context['lt']:g}",
    "greater_than_equal": lambda value, context: f"{value} is too little: at least {context['ge']:g}",
    "greater_than": lambda value, context: f"{value} is too little: more than {context['gt']:g}",
    "too_short": lambda _value, context: f"it holds fewer than {context['min_length']}",
    "string_too_long": lambda value, context: f"{value} is longer than {context['max_length']} characters",
    "string_pattern_mismatch": lambda value, _context: f"{value} is not of the form asked for",
    "finite_number": lambda value, _context: f"{value} is no finite number",
    "missing": lambda _value, _context: "it is missing",
    "extra_forbidden": lambda _value, _context: "there is nothing of this name",
}
_KINDS: Final = {
    "bool": "neither true nor false",
    "int": "no whole number",
    "float": "no number",
    "string": "no text",
    "tuple": "no list",
    "list": "no list",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """The first value that does not fit.

    Attributes:
        place: keys and positions that lead to it.
        reason: naming the value and what is allowed.
        hint: the nearest name, where a name is wrong; else empty.
        is_unknown: there is nothing of its name.
        is_table: a table was wanted.
        known: the names there are, where its name is unknown.
    """

    place: tuple[str, ...]
    reason: str
    hint: str = ""
    is_unknown: bool = False
    is_table: bool = False
    known: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The place as one writes it in TOML: `review.per_path."tests/".min_severity`."""
        return ".".join(each if _BARE.fullmatch(each) else f'"{each}"' for each in self.place)


def first_wrong(error: ValidationError, data: Any, model: type[BaseModel]) -> Wrong:
    """What to say of `data`, which is no `model`."""
    rows = error.errors(include_url=False)
    first = rows[0]
    place = _place(first, data)
    if first["type"] == "extra_forbidden":
        known = _names_at(model, place[:-1])
        return Wrong(place, _reason(first), nearest(place[-1], known), is_unknown=True, known=known)
    # A value of several kinds (a severity, or `never`) fails once for each kind.
    allowed = [name for each in rows if _place(each, data) == place for name in _choices(each)]
    if allowed:
        given = shown(first["input"])
        close = nearest(str(first["input"]), allowed)
        return Wrong(
            place, f"{given} is none of {', '.join(allowed)}", close if close.startswith("did you mean") else ""
        )
    return Wrong(place, _reason(first), is_table=first["type"] in _TABLES)


def shown(value: Any) -> str:
    """A value as it was written, in few characters."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return "a list"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return repr(cut) if isinstance(value, str) else cut


def _reason(row: Mapping[str, Any]) -> str:
    kind, given = str(row["type"]), shown(row["input"])
    if kind in _REASONS:
        return _REASONS[kind](given, row.get("ctx", {}))
    if kind in _TABLES:
        return f"{given} is no table"
    stem = kind.partition("_")[0]
    if stem in _KINDS:
        return f"{given} is {_KINDS[stem]}"
    return str(row["msg"]).removeprefix("Value error, ").replace("Input should", "it should")


def _choices(row: Mapping[str, Any]) -> Sequence[str]:
    return _QUOTED.findall(str(row["ctx"]["expected"])) if row["type"] in _CHOICES else ()


def _place(row: Mapping[str, Any], data: Any) -> tuple[str, ...]:
    """The way to the value, without the names that pydantic gives to the kinds it tried."""
    place, at = [], data
    for part in row["loc"]:
        if isinstance(at, Mapping) and (part in at or row["type"] == "missing"):
            at = at.get(part)
        elif isinstance(at, Sequence) and not isinstance(at, str | bytes) and isinstance(part, int):
            at = at[part] if part < len(at) else None
        else:
            break
        place.append(str(part))
    return tuple(place)


def _names_at(model: Any, place: Sequence[str]) -> tuple[str, ...]:
    """The fields of the model that lies at a place inside `model`."""
    for part in place:
        if isinstance(model, type) and issubclass(model, BaseModel):
            by_name = {field.alias or name: field for name, field in model.model_fields.items()}
            model = by_name[part].annotation if part in by_name else None
        elif get_origin(model) in {dict, tuple}:
            model = next((each for each in reversed(get_args(model)) if each is not ...), None)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return tuple(field.alias or name for name, field in model.model_fields.items())
    return ()
