"""Joins the layers of settings (flag > environment > project file > user file > default) and remembers each origin."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sutazai.errors.base import SutazAIError
from sutazai.errors.files import TargetUnreadable
from sutazai.errors.usage import UnknownSetting
from sutazai.sdk.invalid import first_wrong
from sutazai.settings.folders import Folders, folders
from sutazai.settings.layers import Layer, by_strength, environment_layers, file_layer, project_layer
from sutazai.settings.model import REVIEW_PROFILES, Settings, known_keys
from sutazai.settings.refused import FLAG, refused

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
    project: bool = True,
) -> Loaded:
    """The settings in force for a call made in `folder`.

    Args:
        flags: dotted key to value; None values are left out.
        environ: the process environment by default.
        folder: the current folder by default; where the project file is looked for.
        project: whether the project file is read. It may set only how code is reviewed, and what has no part in that
            must not fail over it.

    Raises:
        UsageError: a key is unknown or forbidden, a value does not fit, a file cannot be read.
        TargetUnreadable: the current folder is gone.
    """
    environ = os.environ if environ is None else environ
    places = folders(environ)
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    layers = [
        file_layer(places.user_file),
        project_layer(folder or _current_folder()) if project else None,
        *environment_layers(environ),
        Layer(FLAG, given),
    ]
    return _join([layer for layer in layers if layer is not None], places)


def load_usable_settings(
    environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> tuple[Loaded, tuple[SutazAIError, ...]]:
    """The settings of those sources that can be used, and what is wrong with each of the others. Raises nothing."""
    environ = os.environ if environ is None else environ
    places = folders(environ)
    sources: list[Callable[[], Iterable[Layer | None]]] = [
        lambda: [file_layer(places.user_file)],
        lambda: [project_layer(folder or _current_folder())],
        *(partial(environment_layers, {name: environ[name]}) for name in by_strength(environ)),
    ]
    layers: list[Layer] = []
    wrong: list[SutazAIError] = []
    for source in sources:
        try:
            tried = [*layers, *(each for each in source() if each is not None)]
            _join(tried, places)
        except SutazAIError as error:
            wrong.append(error)
        else:
            layers = tried
    return _join(layers, places), tuple(wrong)


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
        UsageError: naming the first key that does not fit, and its origin.
    """
    nested: dict[str, Any] = {}
    for key, value in values.items():
        section, _, name = key.rpartition(".")
        (nested.setdefault(section, {}) if section else nested)[name] = _listed(key, value)
    try:
        return Settings.model_validate(nested)
    except ValidationError as error:
        raise refused(first_wrong(error, nested, Settings), origins) from error


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
