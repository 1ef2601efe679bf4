"""A child that parses what nobody vouched for knows what Python needs, and nothing else."""

import os

import pytest

from sutazai.process.environment import bare_environment


def test_only_what_python_needs_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        os, "environ", {"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "x", "HOME": "/h", "PYTHONSTARTUP": "y"}
    )
    assert bare_environment() == {"PATH": "/bin"}
