"""What `doctor` looks at. Each check says what it saw and, where something is missing, the next step."""

import os
import platform
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, Literal

from sutazai import __version__
from sutazai.errors.base import SutazAIError
from sutazai.llm.policy import choose
from sutazai.resident.inventory import running
from sutazai.runtime.models import Outlook, look_around
from sutazai.runtime.registry import Registry
from sutazai.settings.load import Loaded

SETTINGS: Final = "settings"
"""The check of that name."""
State = Literal["ok", "note", "missing"]
_WHEELS: Final = {
    "ruff": "the ruff engine",
    "ast-grep-py": "the pattern engine",
    "xllamacpp": "the embedded model runtime",
    "ollama": "the Ollama client",
    "lancedb": "the document store",
    "onnxruntime": "embeddings",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's report."""

    name: str
    state: State
    text: str
    hint: str = ""


async def checkup(loaded: Loaded, wrong: Sequence[SutazAIError] = ()) -> list[Check]:
    """Every check, in the order a reader wants them. Nothing is changed or fetched.

    Args:
        loaded: the settings in force.
        wrong: what kept other settings from being in force.
    """
    return [check async for check in _checks(loaded, wrong)]


async def _checks(loaded: Loaded, wrong: Sequence[SutazAIError]) -> AsyncIterator[Check]:
    yield Check("sutazai", "ok", f"{__version__} on Python {platform.python_version()} ({sys.platform})")
    yield await _machine()
    for name, purpose in _WHEELS.items():
        yield _wheel(name, purpose)
    outlook = await look_around(loaded)
    yield _ollama(outlook)
    yield _model(outlook)
    async for check in _knowledge(loaded, outlook):
        yield check
    yield _agents()
    yield _resident()
    for each in wrong:
        yield Check(SETTINGS, "missing", each.message, each.hint)
    if not wrong:
        yield _settings(loaded)
    for name, folder in _folders(loaded):
        yield Check(name, "ok", f"{folder}{'' if folder.exists() else ' (not made yet)'}")


async def _machine() -> Check:
    from sutazai.hardware.inspect import inspect  # noqa: PLC0415 (loaded only when used)

    machine = await inspect()
    memory = f"{machine.memory_available_bytes / 1e9:.1f} of {machine.memory_total_bytes / 1e9:.1f} GB memory free"
    graphics = ", ".join(machine.gpu) or "no GPU"
    return Check("machine", "ok", f"{machine.cpu_name}, {machine.physical_cores} cores, {memory}, {graphics}")


def _wheel(name: str, purpose: str) -> Check:
    try:
        return Check(name, "ok", f"{version(name)}, {purpose}")
    except PackageNotFoundError:
        return Check(name, "missing", f"not installed: no {purpose}", f"pip install {name}, if it has a wheel here")


def _ollama(outlook: Outlook) -> Check:
    status = outlook.ollama
    if status.reachable:
        count = f"{len(status.models)} model{'' if len(status.models) == 1 else 's'}"
        return Check("ollama server", "ok", f"{status.version} at {status.url}, {count}")
    return Check("ollama server", "note", status.reason, status.hint)


def _model(outlook: Outlook) -> Check:
    try:
        choice = choose(outlook.situation)
    except SutazAIError as error:
        return Check("model", "missing", error.message, error.hint)
    if choice.needs_download is None:
        return Check("model", "ok", f"{choice.model} by {choice.runtime}: {choice.why}")
    size = f"{choice.needs_download.size_bytes / 1e9:.1f} GB"
    return Check("model", "note", f"{choice.model}: {choice.why} ({size})", f"sutazai models pull {choice.model}")


async def _knowledge(loaded: Loaded, outlook: Outlook) -> AsyncIterator[Check]:
    from sutazai.runtime.knowledge_checkup import knowledge_checks  # noqa: PLC0415 (it needs `Check` of this module)

    async for check in knowledge_checks(loaded, outlook.ollama):
        yield check


def _agents() -> Check:
    agents, broken = Registry().all()
    if broken:
        return Check("agents", "missing", "; ".join(each.message for each in broken), broken[0].hint)
    return Check("agents", "ok", ", ".join(each.name for each in agents))


def _resident() -> Check:
    found = running(os.environ)
    text = "; ".join(each.text() for each in found) or "none is running"
    return Check("resident", "ok" if found else "note", text)


def _settings(loaded: Loaded) -> Check:
    changed = sorted({origin for origin in loaded.origins.values() if origin != "default"})
    return Check(SETTINGS, "ok", f"from {', '.join(changed)}" if changed else "all at their defaults")


def _folders(loaded: Loaded) -> list[tuple[str, Path]]:
    places = loaded.folders
    return [
        ("settings file", places.user_file),
        ("data folder", places.data),
        ("cache folder", places.cache),
        ("weights folder", places.models),
        ("undo folder", places.undo),
    ]
