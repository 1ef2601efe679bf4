"""A verdict moves a confidence within bounds, and never lowers what must not be hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.review.recipes.adjudicate import MOST_CHANGE, NEVER_LOWERED, adjudicate, weighed
from sutazai.sdk.finding import Category, Finding, Location, Severity, TraceStep
from sutazai.sdk.profile import RecipeProfile
from sutazai.sdk.testing import ScriptedChat, next_token

AT = Location(path="shop.py", start_line=2, start_column=5, end_line=2, end_column=9)
YES, NO = next_token(("yes", -0.01), ("no", -6.0)), next_token(("no", -0.01), ("yes", -6.0))


def candidate(**changes):
    known = {
        "rule": "py-sql-injection",
        "category": Category.SECURITY,
        "severity": Severity.HIGH,
        "confidence": 0.6,
        "cwe": (89,),
        "location": AT,
        "quote": "execute(sql)",
        "message": "A value from the request reaches a statement",
        "fingerprint": "v1:a",
        "trace": (TraceStep(location=AT, note="request.args"),),
    }
    return Finding(**{**known, **changes})


async def test_yes_raises_and_no_lowers_a_confidence(unit):
    up = await adjudicate(ScriptedChat([YES]), unit, [candidate()], RecipeProfile(auc=0.8))
    down = await adjudicate(ScriptedChat([NO]), unit, [candidate()], RecipeProfile(auc=0.8))
    assert 0.6 < up["v1:a"] <= 0.6 + MOST_CHANGE
    assert 0.6 - MOST_CHANGE <= down["v1:a"] < 0.6


async def test_the_question_fits_the_class_and_carries_trace_and_quote(unit):
    chat = ScriptedChat([YES, YES])
    await adjudicate(chat, unit, [candidate(), candidate(cwe=(7,), trace=())], RecipeProfile(auc=0.8))
    first, second = (each.messages[-1].content for each in chat.requests)
    assert "SQL statement" in first
    assert "1. request.args" in first
    assert "execute(sql)" in first
    assert unit.text.rstrip() in first
    assert "Does the fault really happen" in second


async def test_a_candidate_without_a_fingerprint_is_left_alone(unit):
    assert await adjudicate(ScriptedChat([]), unit, [candidate(fingerprint="")], RecipeProfile(auc=0.8)) == {}


@pytest.mark.parametrize(
    "changes", [{"cwe": (327,)}, {"cwe": (89, 798)}, {"cwe": (614,)}, {"category": Category.SECRET}]
)
def test_cryptography_configuration_and_secrets_are_never_lowered(changes):
    assert weighed(candidate(**changes), 0.0) == 0.6
    assert weighed(candidate(**changes), 1.0) > 0.6


@given(confidence=st.floats(0, 1), holds=st.floats(0, 1), cwe=st.sampled_from([89, 22, *sorted(NEVER_LOWERED)]))
def test_a_change_is_bounded(confidence, holds, cwe):
    new = weighed(candidate(confidence=confidence, cwe=(cwe,)), holds)
    assert 0 <= new <= 1
    assert abs(new - confidence) <= MOST_CHANGE + 1e-9
    assert cwe not in NEVER_LOWERED or new >= confidence
