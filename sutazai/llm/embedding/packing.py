"""Numbers that came from elsewhere as the bytes of a vector of unit length. Pure; trusts nothing."""

import math
import sys
from array import array
from collections.abc import Sequence
from typing import Final

MOST_DIMENSIONS: Final = 65_536


def unit_row(numbers: object) -> bytes:
    """A vector as little-endian float32, brought to unit length.

    Raises:
        ValueError: these are no numbers that have a direction; the text says what they are.
    """
    if not isinstance(numbers, Sequence) or isinstance(numbers, str | bytes):
        raise ValueError("a vector is no list")  # noqa: TRY004 (the caller knows one failure: no vector)
    if not 0 < len(numbers) <= MOST_DIMENSIONS:
        raise ValueError(f"a vector of {len(numbers)} numbers")
    if not all(isinstance(each, int | float) and math.isfinite(each) for each in numbers):
        raise ValueError("a vector holds what is no number")
    length = math.hypot(*numbers)
    if not 0 < length < math.inf:
        raise ValueError("a vector without a direction")
    row = array("f", [each / length for each in numbers])
    if sys.byteorder == "big":  # pragma: no cover (vectors are little-endian everywhere)
        row.byteswap()
    return row.tobytes()
