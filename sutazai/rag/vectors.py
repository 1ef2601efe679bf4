"""Texts into vectors, each text once: what was computed before is taken from the cache, by weights and content."""

import base64
import binascii
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from sutazai.sdk.document import FLOAT32_BYTES, Vectors
from sutazai.sdk.knowledge import Embedder
from sutazai.sdk.ports import Cache

_SLICE: Final = 128


class CachedEmbedder:
    """An opened embedder behind the cache.

    Attributes:
        computed: how many texts were embedded and not found.
    """

    def __init__(self, embedder: Embedder, cache: Cache) -> None:
        self._embedder, self._cache = embedder, cache
        self.computed = 0

    async def vectors(self, texts: Sequence[str], *, on_slice: Callable[[int], None]) -> list[bytes]:
        """One vector for each text, in order.

        Args:
            texts: what to embed; each fits.
            on_slice: told how many texts have become vectors, again and again up to all of them.

        Raises:
            ModelError: the embedder fails; what was embedded before stays in the cache.
        """
        made: dict[str, bytes] = {}
        for start in range(0, len(texts), _SLICE):
            part = [each for each in dict.fromkeys(texts[start : start + _SLICE]) if each not in made]
            made.update(await self._slice(part))
            on_slice(min(start + _SLICE, len(texts)))
        return [made[each] for each in texts]

    async def _slice(self, texts: Sequence[str]) -> dict[str, bytes]:
        keys = {text: self._key(text) for text in texts}
        stored = await self._cache.get_many(list(keys.values()))
        found = {text: self._unpacked(stored[key]) for text, key in keys.items() if key in stored}
        known = {text: vector for text, vector in found.items() if vector is not None}
        missing = [text for text in texts if text not in known]
        if missing:
            vectors = await self._embedder.embed(missing)
            fresh = {text: vectors.row(at) for at, text in enumerate(missing)}
            self.computed += len(fresh)
            await self._cache.put_many({keys[text]: _packed(vector) for text, vector in fresh.items()})
            known |= fresh
        return known

    def _key(self, text: str) -> str:
        content = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return f"embedding {self._embedder.info.digest} {content}"

    def _unpacked(self, stored: str) -> bytes | None:
        """The vector, None if what the cache holds is none."""
        try:
            vector = base64.b64decode(stored, validate=True)
        except (binascii.Error, ValueError):
            return None
        return vector if len(vector) == self._embedder.info.dimensions * FLOAT32_BYTES else None


def joined(dimensions: int, vectors: Sequence[bytes]) -> Vectors:
    """Rows as one value."""
    return Vectors(dimensions, b"".join(vectors))


def _packed(vector: bytes) -> str:
    return base64.b64encode(vector).decode("ascii")
