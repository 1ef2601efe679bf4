"""Bad input of any kind: the engine never raises, never hangs, and names what it could not follow."""

# ruff: noqa: E501 (texts stand on one line)

import asyncio
import random
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.analysis.taint import survey
from sutazai.analysis.taint.engine import TaintAnalyzer
from sutazai.sdk.source import SourceFile

HEAD = "import os\nfrom flask import request\nQ = request.args\n"
ENGINE = TaintAnalyzer()
LIBRARY = Path(sysconfig.get_paths()["stdlib"])
PIECES = [
    "def f(x):\n", "    return x\n", "request.args['a']", "os.system(", ")", "if x:\n", "    ", "lambda: ", "[", "]", "{",
    "}", "*", "**", "f'{", "}'", "'", '"""', "for a in b:\n", "match x:\n", "case 1:\n", "try:\n", "except:\n", "with a as b:\n",
    "class A:\n", "self.", "x = ", "x += ", "yield ", "await ", ":=", "del x\n", "global x\n", "import a\n", "from . import b\n",
    "\n", ",", ".format(", "%", "\\", "\x00", "\u00e9", "\U0001f6a2", "0x", "1e999", "@app.route('/<a>')\n", "print 'a'\n",
]  # fmt: skip


def run(*texts: str):
    sources = [SourceFile(f"m{number}.py", text, "python") for number, text in enumerate(texts)]
    return asyncio.run(ENGINE.analyze(sources))


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=40).map("".join))
def test_any_text_is_survived_and_every_place_exists(text):
    text = HEAD + text
    result = run(text)
    assert all("nested too deep" in each.reason for each in result.failed), result.failed
    lines = text.split("\n")
    for finding in result.findings:
        at = finding.location
        assert 1 <= at.start_line <= at.end_line <= len(lines)
        assert finding.quote in text


@pytest.mark.parametrize(
    "name", ["http/server.py", "cgi.py", "logging/config.py", "smtpd.py", "telnetlib.py", "shutil.py"]
)
def test_real_files_broken_anywhere_are_survived(name):
    path = LIBRARY / name
    if not path.exists():
        pytest.skip(f"this Python has no {name}")
    text = path.read_text(encoding="utf-8")
    chance = random.Random(name)
    texts = [text[: len(text) // 2], text[len(text) // 3 :]]
    for _ in range(2):
        at = chance.randrange(len(text))
        texts.append(text[:at] + chance.choice(PIECES) + text[at + chance.randrange(40) :])
    result = run(*(HEAD + each for each in texts))
    assert all("nested" in each.reason or "limits" in each.reason for each in result.failed), result.failed


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 3000 + "1" + ")" * 3000,
        "x = " + "not " * 3000 + "y",
        "x = " + "-" * 3000 + "y",
        "x = a" + ".b()" * 3000,
        "x = a" + "[0]" * 3000,
        "x = " + "lambda: " * 3000 + "1",
        "x = " + "a if b else " * 3000 + "c",
        "".join(" " * depth + "if x:\n" for depth in range(300)) + " " * 300 + "pass",
    ],
    ids=["brackets", "not", "minus", "calls", "indexes", "lambdas", "choices", "blocks"],
)
def test_deep_nesting_is_refused_and_named(text):
    result = run(HEAD + text + "\n")
    (failed,) = result.failed
    assert "nested too deep" in failed.reason or "indentation deeper" in failed.reason


def test_long_chains_of_operators_are_gone_through():
    text = HEAD + "def f():\n    os.system(" + "'a' + " * 1500 + "request.args['q'])\n"
    result = run(text)
    assert len(result.findings) == 1
    chain = "".join(f"    elif x == {number}:\n        y = 'a'\n" for number in range(1500))
    text = HEAD + "def f(x):\n    if x == 0:\n        y = request.args['q']\n" + chain + "    os.system(y)\n"
    assert len(run(text).findings) == 1


def test_a_long_file_is_followed_within_its_limits():
    text = HEAD + "def f():\n    x = request.args['q']\n" + "    y = x\n" * 60_000 + "    os.system(y)\n"
    result = run(text)
    assert len(result.findings) + len(result.failed) == 1


def test_a_line_over_the_limit_of_the_parser_is_named():
    result = run(HEAD + "x = '" + "a" * 1_100_000 + "'\n")
    assert "too large to parse" in result.failed[0].reason


def test_what_takes_too_many_steps_is_named():
    text = HEAD + "def f():\n    x = request.args['q']\n" + "    x = x + x\n" * 50
    result = asyncio.run(TaintAnalyzer(steps=40).analyze([SourceFile("a.py", text, "python")]))
    assert [each.reason for each in result.failed] == ["too much to follow within the limits of one file"]


def test_what_takes_too_long_is_named():
    text = HEAD + "def f():\n    x = request.args['q']\n" + "    x = x + x\n" * 500
    result = asyncio.run(TaintAnalyzer(seconds=-1).analyze([SourceFile("a.py", text, "python")]))
    assert [each.reason for each in result.failed] == ["too much to follow within the limits of one file"]


def test_things_that_hold_themselves_come_to_an_end():
    body = "    x = []\n    x.append(x)\n    x.append(request.args['q'])\n    d = {}\n    d['d'] = d\n    os.system(x[1] + d)\n"
    assert len(run(HEAD + "def f():\n" + body).findings) == 1


def test_text_that_doubles_stays_small():
    body = (
        "    x = 'aaaaaaaa'\n"
        + "    x = x + x\n" * 60
        + "    y = 'a' * 10 ** 9\n    os.system(x + y + request.args['q'])\n"
    )
    assert len(run(HEAD + "def f():\n" + body).findings) == 1


def test_a_file_that_breaks_the_engine_costs_only_itself(monkeypatch):
    whole = survey.analyse

    def broken(machine, module):
        if module.path == "m0.py":
            raise ZeroDivisionError("oops")
        whole(machine, module)

    monkeypatch.setattr(survey, "analyse", broken)
    text = HEAD + "def f():\n    os.system(request.args['q'])\n"
    result = run(text, text)
    assert [(each.path, each.reason) for each in result.failed] == [("m0.py", "ZeroDivisionError: oops")]
    assert [each.location.path for each in result.findings] == ["m1.py"]
