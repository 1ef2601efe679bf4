"""What tests of the runtime share."""

from pathlib import Path

import pytest

from tests.unit.runtime.machine import Machine


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine without an Ollama and without weights."""
    return Machine(tmp_path, monkeypatch)
