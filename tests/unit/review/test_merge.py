"""Findings of several engines about one fault become one; nothing else does, and no engine is forgotten."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.review import merge as module
from sutazai.review.fingerprint import fingerprinted
from sutazai.review.merge import by_seriousness, merged
from sutazai.review.weigh import only_model
from sutazai.sdk.finding import Category, Edit, Fix, Severity, TraceStep
from tests.unit.review.made import FINDINGS, made


def other(line: int = 1, **changes):
    """A finding of another engine."""
    return made(line, **({"engines": ("patterns",)} | changes))


def test_two_engines_on_one_fault_give_one_finding_that_is_surer():
    (found,) = merged([made(confidence=0.5), other(confidence=0.6)])
    assert found.engines == ("patterns", "ruff")
    assert found.confidence == 0.8


@pytest.mark.parametrize(
    "second",
    [
        other(2),
        other(path="b.py"),
        other(category=Category.BUG),
        other(cwe=(78,)),
        other(cwe=()),
    ],
)
def test_other_places_and_other_classes_stay_apart(second):
    assert len(merged([made(), second])) == 2


def test_without_a_cwe_the_rule_decides():
    assert len(merged([made(cwe=()), other(cwe=())])) == 1
    assert len(merged([made(cwe=()), other(cwe=(), rule="other")])) == 2


def test_spans_that_share_a_line_are_one_place():
    assert len(merged([made(1, to=4), other(4, to=6)])) == 1
    assert len(merged([made(1, to=4), other(5, to=6)])) == 2


def test_two_findings_of_one_engine_on_one_line_stay_apart_unless_they_overlap():
    assert len(merged([made(column=1), made(column=10)])) == 2
    assert len(merged([made(column=1), made(column=4)])) == 1
    assert len(merged([made(column=1, width=0), made(column=1, width=0, rule="other")])) == 1


def test_a_wide_finding_does_not_swallow_several_of_another_engine():
    wide = made(1, to=50, severity=Severity.CRITICAL)
    found = merged([wide, other(10), other(30)])
    assert sorted(each.engines for each in found) == [("patterns",), ("patterns", "ruff")]


def test_overlaps_make_no_chains():
    found = merged([made(1, to=10, cwe=(1, 2)), other(10, to=20, cwe=(2, 3)), other(20, to=30, cwe=(3,))])
    assert len(found) == 2


def test_a_static_finding_gives_the_place_and_the_most_serious_engine_the_severity():
    static = made(3, severity=Severity.LOW, quote="static")
    model = made(3, severity=Severity.CRITICAL, quote="model", engines=("model:claims",), confidence=0.9)
    (found,) = merged([model, static])
    assert (found.quote, found.severity) == ("static", Severity.CRITICAL)
    assert fingerprinted([found])[0].fingerprint == fingerprinted([static])[0].fingerprint


def test_what_one_engine_knows_is_not_lost():
    place = made().location
    fix = Fix(description="d", edits=(Edit(location=place, replacement="x"),), source="rule")
    trace = (TraceStep(location=place, note="source"),)
    (found,) = merged(
        [
            made(severity=Severity.CRITICAL, cwe=(89, 20)),
            other(fix=fix, explanation="why", trace=trace, cwe=(564, 89)),
        ]
    )
    assert (found.fix, found.trace, found.explanation, set(found.cwe)) == (fix, trace, "why", {89, 20, 564})


def test_one_engine_does_not_agree_with_itself():
    (found,) = merged([made(confidence=0.5), made(confidence=0.4, column=2, rule="other")])
    assert found.confidence == 0.5
    (found,) = merged([made(confidence=0.5, engines=("ruff", "model:adjudicate")), other(confidence=0.5)])
    assert found.confidence == 0.75


@given(findings=st.lists(FINDINGS, max_size=8), seed=st.randoms(use_true_random=False))
def test_the_order_of_findings_does_not_matter(findings, seed: random.Random):
    shuffled = list(findings)
    seed.shuffle(shuffled)
    assert merged(findings) == merged(shuffled)


@given(st.lists(FINDINGS, max_size=8))
def test_no_engine_no_cwe_and_no_severity_is_lost_and_no_confidence_falls(findings):
    found = merged(findings)
    assert {e for each in found for e in each.engines} == {e for each in findings for e in each.engines}
    assert {c for each in found for c in each.cwe} == {c for each in findings for c in each.cwe}
    assert len(found) <= len(findings)
    for before in findings:
        assert any(
            set(before.engines) <= set(each.engines)
            and before.location.path == each.location.path
            and before.category == each.category
            and each.severity.reaches(before.severity)
            and each.confidence >= before.confidence
            for each in found
        )


@given(st.lists(FINDINGS, max_size=8))
def test_a_static_finding_has_the_same_fingerprint_with_and_without_a_model(findings):
    static = [each for each in findings if not only_model(each)]
    without = {each.fingerprint for each in fingerprinted(merged(static))}
    assert without <= {each.fingerprint for each in fingerprinted(merged(findings))}


def test_the_most_serious_come_first_then_the_surest_then_by_place():
    low, sure, unsure = made(1, severity=Severity.LOW), made(9, confidence=0.9), made(2, confidence=0.1)
    later = made(3, confidence=0.1)
    assert by_seriousness([low, later, unsure, sure]) == [sure, unsure, later, low]


def test_nothing_merges_to_nothing():
    assert merged([]) == []


@pytest.mark.parametrize("verdict", [0.05, 0.95])
def test_a_models_verdict_on_one_static_finding_does_not_move_the_place(verdict):
    first, second = made(3, quote="first"), other(3, column=2, quote="second")
    weighed = second.but(confidence=verdict, engines=("patterns", "model:adjudicate"))
    assert [each.quote for each in merged([first, second])] == ["first"]
    assert [each.quote for each in merged([first, weighed])] == ["first"]


def test_engines_that_name_one_fault_by_kindred_cwes_are_joined():
    """A fast password hash and a weak hash of two engines are one fault: the more serious stays."""
    first = made(rule="py-fast-password-hash", cwe=(916,), engines=("patterns",), severity=Severity.HIGH)
    second = made(rule="py-weak-hash", cwe=(327, 328), engines=("ruff",), severity=Severity.MEDIUM)
    (joined,) = merged([second, first])
    assert joined.rule == "py-fast-password-hash"
    assert joined.engines == ("patterns", "ruff")


def test_thousands_of_findings_on_one_line_are_not_compared_each_with_each(monkeypatch: pytest.MonkeyPatch):
    """A line can be made to hold so many that their square would take hours."""
    compared = 0

    def belongs(*_: object) -> bool:
        nonlocal compared
        compared += 1
        return False

    monkeypatch.setattr(module, "_belongs", belongs)
    assert len(merged(made(column=3 * number, width=1) for number in range(1, 1_000))) == 999
    assert compared < 100 * 999
