"""The page of settings: every key with its type, default, variable and meaning, read from the settings' own model."""

import json
from collections.abc import Iterator
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sutazai.settings.load import value_of
from sutazai.settings.model import PROJECT_SECTIONS, Settings, description_of, known_keys
from sutazai.settings.secrets import SECRETS
from tests.reference.markdown import generated, table

_HEAD = """
Where a value is set, strongest first: a flag, a variable, the project's file (`sutazai.toml`, or `[tool.sutazai]` in
`pyproject.toml`), your own file (`sutazai config path` prints where it is), the default. `sutazai config show --origin`
prints every value in force and where it came from. An unknown key is an error.

A list in a variable is written with commas or as JSON, a table as JSON: `SUTAZAI_REVIEW__ENGINES=ruff,secrets`.

A project's file comes with code that may be hostile, so it may set only the keys marked "yes": no host, no model, no
path outside of the project. Settings of a project that apply are named when a review starts.
"""
_VARIABLES = {
    "SUTAZAI_HOME": "moves configuration, data and cache under one folder",
    "SUTAZAI_OFFLINE": "`1`: never fetch anything (the setting `offline`)",
    "SUTAZAI_LOG": "what is logged to stderr (the setting `log`)",
    "OLLAMA_HOST": "where Ollama is, as Ollama's own tools read it; `SUTAZAI_OLLAMA__HOST` goes before it",
    "NO_COLOR": "no colour on a terminal",
}
_TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def page() -> str:
    """The page."""
    parts = [generated("Settings"), _HEAD]
    for section, keys in _sections().items():
        parts.append(f"\n## {f'`[{section}]`' if section else 'Top level'}\n\n")
        head = ("key", "type", "default", "meaning", "variable", "in a project file")
        parts.append(table(head, (_row(key) for key in keys)))
    parts.append("\n## Reserved variables\n\n")
    parts.append(table(("variable", "meaning"), ((f"`{name}`", text) for name, text in _VARIABLES.items())))
    parts.append("\n## Secrets\n\n" + _SECRETS)
    parts.append(table(("secret", "what it is for", "variable"), _secrets()))
    return "".join(parts)


_SECRETS = """\
Secrets never stand in a settings file. `sutazai config secret NAME` keeps one in the system's keyring, or in a file
that only you can read where there is no keyring. A variable goes before both; the variable with `_FILE` at its end
names a file that holds the secret.

"""


def _secrets() -> Iterator[tuple[str, str, str]]:
    for name, purpose in SECRETS.items():
        yield f"`{name}`", purpose, f"`SUTAZAI_SECRET_{name.replace('-', '_').upper()}`"


def _sections() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in known_keys():
        found.setdefault(key.rpartition(".")[0], []).append(key)
    return found


def variable_of(key: str) -> str:
    """The environment variable of a setting."""
    return "SUTAZAI_" + key.replace(".", "__").upper()


def _row(key: str) -> tuple[str, ...]:
    default = value_of(Settings(), key)
    allowed = "yes" if key.partition(".")[0] in PROJECT_SECTIONS else "no"
    return (f"`{key}`", _kind(key), f"`{_toml(default)}`", description_of(key), f"`{variable_of(key)}`", allowed)


def _toml(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def _field(key: str) -> FieldInfo:
    section, _, name = key.rpartition(".")
    owner = Settings.model_fields[section].annotation if section else Settings
    assert isinstance(owner, type)
    assert issubclass(owner, BaseModel)
    return owner.model_fields[name]


def _kind(key: str) -> str:
    field = _field(key)
    limits = [_limit(each) for each in field.metadata]
    return ", ".join([_named(field.annotation), *(each for each in limits if each)])


def _limit(limit: object) -> str:
    match limit:
        case Ge(ge=least):
            return f"at least {least}"
        case Gt(gt=under):
            return f"over {under}"
        case Le(le=most):
            return f"at most {most}"
    return ""


def _named(kind: Any) -> str:
    if get_origin(kind) is tuple:
        return "list of text"
    if get_origin(kind) is dict:
        return "table of text"
    return _TYPES.get(kind) or ", ".join(_choices(kind))


def _choices(kind: Any) -> Iterator[str]:
    if get_origin(kind) in (Union, UnionType):
        for each in get_args(kind):
            yield from _choices(each)
    elif get_origin(kind) is Literal:
        yield from (f"`{each}`" for each in get_args(kind))
    else:
        yield from (f"`{each.value}`" for each in kind)
