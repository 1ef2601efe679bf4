"""The command line in a folder with one faulty file."""

from pathlib import Path

import pytest

from tests.support.face import FAULTY, Face


@pytest.fixture
def face(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Face:
    """Calls the command line in this process, where `app.py` has two faults."""
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    face = Face(project, capsys, monkeypatch)
    face.write({"app.py": FAULTY})
    return face
