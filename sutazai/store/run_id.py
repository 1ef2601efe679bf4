"""Ids of runs: short, in order of time, hard to confuse when read aloud."""

import secrets
from datetime import datetime
from typing import Final

# Crockford's base 32: no i, l, o or u; digits before letters, so that text order is number order.
_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_EPOCH_MS: Final = 1_704_067_200_000
_TIME_DIGITS: Final = 9
_RANDOM_DIGITS: Final = 3


def new_run_id(at: datetime) -> str:
    """Twelve characters: milliseconds since 2024 (room for a thousand years), then three random ones."""
    return _digits(int(at.timestamp() * 1000) - _EPOCH_MS) + "".join(
        secrets.choice(_DIGITS) for _ in range(_RANDOM_DIGITS)
    )


def _digits(number: int) -> str:
    text = ""
    for _ in range(_TIME_DIGITS):
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text
