"""Documents made up for tests of stores: of given texts, with vectors of the test kit's embedder."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sutazai.sdk.document import Chunk, DocumentEntry, DocumentRecord
from sutazai.sdk.testing_documents import WordEmbedder

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EMBEDDER = WordEmbedder(dimensions=32)


def chunk_id(document: str, text: str) -> str:
    """The id of a chunk: what did not change keeps it."""
    return sha256(f"{document}\n{text}".encode(errors="surrogatepass")).hexdigest()


async def entry(
    name: str, *texts: str, embedder: WordEmbedder = EMBEDDER, chunk: Mapping[str, Any] | None = None, **record: Any
) -> DocumentEntry:
    """A document of these chunks; `chunk` and `record` set further fields."""
    key = sha256(name.encode(errors="surrogatepass")).hexdigest()
    chunks = tuple(
        Chunk(
            **{
                "id": chunk_id(key, text),
                "document": key,
                "ordinal": at,
                "start": at * 10,
                "end": at * 10 + len(text),
                "text": text,
                **(chunk or {}),
            }
        )
        for at, text in enumerate(texts)
    )
    fields: dict[str, Any] = {
        "id": key,
        "name": name,
        "source": f"/{name}",
        "format": "text",
        "title": "",
        "sha256": sha256("\n".join(texts).encode(errors="surrogatepass")).hexdigest(),
        "size_bytes": 1,
        "characters": 1,
        "pages": 0,
        "chunks": len(texts),
        "added_at": NOW,
        **record,
    }
    return DocumentEntry(DocumentRecord(**fields), chunks, await embedder.embed([each.text for each in chunks]))
