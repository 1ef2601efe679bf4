"""How quick the store is: `python -m tests.bench.knowledge store [--chunks N] [--queries N] [--folder DIR] [--json]`.

Made-up chunks, written and searched by our store and by a plain LanceDB table without any vector index, each in a
process of its own; recall is against exact cosine computed with numpy. While ours fills, it is searched now and then,
just before it is tended. Goal with 100,000 chunks: both searches one after the other in less than 50 ms (p95), recall
at least 0.99.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from sutazai.sdk.document import Condition, EmbedderInfo
from sutazai.sdk.testing import FixedClock
from sutazai.store.lance.places import folder_bytes
from sutazai.store.lance.store import LanceStore
from tests.bench.knowledge._made import DIMENSIONS, LIMIT, PAGES, Made, chunk_id, stretches

FIRST_PAGE: Final = Condition("page", "=", 1)
WARM: Final = 10
SAMPLES: Final = 50
INFO: Final = EmbedderInfo("made up", "bench", "bench", DIMENSIONS, 256)
NAME: Final = "bench"
Search = Callable[[int], Awaitable[Sequence[str]]]


@dataclass
class Figures:
    """What one store did. Times of searches in milliseconds; processor time is what a busy machine leaves as it is."""

    name: str
    ingest_per_s: float = 0.0
    tend_s: float = 0.0
    fill_s: float = 0.0
    fill_cpu_s: float = 0.0
    longest_tend_s: float = 0.0
    times: dict[str, tuple[float, float]] = field(default_factory=dict)
    recall_10: float = 0.0
    recall_100: float = 0.0
    recall_filtered: float = 0.0
    disk_mb: float = 0.0
    peak_mb: float = 0.0


@dataclass(frozen=True)
class Task:
    """What is measured: how many chunks, how they are put, and what the searches should find."""

    chunks: int
    queries: int
    per_put: int
    folder: Path
    exact: list[list[str]]
    exact_filtered: list[list[str]]


async def ours(task: Task) -> Figures:
    """Our store, as the documents' feature uses it."""
    made, figures = Made(task.chunks, task.queries), Figures("sutazai")
    store = LanceStore(task.folder / "ours", tenant="bench", clock=FixedClock())
    searches = _ours_searches(store, made)
    await store.create(NAME, INFO)
    await _fill_ours(store, made, task, searches, figures)
    await _measure(figures, searches, task)
    await store.close()
    return _sized(figures, task.folder / "ours")


def _ours_searches(store: LanceStore, made: Made) -> dict[str, Search]:
    async def vector(at: int) -> list[str]:
        return [hit.chunk.id for hit in await store.search_vector(NAME, made.queries[at].tobytes(), limit=LIMIT)]

    async def text(at: int) -> list[str]:
        return [hit.chunk.id for hit in await store.search_text(NAME, made.questions[at], limit=LIMIT)]

    async def filtered(at: int) -> list[str]:
        found = await store.search_vector(NAME, made.queries[at].tobytes(), limit=LIMIT, where=FIRST_PAGE)
        return [hit.chunk.id for hit in found]

    return {"vector": vector, "text": text, "filtered": filtered}


