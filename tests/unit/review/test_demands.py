"""What is demanded of findings, path by path."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.errors.review import InvalidPathPattern, InvalidRuleSetting
from sutazai.review.demands import Demands, PathDemands, rule_weights
from sutazai.review.request import ReviewRequest
from sutazai.sdk.finding import PathRules, Severity
from tests.unit.review.lab import Grep, Lab
from tests.unit.review.made import made


def test_a_rule_is_off_or_has_a_severity():
    assert rule_weights({"a": "off", "b": "low"}) == {"a": None, "b": Severity.LOW}
    with pytest.raises(InvalidRuleSetting, match="'a'.*'loud'"):  # noqa: RUF043
        rule_weights({"a": "loud"})


def test_a_finding_reaches_both_thresholds_or_none():
    assert Demands({}, Severity.HIGH, 0.5).reached_by(made())
    assert not Demands({}, Severity.CRITICAL, 0.5).reached_by(made())
    assert not Demands({}, Severity.HIGH, 0.51).reached_by(made())


def test_a_path_changes_what_it_names_and_nothing_else():
    general = Demands({"a": None, "b": Severity.LOW}, Severity.MEDIUM, 0.5)
    tests = PathRules(rules={"b": "high"}, min_confidence=0.0)
    demands = PathDemands(general, {"tests/": tests})
    assert demands.at("src/x.py") == general
    assert demands.at("tests/x.py") == Demands({"a": None, "b": Severity.HIGH}, Severity.MEDIUM, 0.0)


def test_of_patterns_that_match_the_later_one_wins():
    paths = {"*.py": PathRules(min_severity=Severity.LOW), "/tests/**": PathRules(min_severity=Severity.CRITICAL)}
    demands = PathDemands(Demands(), paths)
    assert demands.at("tests/a.py").min_severity == Severity.CRITICAL
    assert demands.at("src/tests/a.py").min_severity == Severity.LOW
    assert demands.at("a.txt").min_severity == Severity.INFO


def test_a_value_that_is_none_is_told_before_anything_is_reviewed():
    with pytest.raises(InvalidRuleSetting, match="'loud'"):
        PathDemands.of(ReviewRequest(per_path={"never/": PathRules(rules={"a": "loud"})}))


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_pattern_and_any_path_are_taken_or_refused_in_words(pattern, path):
    with suppress(InvalidPathPattern):
        demands = PathDemands(Demands(), {pattern: PathRules(min_confidence=0.25)})
        assert demands.at(path).min_confidence in {0.0, 0.25}


def test_a_pattern_that_is_none_is_named():
    with pytest.raises(InvalidPathPattern, match="'!'"):
        PathDemands(Demands(), {"!": PathRules()})


async def test_a_review_weighs_each_file_by_its_path():
    lab = Lab({"src/a.py": "x = bad\n", "tests/a.py": "x = bad\n"}, engines=[Grep("bad", severity=Severity.LOW)])
    report = await lab.review(model=False, per_path={"tests/": PathRules(rules={"has-bad": "off"})})
    assert [each.location.path for each in report.findings] == ["src/a.py"]
    report = await lab.review(model=False, per_path={"src/": PathRules(min_severity=Severity.HIGH)})
    assert [each.location.path for each in report.findings] == ["tests/a.py"]
    assert [event.finding.location.path for event in lab.seen.of("finding")] == ["tests/a.py"]
