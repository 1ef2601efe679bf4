"""Recognising a language by name and first line."""

import subprocess
import sys

import pytest

from sutazai.syntax.languages import LANGUAGES, language_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a/b.py", "python"),
        ("a\\b.PY", "python"),
        ("types.d.ts", "typescript"),
        ("view.tsx", "tsx"),
        ("Dockerfile", "dockerfile"),
        ("deploy/Dockerfile.dev", "dockerfile"),
        (".env.production", "ini"),
        (".env", "ini"),
        ("Gemfile", "ruby"),
        (".py", ""),
        ("py", ""),
        ("notes.txt", ""),
        ("", ""),
    ],
)
def test_a_name_tells_the_language(path: str, language: str):
    """Case and folders do not matter; a dot file is not a suffix."""
    assert language_of(path) == language


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("#!/usr/bin/env python3", "python"),
        ("#!/usr/bin/env -S python3.12 -u", "python"),
        ("#! /bin/sh -e", "bash"),
        ("#!/usr/bin/env FOO=1 node", "javascript"),
        ("#!/opt/ruby2.7", "ruby"),
        ("<?php echo 1;", "php"),
        ("-----BEGIN RSA PRIVATE KEY-----", "pem"),
        ("#!/usr/bin/unknown", ""),
        ("#!", ""),
        ("plain words", ""),
    ],
)
def test_a_first_line_tells_the_language_of_a_nameless_file(line: str, language: str):
    """The interpreter counts, whatever its version and options."""
    assert language_of("script", line) == language


def test_the_name_wins_over_the_first_line():
    """A polyglot launcher is still what its name says."""
    assert language_of("a.py", "#!/bin/sh") == "python"


def test_no_suffix_belongs_to_two_languages():
    """Otherwise the order of the table would decide."""
    for column in ("suffixes", "file_names", "shebangs"):
        entries = [entry for each in LANGUAGES.values() for entry in getattr(each, column)]
        assert len(entries) == len(set(entries))


def test_recognising_a_file_does_not_load_tree_sitter():
    """It is asked of every file of a folder."""
    code = "import sys; from sutazai.syntax.languages import language_of; sys.exit('tree_sitter' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
