"""Thresholds, Platt scaling and areas under a curve."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.review.fitting import area_under_curve, fitted, threshold_for
from sutazai.sdk.profile import Calibration

scores = st.floats(-30, 30)


@given(right=st.lists(scores, max_size=60), most=st.floats(0, 1))
def test_a_threshold_never_flags_more_than_allowed_and_is_never_negative(right, most):
    threshold = threshold_for(right, most)
    assert threshold >= 0
    assert sum(score > threshold for score in right) <= len(right) * most


def test_a_threshold_is_the_lowest_that_does():
    assert threshold_for([1.0, 2.0, 3.0, -1.0], 0.25) == 2.0
    assert threshold_for([-1.0], 0.0) == 0.0


def test_a_fit_puts_the_middle_where_hits_and_misses_meet():
    points = [(score + 4.0, True) for score in (0, 1, 2, 3)] + [(score - 4.0, False) for score in (0, -1, -2, -3)]
    fit = fitted(points)
    assert fit.confidence(0) == pytest.approx(0.5, abs=0.02)
    assert fit.confidence(5) > 0.8
    assert fit.confidence(-5) < 0.2


def test_too_few_of_a_kind_give_the_default():
    assert fitted([(1.0, True), (2.0, False)]) == Calibration()


def test_a_fit_never_turns_the_scale_round():
    fit = fitted([(float(score), score < 0) for score in range(-5, 6)])
    assert fit.slope == 0


@given(st.lists(st.tuples(scores, st.booleans()), max_size=40))
def test_any_scores_give_a_finite_rising_scale(points):
    fit = fitted(points)
    assert math.isfinite(fit.slope)
    assert math.isfinite(fit.intercept)
    assert fit.confidence(-5) <= fit.confidence(5)


def test_the_area_counts_pairs_in_order_and_ties_half():
    assert area_under_curve([2, 3], [1, 2]) == 0.875
    assert area_under_curve([], [1]) is None


def test_equal_scores_have_no_slope_to_fit():
    fit = fitted([(0.0, True)] * 4 + [(0.0, False)] * 4)
    assert fit.confidence(7.0) == pytest.approx(0.5, abs=0.02)
