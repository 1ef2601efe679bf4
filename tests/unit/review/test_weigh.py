"""Which findings are reported: rules switched off, changed lines, thresholds, limits per file."""

import random

from hypothesis import given
from hypothesis import strategies as st

from sutazai.review.demands import Demands, PathDemands
from sutazai.review.weigh import asked_for, only_model, weighed
from sutazai.sdk.finding import Severity
from sutazai.sdk.source import LineRange, SourceFile
from tests.unit.review.made import FINDINGS, made

ALL = PathDemands(Demands())


def test_only_findings_on_lines_that_were_asked_for_are_kept():
    sources = {"a.py": SourceFile("a.py", "", "python", changed=(LineRange(3, 4),))}
    found = asked_for([made(2), made(3), made(1, to=9), made(5), made(3, path="b.py")], sources, ALL)
    assert [each.location.start_line for each in found] == [3, 1]


def test_rules_that_are_off_go_and_others_take_the_severity_asked_for():
    sources = {"a.py": SourceFile("a.py", "", "python")}
    findings = [made(rule="x"), made(rule="y"), made(rule="z")]
    found = asked_for(findings, sources, PathDemands(Demands({"x": None, "y": Severity.INFO, "z": Severity.HIGH})))
    assert [(each.rule, each.severity) for each in found] == [("y", Severity.INFO), ("z", Severity.HIGH)]
    assert found[1] is findings[2]


def test_only_findings_of_models_are_limited_and_the_surest_stay():
    model = [made(line, engines=("model:claims",), confidence=line / 10) for line in (6, 9, 8, 7)]
    static = [made(line) for line in range(10, 15)]
    elsewhere = made(path="b.py", engines=("model:probe",))
    found = weighed([*model, *static, elsewhere], PathDemands(Demands({}, Severity.INFO, 0.5)), max_findings=2)
    assert [each.confidence for each in found.kept if only_model(each)] == [0.9, 0.8, 0.5]
    assert (found.over_limit, found.under_thresholds, len(found.kept)) == (2, [], 8)


def test_a_static_finding_that_a_model_weighed_is_still_static():
    assert not only_model(made(engines=("ruff", "model:adjudicate")))
    assert only_model(made(engines=("model:claims", "model:probe")))


@given(st.lists(FINDINGS, max_size=8), st.integers(0, 3), st.randoms(use_true_random=False))
def test_every_finding_is_kept_or_counted_whatever_the_order(findings, limit, seed: random.Random):
    def count(order):
        found = weighed(order, PathDemands(Demands({}, Severity.MEDIUM, 0.25)), max_findings=limit)
        assert len(found.kept) + len(found.under_thresholds) + found.over_limit == len(findings)
        return sorted((each.location.start_line, each.confidence, each.rule) for each in found.kept)

    shuffled = list(findings)
    seed.shuffle(shuffled)
    assert len(count(findings)) == len(count(shuffled))
