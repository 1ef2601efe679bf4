"""SARIF 2.1.0: valid, relative, complete."""

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft4Validator

from sutazai.review.formats.sarif import render
from sutazai.review.formats.sarif_results import _plain
from sutazai.review.formats.sarif_rules import help_uri
from sutazai.review.report import RuleInfo
from sutazai.sdk.finding import Category, Severity, Suppression
from tests.support.reports import at, empty, finding, hostile_reports, report

SCHEMA = Path(__file__).parents[3] / "data/sarif-2.1.0.json"


@cache
def validator():
    return Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def run(each, *, show_suppressed=False):
    """The one run of a log that was checked against the schema."""
    log = json.loads(render(each, show_suppressed=show_suppressed))
    validator().validate(log)
    return log["runs"][0]


def test_the_schema_refuses_what_is_not_sarif():
    """So that the tests here can fail."""
    log = json.loads(render(report()))
    log["runs"][0]["results"][0]["level"] = "grave"
    assert not validator().is_valid(log)


def test_the_log_says_version_and_unit_of_columns():
    """Columns are code points, and the tool has its version."""
    data = run(report())
    assert data["columnKind"] == "unicodeCodePoints"
    assert data["tool"]["driver"]["name"] == "SutazAI"
    assert data["tool"]["driver"]["version"] == "0.1.0"
    assert "version" not in run(empty())["tool"]["driver"]


