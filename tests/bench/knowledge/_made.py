"""Made-up chunks and queries for the store's bench: the same ones for every store and every run, never all at once.

Vectors lie around random centres, texts are random words with the frequencies of a language (Zipf). Each block of rows
has a seed of its own, so that a million of them need not be kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

import numpy as np
import numpy.typing as npt

from sutazai.sdk.document import Chunk, DocumentEntry, DocumentRecord, Vectors

DIMENSIONS: Final = 384
PER_DOCUMENT: Final = 20
PAGES: Final = 100
BLOCK: Final = 1_000
LIMIT: Final = 100
_CENTRES: Final = 500
_WORDS: Final = 30_000
_WORDS_EACH: Final = 120
_WORDS_ASKED: Final = 6
_SEED: Final = 7
_SPREAD: Final = 0.8
_NOT_BLOCKS: Final = 2**32
Rows = npt.NDArray[np.float32]


def chunk_id(at: int) -> str:
    """The id of a chunk by its number."""
    return sha256(str(at).encode()).hexdigest()


@dataclass
class _Best:
    """The nearest rows of each query among those looked at so far."""

    scores: Rows
    places: npt.NDArray[np.int64]

    def add(self, scores: Rows, places: npt.NDArray[np.int64]) -> None:
        """Looks at more rows: `scores` of shape (queries, rows)."""
        everything = np.concatenate([self.scores, scores], axis=1)
        where = np.concatenate([self.places, np.broadcast_to(places, scores.shape)], axis=1)
        order = np.argsort(-everything, axis=1, kind="stable")[:, :LIMIT]
        self.scores = np.take_along_axis(everything, order, axis=1)
        self.places = np.take_along_axis(where, order, axis=1)

    def ids(self) -> list[list[str]]:
        """Of each query, best first."""
        return [[chunk_id(int(at)) for at in row] for row in self.places]


@dataclass
class Made:
    """So many chunks and queries.

    Attributes:
        chunks: how many rows there are.
        count: how many queries.
    """

    chunks: int
    count: int
    queries: Rows = field(init=False)
    questions: list[str] = field(init=False)

    def __post_init__(self) -> None:
        """The queries are few enough to be kept."""
        chance = np.random.default_rng([_SEED, _NOT_BLOCKS])
        self._centres = chance.normal(size=(_CENTRES, DIMENSIONS)).astype(np.float32)
        self._words = np.array([f"w{at:x}" for at in range(_WORDS)])
        shares = 1 / np.arange(1, _WORDS + 1)
        self._shares = np.cumsum(shares / shares.sum())
        self.queries = self._near(chance, self.count)
        self.questions = self._texts(chance, self.count, _WORDS_ASKED)

    def vectors(self, first: int, count: int) -> Rows:
        """Rows `first` to `first + count`, L2-normalised."""
        blocks = range(first // BLOCK, (first + count - 1) // BLOCK + 1)
        rows = np.concatenate([self._near(np.random.default_rng([_SEED, block, 0]), BLOCK) for block in blocks])
        skipped = first - blocks.start * BLOCK
        return rows[skipped : skipped + count]

    def texts(self, first: int, count: int) -> list[str]:
        """Texts of a chunk's length."""
        blocks = range(first // BLOCK, (first + count - 1) // BLOCK + 1)
        chances = (np.random.default_rng([_SEED, block, 1]) for block in blocks)
        found = [text for chance in chances for text in self._texts(chance, BLOCK, _WORDS_EACH)]
        skipped = first - blocks.start * BLOCK
        return found[skipped : skipped + count]

    def _near(self, chance: np.random.Generator, count: int) -> Rows:
        centres = self._centres[chance.integers(0, _CENTRES, count)]
        rows = centres + _SPREAD * chance.standard_normal(size=centres.shape, dtype=np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def _texts(self, chance: np.random.Generator, count: int, words: int) -> list[str]:
        places = np.searchsorted(self._shares, chance.random((count, words))).clip(max=_WORDS - 1)
        return [" ".join(row) for row in self._words[places]]

    def exact(self) -> tuple[list[list[str]], list[list[str]]]:
        """The nearest chunks of each query by looking at all of them, and at those of the first page."""
        everywhere, first_page = (
            _Best(np.empty((self.count, 0), np.float32), np.empty((self.count, 0), np.int64)) for _ in range(2)
        )
        for first, count in stretches(self.chunks, 10 * BLOCK):
            scores, places = self.queries @ self.vectors(first, count).T, np.arange(first, first + count)
            everywhere.add(scores, places)
            on_it = places % PAGES == 0
            first_page.add(scores[:, on_it], places[on_it])
        return everywhere.ids(), first_page.ids()

    def entries(self, first: int, count: int) -> list[DocumentEntry]:
        """Documents of these chunks."""
        texts, vectors = self.texts(first, count), self.vectors(first, count)
        return [
            _entry(first + start, texts[start : start + length], vectors[start : start + length])
            for start, length in stretches(count, PER_DOCUMENT)
        ]


def stretches(count: int, length: int) -> Iterator[tuple[int, int]]:
    """Where each stretch of what is done together begins, and how long it is."""
    for first in range(0, count, length):
        yield first, min(length, count - first)


def _entry(first: int, texts: list[str], vectors: Rows) -> DocumentEntry:
    key = sha256(f"document {first}".encode()).hexdigest()
    chunks = tuple(
        Chunk(chunk_id(first + at), key, at, 0, len(text), text, page=(first + at) % PAGES + 1)
        for at, text in enumerate(texts)
    )
    record = DocumentRecord(key, f"{key[:8]}.md", "/x", "text", "", key, 1, 1, 0, len(chunks), datetime.now(UTC))
    return DocumentEntry(record, chunks, Vectors(DIMENSIONS, vectors.tobytes()))
