"""Turns what tools print into alarms and files they did not analyse: SARIF of any tool, JSON of bandit and of ruff.

Must never fail on a report that merely lacks something: what cannot be read is left out.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.bench.review.families import cwes_of_rule
from tests.bench.review.score import Alarm

_CWE = re.compile(r"cwe[-/ _]*0*(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Reading:
    """What a report says."""

    alarms: list[Alarm] = field(default_factory=list)
    unanalysed: set[str] = field(default_factory=set)


def sarif(text: str) -> Reading:
    """A SARIF 2.1.0 log. A file counts as not analysed where a notification of the run names it."""
    reading = Reading()
    for run in json.loads(text).get("runs", ()):
        driver = run.get("tool", {}).get("driver", {})
        rules = _rules(run, driver)
        bandit_like = any(each in driver.get("name", "").lower() for each in ("bandit", "ruff"))
        for result in run.get("results", ()):
            reading.alarms += _alarms(result, rules, bandit_like=bandit_like)
        for invocation in run.get("invocations") or ():
            for notification in invocation.get("toolExecutionNotifications") or ():
                reading.unanalysed |= {path for path, _, _ in _places(notification)}
    return reading


def bandit(text: str) -> Reading:
    """The JSON of bandit."""
    report = json.loads(text)
    return Reading(
        [
            Alarm(
                path=_plain(each["filename"]),
                start=each["line_number"],
                end=max([each["line_number"], *each.get("line_range", ())]),
                cwes=cwes_of_rule(each["test_id"]) | _own(each),
                rule=each["test_id"],
            )
            for each in report.get("results", ())
        ],
        {_plain(each["filename"]) for each in report.get("errors", ())},
    )


def ruff(text: str) -> Reading:
    """The JSON of ruff. A syntax error means that nobody looked at the file."""
    reading = Reading()
    for each in json.loads(text):
        code, path = each.get("code") or "invalid-syntax", _plain(each["filename"])
        if code in {"invalid-syntax", "E902", "E999"}:
            reading.unanalysed.add(path)
            continue
        start, end = each["location"]["row"], (each.get("end_location") or each["location"])["row"]
        reading.alarms.append(Alarm(path, start, end, cwes_of_rule(code), code))
    return reading


def _own(issue: Mapping[str, Any]) -> frozenset[int]:
    number = (issue.get("issue_cwe") or {}).get("id")
    return frozenset({number}) if isinstance(number, int) else frozenset()


def _rules(run: Mapping[str, Any], driver: Mapping[str, Any]) -> dict[str, frozenset[int]]:
    components = [driver, *run.get("tool", {}).get("extensions", ())]
    described = [rule for each in components for rule in each.get("rules", ())]
    return {each["id"]: _cwes(each.get("properties"), each.get("relationships")) for each in described}


def _cwes(*parts: object) -> frozenset[int]:
    return frozenset(int(number) for part in parts if part for number in _CWE.findall(json.dumps(part)))


def _alarms(result: Mapping[str, Any], rules: Mapping[str, frozenset[int]], *, bandit_like: bool) -> Iterator[Alarm]:
    rule = result.get("ruleId") or (result.get("rule") or {}).get("id", "")
    cwes = rules.get(rule, frozenset()) | _cwes(result.get("properties"), result.get("taxa"))
    if bandit_like:
        cwes |= cwes_of_rule(rule)
    for path, start, end in _places(result):
        yield Alarm(path, start, end, cwes, rule)


def _places(item: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    for location in item.get("locations") or ():
        physical = location.get("physicalLocation", {})
        region = physical.get("region", {})
        start = region.get("startLine", 1)
        yield _plain(unquote(physical.get("artifactLocation", {}).get("uri", ""))), start, region.get("endLine", start)


def _plain(path: str) -> str:
    """A path with slashes, without scheme, and without `./` in front."""
    return re.sub(r"^(?:file:/+|\./)", "", path.replace("\\", "/"))
