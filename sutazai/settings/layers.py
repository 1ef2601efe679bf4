"""The layers of settings as flat dotted keys: files, variables, flags. Checks names, not values."""

import json
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final

from sutazai.errors.usage import (
    ForbiddenInProject,
    OutsideProject,
    TwoProjectFiles,
    UnknownSetting,
    UnreadableSettings,
)
from sutazai.settings.model import PROJECT_SECTIONS, known_keys

_MAX_FILE_BYTES: Final = 1_000_000
_NOT_SETTINGS: Final = ("SUTAZAI_TEST_", "SUTAZAI_SECRET_")
_PROFILE: Final = "SUTAZAI_REVIEW__PROFILE"
_PATHS: Final = ("review.baseline",)
_PART: Final = rb"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
# tomllib keeps every prefix of a dotted key: a long one in a hostile file would take all memory.
_DEEP_KEY: Final = re.compile(rb"(?<![\w-])" + _PART + rb"(?:[ \t]*+\.[ \t]*+" + _PART + rb"){32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Layer:
    """One source of settings: dotted key to value. `project`: it came with the code under review."""

    origin: str
    values: Mapping[str, Any]
    project: bool = False


def file_layer(path: Path) -> Layer | None:
    """The settings of a TOML file, None if there is no such file."""
    table = _read(path)
    return None if table is None else Layer(str(path), _flatten(table, str(path)))


def project_layer(folder: Path) -> Layer | None:
    """The settings of the project that holds `folder`: `sutazai.toml` or `[tool.sutazai]`, the nearest one upwards.

    Looks no further than the repository's root, or the file system's where there is no repository.

    Raises:
        TwoProjectFiles: a folder holds both.
        ForbiddenInProject: it sets what only the user may set.
    """
    for each in (folder, *folder.parents):
        own, shared = each / "sutazai.toml", each / "pyproject.toml"
        table = _read(own)
        section = _tool_section(shared)
        if table is not None and section is not None:
            raise TwoProjectFiles(str(own), str(shared))
        if table is not None:
            return _project(table, own)
        if section is not None:
            return _project(section, shared)
        if (each / ".git").exists():
            return None
    return None


def _tool_section(path: Path) -> dict[str, Any] | None:
    tool = (_read(path) or {}).get("tool")
    section = tool.get("sutazai") if isinstance(tool, dict) else None
    if section is not None and not isinstance(section, dict):
        raise UnreadableSettings(str(path), "tool.sutazai is not a table")
    return section


def _project(table: Mapping[str, Any], path: Path) -> Layer:
    values = _flatten(table, str(path))
    for key, value in values.items():
        if key.partition(".")[0] not in PROJECT_SECTIONS:
            raise ForbiddenInProject(key, str(path))
        if key in _PATHS and isinstance(value, str) and _leaves(value):
            raise OutsideProject(key, str(path))
    return Layer(str(path), values, project=True)


def _leaves(path: str) -> bool:
    """Whether a path, read as POSIX or as Windows reads it, is anything but relative and downwards."""
    windows = PureWindowsPath(path)
    return bool(PurePosixPath(path).is_absolute() or windows.anchor or ".." in windows.parts)


def environment_layers(environ: Mapping[str, str]) -> list[Layer]:
    """One layer per `SUTAZAI_*` variable, and `OLLAMA_HOST`, which Ollama's own tools read too."""
    layers = []
    if environ.get("OLLAMA_HOST"):
        layers.append(Layer("OLLAMA_HOST", {"ollama.host": environ["OLLAMA_HOST"]}))
    for name in by_strength(environ):
        if not name.startswith("SUTAZAI_") or name == "SUTAZAI_HOME" or name.startswith(_NOT_SETTINGS):
            continue
        key = name.removeprefix("SUTAZAI_").lower().replace("__", ".")
        if key not in known_keys():
            raise UnknownSetting(name, "the environment", [_variable(each) for each in known_keys()])
        layers.append(Layer(name, {key: parse_text(environ[name])}))
    return layers


def by_strength(names: Iterable[str]) -> list[str]:
    """Names of variables, the weaker first: what a profile sets must not beat what another of them says itself."""
    return sorted(names, key=lambda each: (each != _PROFILE, each))


def _variable(key: str) -> str:
    return "SUTAZAI_" + key.replace(".", "__").upper()


def parse_text(text: str) -> Any:
    """A value written as text: JSON lists and tables as they are, everything else for the setting's type to read."""
    if text[:1] in {"[", "{"}:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _read(path: Path) -> dict[str, Any] | None:
    text = settings_text(path)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        raise UnreadableSettings(str(path), str(error)) from error


def settings_text(path: Path) -> str | None:
    """The text of a settings file without a byte-order mark, None if there is no such file.

    Raises:
        UnreadableSettings: it is no regular file, too large, not UTF-8, or made to exhaust its reader.
    """
    data = _bytes_of(path)
    if data is None:
        return None
    if len(data) > _MAX_FILE_BYTES:
        raise UnreadableSettings(str(path), f"it is larger than {_MAX_FILE_BYTES} bytes")
    if _DEEP_KEY.search(data):
        raise UnreadableSettings(str(path), "a key has more than 32 parts")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableSettings(str(path), str(error)) from error


def _bytes_of(path: Path) -> bytes | None:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would never answer
            raise UnreadableSettings(str(path), "it is not a regular file")
        with path.open("rb") as stream:
            return stream.read(_MAX_FILE_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadableSettings(str(path), error.strerror or str(error)) from error


def _flatten(table: Mapping[str, Any], origin: str) -> dict[str, Any]:
    known = known_keys()
    sections = {key.partition(".")[0] for key in known if "." in key}
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name in sections and isinstance(value, dict):
            values |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            values[name] = value
    for key in values:
        if key not in known:
            raise UnknownSetting(key, origin, [*known, *sorted(sections)])
    return values
