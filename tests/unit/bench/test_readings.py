"""What tools print, read."""

import json

from tests.bench.review.readings import bandit, ruff, sarif
from tests.bench.review.score import Alarm


def location(uri: str, start: int | None = None, end: int | None = None) -> dict[str, object]:
    region = {name: line for name, line in (("startLine", start), ("endLine", end)) if line}
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def test_sarif_gives_places_with_the_cwes_of_their_rules():
    rule = {"id": "sql", "properties": {"tags": ["security", "external/cwe/cwe-089"]}}
    log = {
        "runs": [
            {
                "tool": {"driver": {"name": "some", "rules": [rule]}},
                "results": [
                    {"ruleId": "sql", "locations": [location("./a%20b.py", 3, 5)]},
                    {"ruleId": "other", "locations": [location("file:///c.py")], "properties": {"cwe": "CWE-78"}},
                    {"rule": {"id": "S608"}, "locations": [location("d.py", 7)]},
                ],
                "invocations": [{"toolExecutionNotifications": [{"locations": [location("e.py")]}, {"message": {}}]}],
            }
        ]
    }
    reading = sarif(json.dumps(log))
    assert reading.alarms == [
        Alarm("a b.py", 3, 5, frozenset({89}), "sql"),
        Alarm("c.py", 1, 1, frozenset({78}), "other"),
        Alarm("d.py", 7, 7, frozenset(), "S608"),
    ]
    assert reading.unanalysed == {"e.py"}


def test_rules_named_like_bandits_have_cwes_in_reports_of_bandit_and_ruff_only():
    log = {
        "runs": [
            {"tool": {"driver": {"name": "Ruff"}}, "results": [{"ruleId": "S608", "locations": [location("a", 1)]}]}
        ]
    }
    assert sarif(json.dumps(log)).alarms[0].cwes == {89}
    assert sarif(json.dumps(log).replace("Ruff", "Other")).alarms[0].cwes == frozenset()


def test_an_empty_log_says_nothing():
    assert sarif('{"runs": []}').alarms == []
    assert sarif('{"runs": [{"tool": {"driver": {}}, "results": [{"ruleId": "x"}]}]}').alarms == []


def test_bandit_gives_places_and_files_with_errors():
    issue = {"filename": "./a.py", "line_number": 4, "line_range": [4, 5], "test_id": "B602", "issue_cwe": {"id": 20}}
    report = {"results": [issue], "errors": [{"filename": "./b.py", "reason": "syntax error"}]}
    reading = bandit(json.dumps(report))
    assert reading.alarms == [Alarm("a.py", 4, 5, frozenset({20, 78}), "B602")]
    assert reading.unanalysed == {"b.py"}


def test_ruff_gives_places_and_files_with_syntax_errors():
    here = {"location": {"row": 2}, "end_location": {"row": 3}}
    report = [
        {"filename": "/x/a.py", "code": "S602", **here},
        {"filename": "/x/b.py", "code": None, **here},
        {"filename": "/x/c.py", "code": "invalid-syntax", **here},
    ]
    reading = ruff(json.dumps(report))
    assert reading.alarms == [Alarm("/x/a.py", 2, 3, frozenset({78}), "S602")]
    assert reading.unanalysed == {"/x/b.py", "/x/c.py"}
