"""Profiles of models in files: those shipped beside this module, and those measured on this machine.

Owns how a profile is found: measured here before shipped, by the weights' digest before the name. Never measures.
"""

import hashlib
import logging
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from sutazai.disk.replacing import replace_file
from sutazai.sdk.chat import ModelInfo
from sutazai.sdk.profile import ModelProfile, Recipe, RecipeProfile

_LIMIT_BYTES: Final = 1024 * 1024
_PROBE_THRESHOLD: Final = 3.0
_NEED_LOGPROBS: Final[frozenset[Recipe]] = frozenset({"probe", "adjudicate"})
_DIGEST: Final = re.compile(r"(?:sha256[:-])?([0-9a-f]{12,64})", re.IGNORECASE)
_log = logging.getLogger(__name__)


class FileProfiles:
    """The port `Profiles` over files.

    Args:
        folder: where profiles measured on this machine are kept; made when the first one is saved.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, info: ModelInfo) -> ModelProfile:
        """The profile of a model: measured here, shipped, or a cautious default.

        Recipes that need log-probabilities are left out for a model that reports none.
        """
        profile = self._measured(info) or _shipped(info) or _cautious()
        if info.logprobs:
            return profile
        return profile.model_copy(
            update={"recipes": {name: each for name, each in profile.recipes.items() if name not in _NEED_LOGPROBS}}
        )

    def save(self, info: ModelInfo, profile: ModelProfile) -> None:
        """Keeps a profile measured on this machine, atomically; it replaces an older one of the same weights.

        Raises:
            OSError: the folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        text = profile.model_copy(update={"origin": "measured"}).model_dump_json(indent=2)
        replace_file(self._path(info), text.encode())

    def _measured(self, info: ModelInfo) -> ModelProfile | None:
        path = self._path(info)
        try:
            with path.open("rb") as file:
                return ModelProfile.model_validate_json(file.read(_LIMIT_BYTES))
        except FileNotFoundError:
            return None
        except (OSError, ValidationError):
            _log.warning("the profile %s cannot be read and is not used; measure the model again", path)
            return None

    def _path(self, info: ModelInfo) -> Path:
        """By the weights' digest; a model without one is known by its runtime and name."""
        digest = _digest(info.digest)
        name = digest or f"name-{hashlib.sha256(f'{info.runtime}:{info.name}'.encode()).hexdigest()}"
        return self._folder / f"{name}.json"


def _digest(text: str) -> str:
    """A digest as a file name may have it, without its prefix; empty if it is none."""
    match = _DIGEST.fullmatch(text.strip())
    return match[1].lower() if match else ""


def _cautious() -> ModelProfile:
    """What an unmeasured model may do: the probe, which reports only a strong preference; never free claims."""
    return ModelProfile(recipes={"probe": RecipeProfile(threshold=_PROBE_THRESHOLD)})


def _shipped(info: ModelInfo) -> ModelProfile | None:
    """The profile shipped for these weights, else for this name."""
    tables = [tomllib.loads(each.read_text("utf-8")) for each in _shipped_files()]
    by_digest = [each for each in tables if _digest(info.digest) in each.get("digests", ())]
    by_name = [each for each in tables if info.name.lower() in {name.lower() for name in each.get("names", ())}]
    table = next(iter([*by_digest, *by_name]), None)
    return _profile(table) if table else None


def _shipped_files() -> list[Any]:
    folder = files("sutazai.llm.profiles")
    return sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)


def _profile(table: dict[str, Any]) -> ModelProfile:
    known = {key: value for key, value in table.items() if key not in {"names", "digests"}}
    return ModelProfile.model_validate({**known, "origin": "shipped"})
