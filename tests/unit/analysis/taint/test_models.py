"""What a language model writes is a stranger's text, and projects and plugins add names of their own."""

import asyncio

import pytest
from pydantic import ValidationError

from sutazai.analysis.taint.engine import TaintAnalyzer
from sutazai.sdk.source import SourceFile
from sutazai.sdk.taint import TaintTable

OPENAI = """
import os
from openai import OpenAI

client = OpenAI()

def act(question):
    reply = client.chat.completions.create(model="m", messages=[{"role": "user", "content": question}])
    os.system(reply.choices[0].message.content)
"""
OLLAMA = """
import ollama

def calculate(question):
    return eval(ollama.generate(model="m", prompt=question)["response"])
"""
AWAITED = """
import subprocess
from anthropic import AsyncAnthropic

async def act(question):
    async with AsyncAnthropic() as client:
        message = await client.messages.create(model="m", messages=[], max_tokens=9)
    subprocess.run(message.content[0].text, shell=True)
"""
HARMLESS = """
import subprocess
from openai import OpenAI

def act(question):
    reply = OpenAI().responses.create(model="m", input=question)
    return subprocess.run(["say", "--", reply.output_text])
"""


@pytest.mark.parametrize(
    ("text", "rule"),
    [(OPENAI, "py-command-injection"), (OLLAMA, "py-code-injection"), (AWAITED, "py-command-injection")],
)
def test_what_a_model_writes_must_not_be_run(found, text, rule):
    (finding,) = found(text)
    assert finding.rule == rule
    assert any("language model" in step.note for step in finding.trace)


def test_what_a_model_writes_may_be_an_argument(found):
    assert found(HARMLESS) == []


OWN = """
import os

import ourweb

def show():
    name = ourweb.params()["name"]
    {line}
"""


def own(line: str, **rows: object) -> list[str]:
    table = TaintTable.model_validate({"source": [{"names": ["ourweb.params()"], "note": "is our form"}], **rows})
    source = SourceFile("a.py", OWN.format(line=line), "python")
    report = asyncio.run(TaintAnalyzer(extra=[table]).analyze([source]))
    assert report.failed == ()
    return [f"{each.rule}: {each.trace[0].note}" for each in report.findings]


def test_a_source_of_a_project_taints():
    assert own("os.system('ls ' + name)") == ["py-command-injection: is our form"]
    assert own("os.system('ls')") == []


def test_a_sink_of_a_project_reports_under_the_rule_of_its_kind():
    sink = [{"names": ["ourweb.shell"], "kind": "command", "args": [0]}]
    assert own("ourweb.shell('ls ' + name)", sink=sink) == ["py-command-injection: is our form"]
    assert own("ourweb.shell('ls', name)", sink=sink) == []


def test_a_sink_of_a_project_is_seen_in_text_that_names_nothing_else():
    table = TaintTable.model_validate({"sink": [{"names": ["*.launch"], "kind": "command"}]})
    source = SourceFile("a.py", "def go(self, name):\n    self.rig.launch('x ' + input())\n", "python")
    report = asyncio.run(TaintAnalyzer(extra=[table]).analyze([source]))
    assert [each.rule for each in report.findings] == ["py-command-injection"]


def test_a_cleaner_of_a_project_cleans_for_its_kinds_only():
    clean = [{"names": ["ourweb.safe"], "kinds": ["command"]}]
    assert own("os.system('ls ' + ourweb.safe(name))", clean=clean) == []
    assert own("open('/srv/' + ourweb.safe(name))", clean=clean) == ["py-path-traversal: is our form"]


def test_what_hands_data_on_is_surer_than_an_unknown_call():
    passing = [{"names": ["ourweb.same"]}]
    assert own("os.system('ls ' + ourweb.same(name))", **{"pass": passing})


def test_other_rows_make_another_version():
    row = {"source": [{"names": ["a.b"]}]}
    tables = [(), (TaintTable.model_validate(row),), (TaintTable.model_validate({"sink": [], **row}),) * 2]
    assert len({TaintAnalyzer(extra=each).version for each in tables}) == 3


@pytest.mark.parametrize(
    "rows",
    [
        {"source": [{"names": []}]},
        {"source": [{"names": ["~(a+)+$"]}]},
        {"source": [{"names": ["a.b"], "receiver": "(a+)+$"}]},
        {"sink": [{"names": ["a.b"], "kind": "nonsense"}]},
        {"sink": [{"names": ["a.b"]}]},
        {"clean": [{"names": ["a.b"], "kinds": []}]},
        {"kind": {"x": {}}},
        {"source": [{"names": ["a b"]}]},
        {"source": [{"names": ["a.b"], "confidence": float("nan")}]},
    ],
)
def test_rows_that_are_none_or_could_hold_up_the_engine_are_refused(rows):
    with pytest.raises(ValidationError):
        TaintTable.model_validate(rows)
