"""How much memory an embedded model will take, by its file's size. Pure; cautious rather than exact."""

from typing import Final

_BASE_BYTES: Final = 160 * 2**20  # the process, its buffers
_WEIGHTS: Final = 1.05
_CACHE_BYTES_A_TOKEN: Final = 32 * 1024  # of a 1.5-B model; grows with the weights
_TOKENS_A_FILE: Final = 36_000


def memory_needed(size_bytes: int, context_tokens: int, slots: int = 1) -> int:
    """Bytes of memory at the peak, for a model file of `size_bytes` and `slots` contexts."""
    a_token = max(_CACHE_BYTES_A_TOKEN, size_bytes // _TOKENS_A_FILE)
    return int(size_bytes * _WEIGHTS) + a_token * context_tokens * slots + _BASE_BYTES
