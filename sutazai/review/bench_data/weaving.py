"""Patterns on a loom."""

from collections.abc import Sequence


def mirror_pattern(rows: Sequence[str]) -> list[str]:
    """Each row followed by its mirror image, the middle thread not doubled."""
    mirrored = []
    for row in rows:
        if not row:
            mirrored.append("")
            continue
        mirrored.append(row + row[-2::-1])
    return mirrored


def longest_float(row: str, warp: str = "#") -> int:
    longest = current = 0
    for thread in row:
        if thread == warp:
            current = 0
        else:
            current += 1
            longest = max(longest, current)
    return longest


def thread_lengths(pattern: Sequence[str], width_cm: float, waste: float = 0.1) -> dict[str, float]:
    """Centimetres of each colour that the pattern needs, waste included."""
    lengths: dict[str, float] = {}
    for row in pattern:
        if len(row) == 0:
            raise ValueError("a row without threads")
        share = width_cm / len(row)
        for colour in row:
            if colour != ".":
                lengths[colour] = lengths.get(colour, 0.0) + share
    return {colour: length * (1 + waste) for colour, length in lengths.items()}


def repeats_evenly(threads: int, motif: int, border: int) -> bool:
    """Whether the motif fits a whole number of times between two borders, at least once."""
    inner = threads - 2 * border
    return inner >= motif and inner % motif == 0


# ruff: noqa: D103 (code as people write it)
