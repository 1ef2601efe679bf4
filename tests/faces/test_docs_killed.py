"""`docs add` killed without warning, in a real process over real LanceDB."""

import os
import sys
from pathlib import Path

import pytest

from tests.crash.commands import run


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
def test_whoever_is_killed_amid_docs_add_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """The long version: `python -m tests.crash.commands --rounds 100`."""
    state = run(tmp_path, rounds=2, seed=7, documents=8)
    assert set(state.files) == {each.name for each in state.folder.iterdir()}
    assert os.environ["SUTAZAI_HOME"] != str(tmp_path / "home")