async def _fill_ours(store: LanceStore, made: Made, task: Task, searches: dict[str, Search], figures: Figures) -> None:
    puts = list(stretches(task.chunks, task.per_put))
    every, putting, tending, filling = max(1, len(puts) // SAMPLES), Watch(), Watch(), []
    for number, (first, count) in enumerate(puts):
        batch = made.entries(first, count)
        await putting.timed(store.put(NAME, batch))
        if number % every == every - 1:
            at = number % task.queries
            searching = Watch()
            await searching.timed(searches["text"](at))
            await searching.timed(searches["vector"](at))
            filling.append(1000 * searching.wall_s)
        await tending.timed(store.optimize(NAME, done=number == len(puts) - 1))
    _filled(figures, task, putting, tending)
    figures.times["while filling"] = _percentiles(filling)


@dataclass
class Watch:
    """How long some calls took together."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    longest_s: float = 0.0

    async def timed(self, work: Awaitable[Any]) -> None:
        """Does one more."""
        begun, worked = time.perf_counter(), time.process_time()
        await work
        took = time.perf_counter() - begun
        self.wall_s, self.longest_s = self.wall_s + took, max(self.longest_s, took)
        self.cpu_s += time.process_time() - worked


def _filled(figures: Figures, task: Task, putting: Watch, tending: Watch) -> None:
    figures.ingest_per_s = task.chunks / putting.wall_s
    figures.tend_s, figures.longest_tend_s = tending.wall_s, tending.longest_s
    figures.fill_s, figures.fill_cpu_s = putting.wall_s + tending.wall_s, putting.cpu_s + tending.cpu_s


async def plain(task: Task) -> Figures:
    """A LanceDB table as in its first example: vectors compared one by one, full text by an index."""
    import lancedb  # noqa: PLC0415 (as a user of it would)
    import pyarrow as pa  # noqa: PLC0415
    from lancedb.index import FTS  # noqa: PLC0415

    made, figures = Made(task.chunks, task.queries), Figures("plain LanceDB, flat")
    connection = await lancedb.connect_async(task.folder / "plain")
    vector = pa.list_(pa.float32(), DIMENSIONS)
    columns = pa.schema([("id", pa.string()), ("text", pa.string()), ("page", pa.int32()), ("vector", vector)])
    table = await connection.create_table(NAME, schema=columns)
    putting, tending = Watch(), Watch()
    for first, count in stretches(task.chunks, task.per_put):
        places, texts = range(first, first + count), made.texts(first, count)
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(made.vectors(first, count).ravel()), DIMENSIONS)
        pages = pa.array([at % PAGES + 1 for at in places], pa.int32())
        batch = pa.table([[chunk_id(at) for at in places], texts, pages, vectors], schema=columns)
        await putting.timed(table.add(batch))
    await tending.timed(table.create_index("text", config=FTS()))
    _filled(figures, task, putting, tending)
    await _measure(figures, _plain_searches(table, made), task)
    return _sized(figures, task.folder / "plain")


def _plain_searches(table: Any, made: Made) -> dict[str, Search]:
    async def vector(at: int) -> list[str]:
        query = table.query().nearest_to(made.queries[at]).distance_type("cosine")
        return _ids(await query.select(["id", "text", "_distance"]).limit(LIMIT).to_list())

    async def text(at: int) -> list[str]:
        query = table.query().nearest_to_text(made.questions[at], columns=["text"])
        return _ids(await query.select(["id", "text", "_score"]).limit(LIMIT).to_list())

    async def filtered(at: int) -> list[str]:
        query = table.query().nearest_to(made.queries[at]).distance_type("cosine").where("page = 1")
        return _ids(await query.select(["id", "text", "_distance"]).limit(LIMIT).to_list())

    return {"vector": vector, "text": text, "filtered": filtered}


def _ids(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


async def _measure(figures: Figures, searches: dict[str, Search], task: Task) -> None:
    async def both(at: int) -> Sequence[str]:
        await searches["text"](at)
        return await searches["vector"](at)

    for name, search in {**searches, "both": both}.items():
        times, found = [], []
        for at in [*range(min(WARM, task.queries)), *range(task.queries)]:
            begun = time.perf_counter()
            found.append(await search(at))
            times.append((time.perf_counter() - begun) * 1000)
        figures.times[name] = _percentiles(times[-task.queries :])
        if name == "vector":
            figures.recall_10 = _recall(found[-task.queries :], task.exact, 10)
            figures.recall_100 = _recall(found[-task.queries :], task.exact, LIMIT)
        elif name == "filtered":
            figures.recall_filtered = _recall(found[-task.queries :], task.exact_filtered, 10)


def _percentiles(times: Sequence[float]) -> tuple[float, float]:
    return float(np.percentile(times, 50)), float(np.percentile(times, 95))


def _recall(found: Sequence[Sequence[str]], exact: Sequence[Sequence[str]], most: int) -> float:
    pairs = zip(found, exact, strict=True)
    return float(np.mean([len(set(had[:most]) & set(true[:most])) / most for had, true in pairs]))


def _sized(figures: Figures, folder: Path) -> Figures:
    figures.disk_mb = folder_bytes(folder) / 1e6
    figures.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def _shown(figures: Figures) -> str:
    times = ", ".join(f"{name} {p50:.1f}/{p95:.1f}" for name, (p50, p95) in figures.times.items())
    return (
        f"{figures.name}: {figures.ingest_per_s:,.0f} chunks/s put, tending {figures.tend_s:.1f} s (once "
        f"{figures.longest_tend_s:.1f} s), filled in {figures.fill_s:.1f} s ({figures.fill_cpu_s:.1f} s busy); "
        f"ms p50/p95: {times}; recall@10 {figures.recall_10:.4f}, @100 {figures.recall_100:.4f}, @10 of one chunk in "
        f"{PAGES} {figures.recall_filtered:.4f}; {figures.disk_mb:,.0f} MB on disk; peak {figures.peak_mb:,.0f} MB"
    )


STORES: Final[dict[str, Callable[[Task], Awaitable[Figures]]]] = {"sutazai": ours, "plain": plain}


def _one(name: str, task: Task) -> Figures:
    async def run() -> Figures:
        return await STORES[name](task)

    return asyncio.run(run())


def _in_a_process(name: str, task: Task) -> Figures:
    """So that what one store took of the memory is not told of the next one."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_one, name, task).result()


def main(arguments: Sequence[str]) -> int:
    """Prints one line a store, or JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.knowledge store", description=__doc__)
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--per-put", type=int, default=1_000, help="chunks stored in one commit")
    parser.add_argument("--folder", type=Path, help="where to put the tables meanwhile")
    parser.add_argument("--only", choices=list(STORES), action="append", help="one of the two")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    found = []
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        exact = Made(asked.chunks, asked.queries).exact()
        task = Task(asked.chunks, asked.queries, asked.per_put, Path(folder), *exact)
        for name in asked.only or STORES:
            found.append(_in_a_process(name, task))
            if not asked.json:
                sys.stdout.write(_shown(found[-1]) + "\n")
                sys.stdout.flush()
    if asked.json:
        sys.stdout.write(json.dumps({"chunks": asked.chunks, "stores": [asdict(each) for each in found]}) + "\n")
    return 0
