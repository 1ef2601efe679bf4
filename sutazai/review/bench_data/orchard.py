"""Harvest, storage and irrigation of an orchard."""

from collections.abc import Mapping, Sequence


def crates_per_row(harvest: Mapping[int, float], crate_kg: float) -> dict[int, int]:
    """How many crates each row fills; a started crate counts as one."""
    crates = {}
    for row, kilograms in harvest.items():
        if kilograms <= 0:
            continue
        full = int(kilograms // crate_kg)
        if kilograms % crate_kg > 0:
            full += 1
        crates[row] = full
    return crates


def irrigation_minutes(moisture: Sequence[float], target: float, flow_per_minute: float) -> list[int]:
    """Minutes of water for each zone whose moisture is under the target, at most one hour."""
    minutes = []
    for level in moisture:
        if level >= target:
            minutes.append(0)
            continue
        needed = (target - level) / flow_per_minute
        minutes.append(min(60, round(needed)))
    return minutes


def ripest_trees(sugar: Mapping[str, float], count: int, least: float = 10.0) -> list[str]:
    """Names of the ripest trees, sweetest first, none under the least sugar content."""
    if count < 1:
        return []
    ripe = [(value, name) for name, value in sugar.items() if value >= least]
    ripe.sort(key=lambda pair: (-pair[0], pair[1]))
    return [name for _, name in ripe[:count]]


def frost_nights(temperatures: Sequence[float], limit: float = 0.0) -> tuple[int, int]:
    """The first and the last night under the limit, or (-1, -1) without frost."""
    first = last = -1
    for night, value in enumerate(temperatures):
        if value < limit:
            if first == -1:
                first = night
            last = night
    return first, last
