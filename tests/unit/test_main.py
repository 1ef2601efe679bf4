"""The entry point: one literal answer, and everything else is a face's."""

import gc
import sys

import pytest

from sutazai import __version__
from sutazai.__main__ import main
from sutazai.cli import session
from sutazai.errors.base import ExitCode


@pytest.fixture(autouse=True)
def _collector_as_before():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_told(monkeypatch, capsys, flag):
    monkeypatch.setattr(sys, "argv", ["sutazai", flag])
    assert main() == 0
    assert capsys.readouterr().out == f"sutazai {__version__}\n"


def test_a_face_gets_the_arguments_and_gives_the_exit_code(monkeypatch):
    given: list[list[str]] = []
    monkeypatch.setattr(session, "run_face", lambda arguments: given.append(arguments) or 5)
    monkeypatch.setattr(sys, "argv", ["sutazai", "review", "--version"])
    assert main() == 5
    assert given == [["review", "--version"]]


def test_an_interruption_while_loading_is_no_traceback(monkeypatch):
    def interrupted(_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "run_face", interrupted)
    monkeypatch.setattr(sys, "argv", ["sutazai", "review"])
    assert main() == ExitCode.INTERRUPTED
