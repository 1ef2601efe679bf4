"""Many texts into vectors, a slice at a time, so that progress is told and a cancelled run stops soon.

Never remembers a vector: an embedder that was configured to do so takes known texts from its cache.
"""

from collections.abc import Callable, Sequence
from typing import Final

from sutazai.sdk.document import Vectors
from sutazai.sdk.knowledge import Embedder

_SLICE: Final = 128


async def embedded(embedder: Embedder, texts: Sequence[str], *, on_slice: Callable[[int, int], None]) -> Vectors:
    """One vector for each text, in order.

    Args:
        embedder: opened.
        texts: what to embed; each fits.
        on_slice: told how many texts have become vectors, again and again up to all of them, and of how many these
            were known before.

    Raises:
        ModelError: the embedder fails.
    """
    rows, known = [], 0
    for start in range(0, len(texts), _SLICE):
        vectors = await embedder.embed(texts[start : start + _SLICE])
        rows.append(vectors.data)
        known += vectors.known
        on_slice(min(start + _SLICE, len(texts)), known)
    return Vectors(embedder.info.dimensions, b"".join(rows), known=known)


def stretch(vectors: Vectors, start: int, count: int) -> Vectors:
    """Some rows of vectors."""
    size = len(vectors.row(0))
    return Vectors(vectors.dimensions, vectors.data[start * size : (start + count) * size])
