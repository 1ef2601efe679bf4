"""Statistics of a bench: a threshold, a Platt scaling, an area under a curve. Pure arithmetic."""

import math
from collections.abc import Sequence
from typing import Final

from sutazai.sdk.profile import Calibration

_ROUNDS: Final = 50
_RIDGE: Final = 0.05
_LEAST_OF_EACH: Final = 3
_CLOSE: Final = 1e-9


def threshold_for(right: Sequence[float], most: float) -> float:
    """The lowest threshold, at least 0, that at most the share `most` of these scores exceeds."""
    may_exceed = int(len(right) * most)
    ranked = sorted((score for score in right if score > 0), reverse=True)
    return ranked[may_exceed] if len(ranked) > may_exceed else 0.0


def fitted(scored: Sequence[tuple[float, bool]]) -> Calibration:
    """Platt scaling of scores by Newton's method, with Platt's smoothed targets and a small ridge on the slope.

    Too few of either kind give the default: a fit would only repeat them. A fit in which a higher score would mean less
    confidence is flat.
    """
    hits = sum(hit for _, hit in scored)
    misses = len(scored) - hits
    if min(hits, misses) < _LEAST_OF_EACH:
        return Calibration()
    target = {True: (hits + 1) / (hits + 2), False: 1 / (misses + 2)}
    points = [(score, target[hit]) for score, hit in scored]
    slope, intercept = _newton(points, (0.0, math.log((hits + 1) / (misses + 1))))
    if slope < 0:
        slope, intercept = 0.0, math.log((hits + 1) / (misses + 1))
    return Calibration(slope=round(slope, 4), intercept=round(intercept, 4))


def _newton(points: Sequence[tuple[float, float]], start: tuple[float, float]) -> tuple[float, float]:
    slope, intercept = start
    for _ in range(_ROUNDS):
        by_slope, by_intercept = _RIDGE * slope, 0.0
        a, b, c = _RIDGE, 0.0, _CLOSE
        for score, target in points:
            held = Calibration(slope=slope, intercept=intercept).confidence(score)
            weight = held * (1 - held)
            by_slope += (held - target) * score
            by_intercept += held - target
            a, b, c = a + weight * score * score, b + weight * score, c + weight
        scale = a * c - b * b
        if scale < _CLOSE:
            break
        step = (c * by_slope - b * by_intercept) / scale, (a * by_intercept - b * by_slope) / scale
        slope, intercept = slope - step[0], intercept - step[1]
        if max(abs(each) for each in step) < _CLOSE:
            break
    return slope, intercept


def area_under_curve(true: Sequence[float], false: Sequence[float]) -> float | None:
    """The probability that a true one scores higher than a false one, ties counted half; None without both."""
    if not true or not false:
        return None
    wins = sum((one > two) + 0.5 * (one == two) for one in true for two in false)
    return round(wins / (len(true) * len(false)), 3)
