"""Edits that bring back what a change replaced: of all slips on a line, the likeliest are those. Asks no model."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from sutazai.review.recipes.walk import Site, Slip
from sutazai.sdk.source import LINE_END, Unit


def restoring(unit: Unit, places: Iterable[Site]) -> Iterator[tuple[Site, Slip]]:
    """The slips whose edit turns a line of `unit` back into how it read before the change, each with its place."""
    if not unit.before:
        return
    starts = [0, *(end.end() for end in LINE_END.finditer(unit.text))]
    for site in places:
        for slip in site.slips:
            at = bisect_right(starts, slip.start) - 1
            if _edited(unit.text, starts[at], slip) == unit.before.get(at):
                yield site, slip


def _edited(text: str, start: int, slip: Slip) -> str:
    """The line that starts at `start` as it reads with the edit."""
    end = LINE_END.search(text, slip.end)
    return text[start : slip.start] + slip.replacement + text[slip.end : end.start() if end else len(text)]
