"""Surveys of caves: stations, shots and passages."""

from collections import deque
from collections.abc import Mapping, Sequence


def passage_length(shots: Sequence[tuple[str, str, float]], skip_splays: bool = True) -> float:
    """Total length of the passages; a shot that ends in "-" is a splay."""
    total = 0.0
    for _, end, length in shots:
        if skip_splays and end == "-":
            continue
        total += length
    return total


def reachable(links: Mapping[str, Sequence[str]], entrance: str, closed: set[str]) -> set[str]:
    """Every station that can be reached from the entrance without passing a closed one."""
    if entrance in closed:
        return set()
    seen = {entrance}
    waiting = deque([entrance])
    while waiting:
        station = waiting.popleft()
        for neighbour in links.get(station, ()):
            if neighbour not in seen and neighbour not in closed:
                seen.add(neighbour)
                waiting.append(neighbour)
    return seen


def depth_below(heights: Mapping[str, float], entrance: str) -> tuple[str, float]:
    """The deepest station and how far it lies below the entrance."""
    deepest = min(heights, key=lambda station: heights[station])
    return deepest, heights[entrance] - heights[deepest]


def close_loop(errors: Sequence[float], limit: float) -> list[float] | None:
    """Spreads the misfit of a loop evenly over its shots; None if it is too large."""
    if not errors:
        return []
    misfit = sum(errors)
    if abs(misfit) > limit:
        return None
    share = misfit / len(errors)
    return [error - share for error in errors]
