"""Formats of build servers: GitHub's commands, GitLab's code quality, JUnit."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from sutazai.review.formats import github, gitlab, junit
from sutazai.sdk.finding import Category, Severity
from tests.support.reports import at, empty, finding, hostile_reports, report


def parsed(text):
    """Our own XML, read again."""
    return ET.fromstring(text)  # noqa: S314 (our own text)


COMMAND = re.compile(r"::(error|warning|notice) [^:]*::[^\r\n]*")


def test_a_github_annotation_has_place_title_and_message():
    """One command with every property, its values escaped."""
    line = github.render(report()).splitlines()[1]
    head, _, message = line.removeprefix("::").partition("::")
    assert head.split(",", 5)[:5] == ["error file=app/db.py", "line=2", "endLine=2", "col=5", "endColumn=70"]
    assert head.endswith("title=py-sql-injection (high%2C 92%25 sure)")
    assert message.startswith("SQL is built from the argument `name`%0A%0AWhoever")


def test_a_github_annotation_over_several_lines_has_no_columns():
    """GitHub refuses both together."""
    place = at().model_copy(update={"end_line": 4})
    line = github.render(report(findings=(finding(location=place),))).splitlines()[0]
    assert "endLine=4" in line
    assert "col" not in line.partition("title")[0]


def test_github_properties_escape_what_ends_them():
    """A path cannot add a property or end the command."""
    line = github.render(report(findings=(finding(location=at("a,line=9::x%\n.py")),))).splitlines()[0]
    assert line.startswith("::error file=a%2Cline=9%3A%3Ax%25%0A.py,line=2,")


def test_github_is_told_what_was_not_reviewed():
    """In one notice, at most ten by name, each with its unit or engine."""
    assert github.render(empty()) == ""
    notice = github.render(report()).splitlines()[-1]
    assert notice.endswith("::Not reviewed:%0Alogo.png: binary%0Aapp/db.py:9: slow: no time left")
    skipped = report().coverage.files_skipped * 12
    many = github.render(empty(files_skipped=skipped))
    assert many.endswith("%0A… and 2 more\n")


@given(hostile_reports)
@settings(max_examples=60, deadline=None)
def test_github_gets_one_line_a_command_whatever_the_text(each):
    """No text can begin a command of its own."""
    lines = github.render(each).splitlines()
    assert len(lines) == len(each.findings) + 1
    assert all(COMMAND.fullmatch(line) for line in lines)


def test_gitlab_gets_one_issue_a_finding():
    """With its place and GitLab's own severities."""
    issues = json.loads(gitlab.render(report()))
    assert [each["severity"] for each in issues] == ["blocker", "critical", "minor"]
    assert issues[1]["location"] == {"path": "app/db.py", "lines": {"begin": 2, "end": 2}}
    assert issues[1]["check_name"] == "py-sql-injection"
    assert json.loads(gitlab.render(empty())) == []
    assert set(gitlab.SEVERITIES) == set(Severity)


def test_gitlab_fingerprints_are_unique_and_stable():
    """GitLab drops issues that share one."""
    twice = report(findings=(finding(), finding(), finding(fingerprint=""), finding(fingerprint="")))
    prints = [each["fingerprint"] for each in json.loads(gitlab.render(twice))]
    assert len(set(prints)) == 4
    assert prints[0] == json.loads(gitlab.render(report()))[1]["fingerprint"]


@given(hostile_reports)
@settings(max_examples=50, deadline=None)
def test_gitlab_of_any_report_is_valid(each):
    """An array of issues with every field that GitLab needs."""
    issues = json.loads(gitlab.render(each))
    assert len(issues) == len(each.findings)
    assert all(issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"} for issue in issues)


def test_junit_counts_what_it_holds():
    """Failed findings, skipped for not reviewed, one passed case for clean files."""
    suite = parsed(junit.render(report())).find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("6", "3", "2")
    assert len(suite.findall("testcase")) == 6
    assert [each.get("name") for each in suite.findall("testcase")][-1] == "2 files without findings"
    failure = suite.findall("testcase/failure")[1]
    assert failure.get("type") == "high security"
    assert failure.text.startswith("app/db.py:2:5: SQL is built")


def test_junit_of_a_clean_review_passes():
    """One passed case, so that no build server calls the suite empty."""
    suite = parsed(junit.render(empty())).find("testsuite")
    assert [each.get("name") for each in suite] == ["2 files without findings"]


def test_junit_shows_suppressed_findings_as_skipped_where_asked():
    """With the reason."""
    suite = parsed(junit.render(report(), show_suppressed=True)).find("testsuite")
    assert suite.find("testcase/skipped").get("message") == "checked by hand"
    assert suite.get("tests") == "7"


def test_junit_never_shows_the_value_of_a_secret():
    """Even if an engine leaves it in the quote."""
    leaky = finding(category=Category.SECRET, quote="AKIAVERYSECRET", message="a key")
    assert "AKIAVERYSECRET" not in junit.render(report(findings=(leaky,)))


@pytest.mark.parametrize("text", ["]]>", "-->", "\x00\x1b", "<a>&", "\ufffe\ud800"])
def test_junit_holds_any_text(text):
    """What XML cannot hold is replaced."""
    root = parsed(junit.render(report(findings=(finding(message=text, quote=text),))))
    assert root.find(".//failure").get("message").isprintable()


@given(hostile_reports)
@settings(max_examples=60, deadline=None)
def test_junit_of_any_report_is_well_formed_and_of_the_common_form(each):
    """Element and attribute names as build servers know them."""
    root = parsed(junit.render(each, show_suppressed=True))
    (suite,) = root
    assert suite.tag == "testsuite"
    assert int(suite.get("tests")) == len(suite)
    for case in suite:
        assert set(case.keys()) >= {"name", "classname", "time"}
        assert [child.tag for child in case] in ([], ["failure"], ["skipped"])
