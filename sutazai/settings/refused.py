"""The error for a setting that does not fit: a flag is called by its name, a table is shown by example."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sutazai.errors.usage import InvalidFlag, InvalidSetting, UnknownSetting, UsageError
from sutazai.sdk.invalid import Wrong
from sutazai.settings.model import known_keys

FLAG: Final = "flag"
COMMAND_LINE: Final = "the command line"
_FLAGS: Final = {"model.name": "--model", "review.engines": "--engine"}
_EXAMPLES: Final[Mapping[str, Any]] = {
    "review.rules": {"py-eval": "off"},
    "review.per_path": {"tests/": {"min_severity": "high"}},
    "review.taint": {"source": [{"names": ["web.params()"]}]},
}


def refused(wrong: Wrong, origins: Mapping[str, str]) -> UsageError:
    """What to raise for a wrong value.

    Args:
        wrong: its place begins with the setting's section, where it has one.
        origins: dotted key to where its value came from.
    """
    key = next((each for n in (2, 1) if (each := ".".join(wrong.place[:n])) in known_keys()), wrong.name)
    origin = origins.get(key, "?")
    if wrong.is_unknown:
        return UnknownSetting(wrong.name, origin, wrong.known, name=wrong.place[-1])
    hint = wrong.hint or (_example(key, origin) if key in _EXAMPLES else "")
    if origin == FLAG:
        return InvalidFlag(flag_of(key), wrong.reason, hint=hint)
    if origin == COMMAND_LINE:
        hint = hint or f"`sutazai config get {key}` shows the value in force"
    return InvalidSetting(wrong.name, origin, wrong.reason, hint=hint)


def flag_of(key: str) -> str:
    """The flag that sets `key`."""
    name = key.rpartition(".")[2].removesuffix("_s").replace("_", "-")
    return _FLAGS.get(key, f"--{name}")


def _example(key: str, origin: str) -> str:
    """A table as it is written there: TOML in a file, else JSON."""
    if origin == COMMAND_LINE:
        return f"for example `sutazai config set {key} '{json.dumps(_EXAMPLES[key])}'`"
    if origin.startswith("SUTAZAI_"):
        return f"for example {origin}='{json.dumps(_EXAMPLES[key])}'"
    section, _, name = key.rpartition(".")
    table = json.dumps(_EXAMPLES[key], separators=(", ", " = "))
    above = "tool.sutazai." if origin.endswith("pyproject.toml") else ""
    return f"for example `{name} = {table}` under `[{above}{section}]`"
