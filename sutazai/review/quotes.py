"""Finds the code a model quotes in the text it was shown. What is not there is not found: no place is ever guessed."""

import re
from collections.abc import Iterator
from typing import Final

_SHORTEST: Final = 3
_WORD: Final = re.compile(r"\w{2,}")


def locate(text: str, quote: str, about: str = "") -> tuple[int, int] | None:
    """Where `quote` stands in `text`: code-point offsets, or None.

    White space does not count. Of several places the one whose line shares most words with `about` is taken; if two are
    equally near, none is.

    Args:
        text: what the model was shown.
        quote: what it says stands there.
        about: its words about it.
    """
    solid = "".join(quote.split())
    if len(solid) < _SHORTEST:
        return None
    places = list(_places(text, solid))
    if len(places) < 2:  # noqa: PLR2004 (one or none)
        return places[0] if places else None
    return _nearest(text, places, about)


def _places(text: str, solid: str) -> Iterator[tuple[int, int]]:
    offsets = [offset for offset, character in enumerate(text) if not character.isspace()]
    squeezed = "".join(text[offset] for offset in offsets)
    at = squeezed.find(solid)
    while at >= 0:
        yield offsets[at], offsets[at + len(solid) - 1] + 1
        at = squeezed.find(solid, at + 1)


def _nearest(text: str, places: list[tuple[int, int]], about: str) -> tuple[int, int] | None:
    said = set(_WORD.findall(about))
    ranked = sorted(((len(said & set(_WORD.findall(_lines(text, place)))), place) for place in places), reverse=True)
    return ranked[0][1] if ranked[0][0] > ranked[1][0] else None


def _lines(text: str, place: tuple[int, int]) -> str:
    start = text.rfind("\n", 0, place[0]) + 1
    end = text.find("\n", place[1])
    return text[start : end if end >= 0 else len(text)]
