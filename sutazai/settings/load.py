"""Joins the layers of settings (flag > environment > project file > user file > default) and remembers each origin."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sutazai.errors.files import TargetUnreadable
from sutazai.errors.usage import InvalidSetting, UnknownSetting
from sutazai.settings.folders import Folders, folders
from sutazai.settings.layers import Layer, environment_layers, file_layer, project_layer
from sutazai.settings.model import REVIEW_PROFILES, Settings, known_keys

DEFAULT_ORIGIN = "default"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force.

    Attributes:
        origins: dotted key to where its value came from, for every key.
        project: the project file's keys that are in force, for naming them in output.
    """

    settings: Settings
    origins: Mapping[str, str]
    folders: Folders
    project: Mapping[str, str]


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Loaded:
    """The settings in force for a call made in `folder`.

    Args:
        flags: dotted key to value; None values are left out.
        environ: the process environment by default.
        folder: the current folder by default; where the project file is looked for.

    Raises:
        UsageError: a key is unknown or forbidden, a value does not fit, a file cannot be read.
        TargetUnreadable: the current folder is gone.
    """
    environ = os.environ if environ is None else environ
    places = folders(environ)
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    layers = [
        file_layer(places.user_file),
        project_layer(folder or _current_folder()),
        *environment_layers(environ),
        Layer("flag", given),
    ]
    return _join([layer for layer in layers if layer is not None], places)


def _current_folder() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise TargetUnreadable("the current folder", error.strerror or str(error)) from error


def _join(layers: list[Layer], places: Folders) -> Loaded:
    values: dict[str, Any] = {}
    origins = dict.fromkeys(known_keys(), DEFAULT_ORIGIN)
    project: dict[str, str] = {}
    for layer in layers:
        for key, value, origin in _expanded(layer):
            if key not in origins:
                raise UnknownSetting(key, layer.origin, list(origins))
            values[key], origins[key] = value, origin
            project.pop(key, None)
            if layer.project:
                project[key] = layer.origin
    return Loaded(validated(values, origins), origins, places, project)


def _expanded(layer: Layer) -> Iterator[tuple[str, Any, str]]:
    """Key, value and origin of a layer; what its profile sets comes first, so that what it says itself wins."""
    name = layer.values.get("review.profile")
    for key, value in REVIEW_PROFILES.get(name, {}).items() if isinstance(name, str) else ():
        yield key, value, f"{layer.origin} (profile {name})"
    for key, value in layer.values.items():
        yield key, value, layer.origin


def validated(values: Mapping[str, Any], origins: Mapping[str, str]) -> Settings:
    """Settings of flat dotted values.

    Raises:
        InvalidSetting: naming the first key that does not fit and its origin.
    """
    nested: dict[str, Any] = {}
    for key, value in values.items():
        section, _, name = key.rpartition(".")
        (nested.setdefault(section, {}) if section else nested)[name] = _listed(key, value)
    try:
        return Settings.model_validate(nested)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        key = _key_of(wrong[0], values)
        # A setting of several kinds (a severity, or `never`) fails once for each kind.
        reasons = dict.fromkeys(each["msg"] for each in wrong if _key_of(each, values) == key)
        raise InvalidSetting(key, origins.get(key, "?"), ", or: ".join(reasons)) from error


def _key_of(wrong: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in wrong["loc"])
    return max((each for each in values if place.startswith(each)), key=len, default=place)


def _listed(key: str, value: Any) -> Any:
    """A comma-separated text, where the setting is a list."""
    if isinstance(value, str) and isinstance(value_of(Settings(), key), tuple):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def value_of(settings: Settings, key: str) -> Any:
    """The value of a dotted key."""
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value