def test_a_result_points_to_its_rule_place_and_fingerprint():
    """Every figure of the finding comes through."""
    data = run(report())
    result = data["results"][1]
    rules = data["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "py-sql-injection"
    assert result["level"] == "error"
    assert result["partialFingerprints"] == {"sutazai/v1": "v1:0123456789abcdef"}
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "app/db.py"
    assert data["artifacts"][physical["artifactLocation"]["index"]]["location"]["uri"] == "app/db.py"
    assert (physical["region"]["startLine"], physical["region"]["startColumn"]) == (2, 5)
    assert result["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "find"}]
    assert result["properties"] == {
        "confidence": 0.92, "severity": "high", "category": "security", "engines": ["taint"],
        "tags": ["external/cwe/cwe-89"],
    }  # fmt: skip


def test_trace_and_fix_come_through():
    """The trace is a code flow, the fix a replacement of the region."""
    result = run(report())["results"][1]
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in steps][1] == "it becomes part of a query"
    replacement = result["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert replacement["deletedRegion"]["startLine"] == 2
    assert replacement["insertedContent"]["text"].startswith("cursor.execute(")


def test_a_security_rule_has_severity_tags_and_help():
    """What code scanning ranks and filters by."""
    rule = next(each for each in run(report())["tool"]["driver"]["rules"] if each["id"] == "py-sql-injection")
    assert rule["name"] == "PySqlInjection"
    assert rule["helpUri"] == "https://cwe.mitre.org/data/definitions/89.html"
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["properties"] == {
        "tags": ["security", "external/cwe/cwe-89"],
        "precision": "very-high",
        "problem.severity": "error",
        "security-severity": "8.0",
    }
    assert rule["help"]["markdown"].endswith("(https://cwe.mitre.org/data/definitions/89.html)")


def test_a_bug_rule_has_no_security_severity():
    """And a rule that the report does not describe is made from its finding."""
    rule = next(each for each in run(report())["tool"]["driver"]["rules"] if each["id"] == "model-slip")
    assert "security-severity" not in rule["properties"]
    assert "security" not in rule["properties"]["tags"]
    assert "helpUri" not in rule
    assert rule["properties"]["precision"] == "medium"


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_has_level_and_score(severity):
    """Scores fall with severity."""
    each = report(findings=(finding(severity=severity),), rules={})
    rule = run(each)["tool"]["driver"]["rules"][0]
    assert float(rule["properties"]["security-severity"]) > 0
    assert rule["defaultConfiguration"]["level"] == run(each)["results"][0]["level"]


def test_only_web_addresses_become_help():
    """A rule is data from outside: no other scheme gets through."""
    rule = RuleInfo(id="x", title="x", category=Category.BUG, severity=Severity.LOW, help_url="javascript:alert(1)")
    assert help_uri(rule) == ""
    assert help_uri(rule.model_copy(update={"help_url": "https://a.example"})) == "https://a.example"


def test_no_folder_of_this_machine_leaks():
    """Paths are relative to a base that the reader sets."""
    assert "/home/ann" not in render(report())
    assert run(report())["originalUriBaseIds"]["SRCROOT"].keys() == {"description"}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü.py", "a%20b/%C3%BC.py"),
        ("c:evil.py", "c%3Aevil.py"),
        ("//host/x.py", "host/x.py"),
        ("50%.py", "50%25.py"),
        ("a#b?.py", "a%23b%3F.py"),
    ],
)
def test_paths_are_percent_encoded_and_stay_relative(path, uri):
    """A name can neither be a scheme nor another host."""
    result = run(report(findings=(finding(location=at(path)),)))["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_paths_that_come_out_the_same_are_one_artifact():
    """SARIF wants every artifact once, and every index to be right."""
    data = run(report(findings=(finding(location=at("/a.py")), finding(location=at("a.py")))))
    uris = [each["location"]["uri"] for each in data["artifacts"]]
    assert uris.count("a.py") == 1
    for each in data["results"]:
        artifact = each["locations"][0]["physicalLocation"]["artifactLocation"]
        assert uris[artifact["index"]] == artifact["uri"] == "a.py"


def test_suppressed_results_only_where_asked_and_with_their_reason():
    """A comment is in the source, all else is external."""
    assert len(run(report())["results"]) == 3
    result = run(report(), show_suppressed=True)["results"][3]
    assert result["suppressions"][0]["kind"] == "inSource"
    assert result["suppressions"][0]["justification"] == "checked by hand"
    other = report(suppressed=(finding(suppressed=Suppression(by="baseline")),))
    suppression = run(other, show_suppressed=True)["results"][3]["suppressions"][0]
    assert suppression["kind"] == "external"
    assert "justification" not in suppression


def test_what_was_not_reviewed_is_a_notification():
    """Each with its reason and place; nothing missing, no notification."""
    (invocation,) = run(report())["invocations"]
    assert invocation["executionSuccessful"] is True
    file, unit = invocation["toolExecutionNotifications"]
    assert file["message"]["text"] == "Not reviewed: logo.png: binary"
    assert unit["message"]["text"] == "Not reviewed: app/db.py:9: slow: no time left"
    assert unit["locations"][0]["physicalLocation"]["region"] == {"startLine": 9}
    (notice,) = run(empty(model_notice="no model"))["invocations"][0]["toolExecutionNotifications"]
    assert "locations" not in notice
    assert run(empty())["invocations"][0]["toolExecutionNotifications"] == []


def test_the_value_of_a_secret_is_never_shown():
    """Even if an engine leaves it in the quote."""
    leaky = finding(category=Category.SECRET, quote="AKIAVERYSECRET", message="a key", fix=None)
    assert "AKIAVERYSECRET" not in render(report(findings=(leaky,)))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("see [here](http://evil)", "see [here] (http://evil)"),
        ("[[a]](b) \\[c\\](d)", "[[a]] (b) \\[c\\] (d)"),
        ("a[0] = b", "a[0] = b"),
    ],
)
def test_a_message_carries_no_link_that_the_code_wrote(text, escaped):
    """Plain brackets stay as they are."""
    assert _plain(text) == escaped


@given(hostile_reports)
@settings(max_examples=15, deadline=None)
def test_any_report_gives_valid_sarif(each):
    """Whatever stands in paths, messages and code."""
    data = run(each, show_suppressed=True)
    assert len(data["results"]) == len(each.findings) + len(each.suppressed)
