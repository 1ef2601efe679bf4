"""The layers of settings as flat dotted keys: files, variables, flags. Checks names, not values."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sutazai.errors.usage import ForbiddenInProject, TwoProjectFiles, UnknownSetting, UnreadableSettings
from sutazai.settings.model import PROJECT_SECTIONS, known_keys

_MAX_FILE_BYTES: Final = 1_000_000
_RESERVED: Final = {"SUTAZAI_OFFLINE": "offline", "SUTAZAI_LOG": "log"}
_NOT_SETTINGS: Final = ("SUTAZAI_HOME", "SUTAZAI_TEST_", "SUTAZAI_SECRET_")


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
        section = (_read(shared) or {}).get("tool", {}).get("sutazai")
        if table is not None and section is not None:
            raise TwoProjectFiles(str(own), str(shared))
        if table is not None:
            return _project(table, own)
        if section is not None:
            return _project(section, shared)
        if (each / ".git").exists():
            return None
    return None


def _project(table: Mapping[str, Any], path: Path) -> Layer:
    values = _flatten(table, str(path))
    for key in values:
        if key.partition(".")[0] not in PROJECT_SECTIONS:
            raise ForbiddenInProject(key, str(path))
    return Layer(str(path), values, project=True)


def environment_layers(environ: Mapping[str, str]) -> list[Layer]:
    """One layer per `SUTAZAI_*` variable, and `OLLAMA_HOST`, which Ollama's own tools read too."""
    layers = []
    if environ.get("OLLAMA_HOST"):
        layers.append(Layer("OLLAMA_HOST", {"ollama.host": environ["OLLAMA_HOST"]}))
    for name in sorted(environ):
        if not name.startswith("SUTAZAI_") or name.startswith(_NOT_SETTINGS):
            continue
        key = _RESERVED.get(name) or name.removeprefix("SUTAZAI_").lower().replace("__", ".")
        if key not in known_keys():
            raise UnknownSetting(name, "the environment", [_variable(each) for each in known_keys()])
        layers.append(Layer(name, {key: parse_text(environ[name])}))
    return layers


def _variable(key: str) -> str:
    return "SUTAZAI_" + key.replace(".", "__").upper()


def parse_text(text: str) -> Any:
    """A value written as text: JSON lists and tables as they are, everything else for the setting's type to read."""
    if text[:1] in {"[", "{"}:
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _read(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_FILE_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadableSettings(str(path), error.strerror or str(error)) from error
    if len(data) > _MAX_FILE_BYTES:
        raise UnreadableSettings(str(path), f"it is larger than {_MAX_FILE_BYTES} bytes")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableSettings(str(path), str(error)) from error


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
            raise UnknownSetting(key, origin, known)
    return values
