"""Weights as 8-bit integers with a scale for each output channel. Exact on every platform: see `quantised`."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Seven bits: where a processor has no VNNI, pairs of products are added in 16 bits, which eight bits would overflow.
MATMUL_LIMIT: Final = 63
LOOKUP_LIMIT: Final = 127


def quantised(
    weights: "NDArray[np.float32]", *, axis: int, limit: int
) -> "tuple[NDArray[np.int8], NDArray[np.float32]]":
    """Integers from `-limit` to `limit`, and the scales that give the weights back.

    Only what IEEE 754 leaves no choice about is computed (the largest absolute value, one float32 division, rounding
    half to even), so that every processor and every version of numpy gives the same bytes.

    Args:
        weights: float32, two dimensions.
        axis: the dimension that shares a scale: 0 for one scale a column, 1 for one a row.
        limit: the largest integer.
    """
    import numpy as np  # noqa: PLC0415 (loaded only when used)

    largest = np.abs(weights).max(axis=axis, keepdims=True)
    scales = np.where(largest > 0, largest / np.float32(limit), np.float32(1))
    integers = np.clip(np.rint(weights / scales), -limit, limit).astype(np.int8)
    return integers, scales.squeeze(axis)
