"""The registry, JSON, JSON Lines and the committed schema."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from sutazai.review.formats import FORMATS
from sutazai.review.formats.schema import render_schema
from tests.support.reports import empty, hostile_reports, report

SCHEMA = Path(__file__).parents[4] / "docs/reference/review.schema.json"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_deterministic_and_ends_with_one_newline(name):
    """The same report gives the same text, whatever its content."""
    for each in (report(), empty()):
        text = FORMATS[name](each)
        assert text == FORMATS[name](each)
        if text:
            assert text.endswith("\n")
            assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", FORMATS)
@given(each=hostile_reports)
@settings(max_examples=25, deadline=None)
def test_no_format_gives_text_that_cannot_be_encoded(name, each):
    """Lone surrogates of undecodable file names are replaced."""
    FORMATS[name](each, show_suppressed=True).encode()


def test_a_format_is_loaded_when_it_is_first_used():
    """Naming the formats loads none of them."""
    code = (
        "import sys, sutazai.review.formats as f; list(f.FORMATS); print([m for m in sys.modules if 'formats.' in m])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_json_is_the_report_with_its_schema_first():
    """The first key names the schema, and both lists of findings are there."""
    data = json.loads(FORMATS["json"](report()))
    assert next(iter(data.items())) == ("schema", "sutazai.review/1")
    assert [each["rule"] for each in data["findings"]] == ["secret-aws-key", "py-sql-injection", "model-slip"]
    assert len(data["suppressed"]) == 1
    assert data["security_issues"] == ["v1:aaaa", "v1:0123456789abcdef"]


def test_the_committed_schema_is_current():
    """To renew: python -c 'from sutazai.review.formats.schema import *; print(render_schema(), end="")'."""
    assert SCHEMA.read_text(encoding="utf-8") == render_schema()


def test_json_fits_the_committed_schema():
    """A real report and an empty one are valid; one without its schema is not."""
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for each in (report(), empty()):
        validator.validate(json.loads(FORMATS["json"](each)))
    assert not validator.is_valid({"schema": "other/1"})


def test_a_later_field_does_not_break_readers_of_the_schema():
    """Fields are added within a major version, so the schema refuses none."""
    validator = Draft202012Validator(json.loads(render_schema()))
    assert validator.is_valid({**json.loads(FORMATS["json"](report())), "added_later": 1})


@given(hostile_reports)
@settings(max_examples=50, deadline=None)
def test_json_of_any_report_is_valid_and_cannot_steer_a_terminal(each):
    """Control characters come out escaped, the value stays the same."""
    text = FORMATS["json"](each)
    assert not any(c < " " or "\x7f" <= c <= "\x9f" or c in "\u2028\u202e" for c in text.replace("\n", ""))
    Draft202012Validator(json.loads(render_schema())).validate(json.loads(text))
    assert json.loads(text)["root"] == each.root.replace("\ud800", "\ufffd")


def test_json_lines_end_with_the_report_without_findings():
    """Findings come first, one a line."""
    lines = [json.loads(line) for line in FORMATS["jsonl"](report()).splitlines()]
    assert [each["type"] for each in lines] == ["finding"] * 3 + ["report"]
    assert "findings" not in lines[-1]
    assert lines[-1]["schema"] == "sutazai.review/1"


def test_json_lines_tell_suppressed_findings_only_where_asked():
    """They are of a type of their own, so that nobody counts them."""
    lines = [json.loads(line) for line in FORMATS["jsonl"](report(), show_suppressed=True).splitlines()]
    assert [each["type"] for each in lines] == ["finding"] * 3 + ["suppressed", "report"]
    assert lines[3]["suppressed"] == {"by": "comment", "reason": "checked by hand"}


@given(hostile_reports)
@settings(max_examples=50, deadline=None)
def test_json_lines_of_any_report_are_one_object_a_line(each):
    """Also by the many line ends that Unicode knows."""
    lines = FORMATS["jsonl"](each).splitlines()
    assert len(lines) == len(each.findings) + 1
    assert all(isinstance(json.loads(line), dict) for line in lines)
