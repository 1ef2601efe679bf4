"""Orders and ovens of a bakery."""

from collections.abc import Sequence


def oven_batches(orders: Sequence[tuple[str, int]], trays: int) -> list[list[str]]:
    """Batches of dough for one oven: kinds stay in order, no batch has more loaves than trays."""
    batches: list[list[str]] = []
    current: list[str] = []
    for kind, loaves in orders:
        for _ in range(loaves):
            if len(current) == trays:
                batches.append(current)
                current = []
            current.append(kind)
    if current:
        batches.append(current)
    return batches


def scale_recipe(grams: dict[str, float], loaves: int, made_for: int) -> dict[str, float]:
    """The recipe for another number of loaves; salt and yeast are weighed to the tenth of a gram."""
    if made_for <= 0 or loaves < 0:
        raise ValueError("a recipe is for at least one loaf")
    factor = loaves / made_for
    scaled = {}
    for name, amount in grams.items():
        digits = 1 if name in {"salt", "yeast"} else 0
        scaled[name] = round(amount * factor, digits)
    return scaled


def leftover_price(price: int, hours_old: int) -> int:
    """Price in cents of bread that was not sold: after 8 hours a quarter off, after a day half."""
    if hours_old >= 24:
        return price // 2
    if hours_old >= 8:
        return price - price // 4
    return price


def merge_shifts(shifts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(shifts):
        if merged and start <= merged[-1][1]:
            before = merged[-1]
            merged[-1] = (before[0], max(before[1], end))
        else:
            merged.append((start, end))
    return merged


# ruff: noqa: D103, PLR2004 (code as people write it)
