"""Remembers vectors by the content of their texts, around any embedding model. Computes none itself."""

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Literal

from sutazai.sdk.document import FLOAT32_BYTES, EmbedderInfo, Vectors

if TYPE_CHECKING:
    from sutazai.sdk.knowledge import Embedder
    from sutazai.sdk.ports import Cache


class CachedEmbedder:
    """Implements the port `Embedder`: a text that was embedded before, or stands twice in one call, costs nothing.

    Args:
        embedder: makes the vectors.
        cache: where they are kept; None: nowhere.
        on_close: what else is let go of at the end.
    """

    def __init__(
        self, embedder: "Embedder", cache: "Cache | None", *, on_close: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self._embedder, self._cache, self._on_close = embedder, cache, on_close

    @property
    def info(self) -> EmbedderInfo:
        """Which weights these are; complete only after `open`."""
        return self._embedder.info

    async def open(self) -> None:
        """Makes it ready; harmless when done already."""
        await self._embedder.open()

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of `text` begins and ends, in code points."""
        return self._embedder.token_spans(text)

    async def embed(self, texts: Sequence[str], *, kind: Literal["document", "query"] = "document") -> Vectors:
        """One vector for each text, in order."""
        keys = {text: self._key(text, kind) for text in texts}
        found = await self._known(keys)
        missing = [text for text in keys if text not in found]
        if missing:
            made = await self._embedder.embed(missing, kind=kind)
            fresh = {text: made.row(index) for index, text in enumerate(missing)}
            await self._keep({keys[text]: row for text, row in fresh.items()})
            found |= fresh
        data = b"".join(found[text] for text in texts)
        return Vectors(self.info.dimensions, data, known=len(texts) - len(missing))

    async def close(self) -> None:
        """Frees everything; safe to call twice."""
        await self._embedder.close()
        if self._on_close is not None:
            await self._on_close()

    def _key(self, text: str, kind: str) -> str:
        content = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return f"vector {self.info.digest} {kind} {content}"

    async def _known(self, keys: dict[str, str]) -> dict[str, bytes]:
        if self._cache is None:
            return {}
        kept = await self._cache.get_many(list(keys.values()))
        rows = {text: self._row(kept[key]) for text, key in keys.items() if key in kept}
        return {text: row for text, row in rows.items() if row}

    async def _keep(self, rows: dict[str, bytes]) -> None:
        if self._cache is not None:
            await self._cache.put_many({key: b64encode(row).decode("ascii") for key, row in rows.items()})

    def _row(self, value: str) -> bytes:
        """A vector as it was kept; empty for what is none of this length."""
        try:
            row = b64decode(value, validate=True)
        except (NotBase64, ValueError):
            return b""
        return row if len(row) == self.info.dimensions * FLOAT32_BYTES else b""
