"""How quick the store is: `python -m tests.bench.knowledge store [--chunks N] [--queries N] [--folder DIR] [--json]`.

Made-up chunks: vectors around random centres, text of random words with the frequencies of a language (Zipf). Our
store beside a plain LanceDB table without any index, on the same rows in the same run; recall is against exact cosine
computed with numpy. Goal with 100,000 chunks: both searches one after the other in less than 50 ms (p95), recall at
least 0.99.
"""

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sutazai.sdk.document import Chunk, Condition, DocumentEntry, DocumentRecord, EmbedderInfo, Vectors
from sutazai.sdk.testing import FixedClock
from sutazai.store.lance.places import folder_bytes
from sutazai.store.lance.store import LanceStore

DIMENSIONS: Final = 384
PER_DOCUMENT: Final = 20
CENTRES: Final = 500
WORDS: Final = 30_000
WORDS_EACH: Final = 120
LIMIT: Final = 100
PAGES: Final = 100
FIRST_PAGE: Final = Condition("page", "=", 1)
WARM: Final = 10
INFO: Final = EmbedderInfo("made up", "bench", "bench", DIMENSIONS, 256)
NAME: Final = "bench"
Rows = npt.NDArray[np.float32]
Search = Callable[[int], Awaitable[Sequence[str]]]


@dataclass
class Figures:
    """What one store did. Times in milliseconds."""

    name: str
    ingest_per_s: float = 0.0
    tend_s: float = 0.0
    times: dict[str, tuple[float, float]] = field(default_factory=dict)
    recall_10: float = 0.0
    recall_100: float = 0.0
    recall_filtered: float = 0.0
    disk_mb: float = 0.0
    peak_mb: float = 0.0


class Made:
    """Chunks and queries, the same ones for every store and every run."""

    def __init__(self, chunks: int, queries: int) -> None:
        self._chance = np.random.default_rng(7)
        self._centres = self._chance.normal(size=(CENTRES, DIMENSIONS)).astype(np.float32)
        self._words = np.array([f"w{at:x}" for at in range(WORDS)])
        shares = 1 / np.arange(1, WORDS + 1)
        self._shares = shares / shares.sum()
        self.vectors = np.concatenate([self._near(min(50_000, chunks - at)) for at in range(0, chunks, 50_000)])
        self.queries = self._near(queries)
        self.questions = [self._text(6) for _ in range(queries)]

    def _near(self, count: int) -> Rows:
        centres = self._centres[self._chance.integers(0, CENTRES, count)]
        rows = centres + 0.8 * self._chance.normal(size=centres.shape).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def _text(self, words: int) -> str:
        return " ".join(self._chance.choice(self._words, words, p=self._shares))

    def texts(self, count: int) -> list[str]:
        """Texts of a chunk's length."""
        words = self._chance.choice(self._words, (count, WORDS_EACH), p=self._shares)
        return [" ".join(row) for row in words]

    def exact(self, step: int = 1) -> list[list[str]]:
        """The nearest chunks of each query, by looking at all of them, or at each so many."""
        found, vectors = [], self.vectors[::step]
        for query in self.queries:
            scores = vectors @ query
            best = np.argsort(-scores)[:LIMIT] if len(scores) <= LIMIT else np.argpartition(-scores, LIMIT)[:LIMIT]
            found.append([chunk_id(int(at) * step) for at in best[np.argsort(-scores[best])]])
        return found


def chunk_id(at: int) -> str:
    """The id of a chunk by its number."""
    return sha256(str(at).encode()).hexdigest()


def entries(made: Made, first: int, count: int) -> list[DocumentEntry]:
    """Documents of these chunks."""
    texts, found = made.texts(count), []
    for start in range(0, count, PER_DOCUMENT):
        stretch = range(start, min(start + PER_DOCUMENT, count))
        key = sha256(f"document {first + start}".encode()).hexdigest()
        chunks = tuple(
            Chunk(chunk_id(first + at), key, at - start, 0, len(texts[at]), texts[at], page=(first + at) % PAGES + 1)
            for at in stretch
        )
        rows = made.vectors[first + start : first + start + len(stretch)]
        record = DocumentRecord(key, f"{key[:8]}.md", "/x", "text", "", key, 1, 1, 0, len(chunks), datetime.now(UTC))
        found.append(DocumentEntry(record, chunks, Vectors(DIMENSIONS, rows.tobytes())))
    return found


async def ours(made: Made, folder: Path, exact: list[list[str]], per_put: int) -> Figures:
    """Our store, as the documents' feature uses it."""
    store = LanceStore(folder, tenant="bench", clock=FixedClock())
    figures = Figures("sutazai")
    await store.create(NAME, INFO)
    spent = 0.0
    for first in range(0, len(made.vectors), per_put):
        batch = entries(made, first, min(per_put, len(made.vectors) - first))
        begun = time.perf_counter()
        await store.put(NAME, batch)
        spent += time.perf_counter() - begun
        begun = time.perf_counter()
        await store.optimize(NAME, done=first + per_put >= len(made.vectors))
        figures.tend_s += time.perf_counter() - begun
    figures.ingest_per_s = len(made.vectors) / spent

    async def vector(at: int) -> list[str]:
        return [hit.chunk.id for hit in await store.search_vector(NAME, made.queries[at].tobytes(), limit=LIMIT)]

    async def text(at: int) -> list[str]:
        return [hit.chunk.id for hit in await store.search_text(NAME, made.questions[at], limit=LIMIT)]

    async def filtered(at: int) -> list[str]:
        found = await store.search_vector(NAME, made.queries[at].tobytes(), limit=LIMIT, where=FIRST_PAGE)
        return [hit.chunk.id for hit in found]

    await _measure(figures, {"vector": vector, "text": text}, exact)
    few = Figures("")
    await _measure(few, {"vector": filtered}, made.exact(PAGES))
    figures.times["filtered"], figures.recall_filtered = few.times["vector"], few.recall_10
    await store.close()
    return _sized(figures, folder)


