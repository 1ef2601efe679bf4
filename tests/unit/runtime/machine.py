"""A machine as the choice of a model sees it: an Ollama that was looked at, weights that are here, and no network."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sutazai.llm.catalog import find
from sutazai.llm.ollama_listing import OllamaModel
from sutazai.llm.ollama_probe import OllamaStatus
from sutazai.llm.weights.store import WeightStore
from sutazai.runtime import models
from sutazai.settings.load import Loaded, load_settings

if TYPE_CHECKING:
    from sutazai.sdk.events import Event

CODER = OllamaModel("qwen2.5-coder:7b", 4_700_000_000, "d" * 64, capabilities=("completion",))
GONE = OllamaStatus(reachable=False, reason="nothing listens at 127.0.0.1:11434", hint="start Ollama")


class Machine:
    """Settings in a folder of their own, and what `choose_model` meets."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.status = GONE
        self.probed: list[tuple[str, str]] = []
        self.events: list[Event] = []
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(models, "probe_ollama", self._probe)
        monkeypatch.setattr(models, "embedded_installed", lambda: True)

    async def _probe(self, host: str, *, api_key: str = "") -> OllamaStatus:
        self.probed.append((host, api_key))
        return self.status

    def loaded(self, **flags: Any) -> Loaded:
        """The settings of a call with these flags, `__` for the dot."""
        given = {key.replace("__", "."): value for key, value in flags.items()}
        return load_settings(given, environ={"SUTAZAI_HOME": os.environ["SUTAZAI_HOME"]}, folder=self.folder)

    def serves(self, *served: OllamaModel) -> None:
        """Ollama answers and has these."""
        self.status = OllamaStatus(reachable=True, url="http://127.0.0.1:11434", version="0.12.0", models=served)

    def has(self, name: str) -> Path:
        """The weights of the catalogue's entry are here: a file of the right size, on record as checked."""
        entry = find(name)
        assert entry is not None
        store = WeightStore(self.loaded().folders.models)
        blob = store.blob(entry)
        blob.parent.mkdir(parents=True, exist_ok=True)
        with blob.open("wb") as file:
            file.truncate(entry.size_bytes)
        store._write(entry, blob)
        return blob

    def lacks_the_embedded_runtime(self) -> None:
        """Its wheel is not installed."""
        self._monkeypatch.setattr(models, "embedded_installed", lambda: False)

    def of(self, kind: str) -> list[Any]:
        """The events of one kind."""
        return [each for each in self.events if each.kind == kind]
