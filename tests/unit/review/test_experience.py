"""What people say of a rule's findings moves the confidence of the next ones, within bounds."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.review.experience import LEAST_VERDICTS, by_experience
from sutazai.sdk.finding import Category, Finding
from sutazai.sdk.ports import Verdict
from tests.unit.review.made import made


def verdicts(accepted: int, dismissed: int, rule: str = "r") -> list[Verdict]:
    """So many verdicts on findings of one rule."""
    said = ["accepted"] * accepted + ["dismissed"] * dismissed
    return [Verdict(f"v1:{at}", rule, each, "", "/p", datetime.now(UTC)) for at, each in enumerate(said)]


def one(confidence: float, **fields: object) -> Finding:
    """A finding of the rule."""
    return made(1, rule="r", confidence=confidence, **fields)


@pytest.mark.parametrize("said", [(0, 0), (0, LEAST_VERDICTS - 1), (LEAST_VERDICTS - 1, 0)])
def test_a_few_words_are_no_experience(said: tuple[int, int]):
    assert by_experience([one(0.6)], verdicts(*said)) == [one(0.6)]


def test_a_rule_that_was_mostly_wrong_here_counts_for_less_and_says_why():
    (finding,) = by_experience([one(0.6)], verdicts(0, 3))
    assert finding.confidence == pytest.approx(0.2727)
    assert finding.explanation.endswith(
        "0 of 3 findings of this rule were called right in this project: 27% sure in place of 60%."
    )


def test_a_rule_that_was_right_here_counts_for_more():
    (finding,) = by_experience([one(0.45)], verdicts(3, 0))
    assert finding.confidence == pytest.approx(0.766, abs=0.001)


def test_as_many_right_as_wrong_changes_nothing():
    assert by_experience([one(0.6)], verdicts(2, 2)) == [one(0.6)]


@pytest.mark.parametrize(
    "finding", [one(0.6, category=Category.SECRET), one(1.0), one(0.0), made(1, rule="other", confidence=0.6)]
)
def test_secrets_what_is_certain_and_other_rules_stay_as_they_are(finding: Finding):
    assert by_experience([finding], verdicts(0, 50)) == [finding]


@given(confidence=st.floats(0.9, 0.998), dismissed=st.integers(0, 10_000))
def test_what_is_sure_stays_over_the_default_threshold(confidence: float, dismissed: int):
    (finding,) = by_experience([one(confidence)], verdicts(0, min(dismissed, 200)))
    assert 0.5 < finding.confidence <= confidence