async def plain(made: Made, folder: Path, exact: list[list[str]], per_put: int) -> Figures:
    """A LanceDB table as in its first example: vectors compared one by one, full text by an index."""
    import lancedb  # noqa: PLC0415 (as a user of it would)
    import pyarrow as pa  # noqa: PLC0415
    from lancedb.index import FTS  # noqa: PLC0415

    figures = Figures("plain LanceDB, flat")
    connection = await lancedb.connect_async(folder)
    columns = pa.schema([("id", pa.string()), ("text", pa.string()), ("vector", pa.list_(pa.float32(), DIMENSIONS))])
    table = await connection.create_table(NAME, schema=columns)
    spent = 0.0
    for first in range(0, len(made.vectors), per_put):
        rows = made.vectors[first : first + per_put]
        ids, texts = [chunk_id(first + at) for at in range(len(rows))], made.texts(len(rows))
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), DIMENSIONS)
        begun = time.perf_counter()
        await table.add(pa.table([ids, texts, vectors], schema=columns))
        spent += time.perf_counter() - begun
    figures.ingest_per_s = len(made.vectors) / spent
    begun = time.perf_counter()
    await table.create_index("text", config=FTS())
    figures.tend_s = time.perf_counter() - begun

    async def vector(at: int) -> list[str]:
        query = table.query().nearest_to(made.queries[at]).distance_type("cosine")
        return _ids(await query.select(["id", "text", "_distance"]).limit(LIMIT).to_list())

    async def text(at: int) -> list[str]:
        query = table.query().nearest_to_text(made.questions[at], columns=["text"])
        return _ids(await query.select(["id", "text", "_score"]).limit(LIMIT).to_list())

    await _measure(figures, {"vector": vector, "text": text}, exact)
    return _sized(figures, folder)


def _ids(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


async def _measure(figures: Figures, searches: dict[str, Search], exact: list[list[str]]) -> None:
    async def both(at: int) -> Sequence[str]:
        await searches["text"](at)
        return await searches["vector"](at)

    together = {"both": both} if len(searches) > 1 else {}
    for name, search in {**searches, **together}.items():
        times, shares = [], []
        for at in [*range(min(WARM, len(exact))), *range(len(exact))]:
            begun = time.perf_counter()
            found = await search(at)
            times.append((time.perf_counter() - begun) * 1000)
            shares.append([len(set(found[:most]) & set(exact[at][:most])) / most for most in (10, LIMIT)])
        warm = times[min(WARM, len(exact)) :]
        figures.times[name] = (float(np.percentile(warm, 50)), float(np.percentile(warm, 95)))
        if name == "vector":
            figures.recall_10, figures.recall_100 = (float(each) for each in np.mean(shares, axis=0))


def _sized(figures: Figures, folder: Path) -> Figures:
    figures.disk_mb = folder_bytes(folder) / 1e6
    figures.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def _shown(figures: Figures) -> str:
    times = ", ".join(f"{name} {p50:.1f}/{p95:.1f}" for name, (p50, p95) in figures.times.items())
    few = f", @10 of one chunk in {PAGES} {figures.recall_filtered:.4f}" if "filtered" in figures.times else ""
    return (
        f"{figures.name}: {figures.ingest_per_s:,.0f} chunks/s, tending {figures.tend_s:.1f} s; ms p50/p95: {times}; "
        f"recall@10 {figures.recall_10:.4f}, @100 {figures.recall_100:.4f}{few}; {figures.disk_mb:,.0f} MB on disk; "
        f"peak so far {figures.peak_mb:,.0f} MB"
    )


async def _run(chunks: int, queries: int, per_put: int, folder: Path) -> list[Figures]:
    made = Made(chunks, queries)
    exact = made.exact()
    found = []
    for name, bench in {"ours": ours, "plain": plain}.items():
        found.append(await bench(made, folder / name, exact, per_put))
    return found


def main(arguments: Sequence[str]) -> int:
    """Prints one line a store, or JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.knowledge store", description=__doc__)
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--per-put", type=int, default=1_000, help="chunks stored in one commit")
    parser.add_argument("--folder", type=Path, help="where to put the tables meanwhile")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = asyncio.run(_run(options.chunks, options.queries, options.per_put, Path(folder)))
    write = sys.stdout.write
    write(
        json.dumps({"chunks": options.chunks, "stores": [asdict(each) for each in found]}) + "\n"
        if options.json
        else ""
    )
    for each in [] if options.json else found:
        write(_shown(each) + "\n")
    return 0
