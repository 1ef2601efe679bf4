"""Loading and scheduling of a ferry."""

from collections.abc import Sequence


def assign_lanes(lengths: Sequence[int], lane_length: int, lanes: int) -> list[list[int]] | None:
    """Fills lanes with vehicles in order of arrival; None if they do not all fit."""
    loaded: list[list[int]] = [[] for _ in range(lanes)]
    free = [lane_length] * lanes
    for vehicle, length in enumerate(lengths):
        for lane in range(lanes):
            if free[lane] >= length:
                loaded[lane].append(vehicle)
                free[lane] -= length
                break
        else:
            return None
    return loaded


def trim_angle(left_weights: Sequence[float], right_weights: Sequence[float], stiffness: float) -> float:
    """Degrees of heel to the right; negative to the left; limited to 15 degrees either way."""
    difference = sum(right_weights) - sum(left_weights)
    angle = difference / stiffness
    if angle > 15:
        return 15.0
    if angle < -15:
        return -15.0
    return angle


def next_departure(departures: Sequence[int], now: int, boarding: int = 10) -> int | None:
    # Times are minutes after midnight, in rising order; one has to be there `boarding` minutes earlier.
    for departure in departures:
        if departure - boarding >= now:
            return departure
    return None


def fare(age: int, bicycle: bool, return_trip: bool) -> int:
    """Fare in cents."""
    if age < 6:
        price = 0
    elif age < 16 or age >= 65:
        price = 450
    else:
        price = 900
    if bicycle:
        price += 300
    if return_trip:
        price = price * 2 - price // 5
    return price


# ruff: noqa: D103, PLR2004 (code as people write it)
