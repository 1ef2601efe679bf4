"""Our search beside others on a judged collection: nDCG@10 and recall@100.

`python -m tests.bench.knowledge retrieval --beir DIR [--json]`. DIR is in BEIR form: `corpus.jsonl` (`_id`, `title`,
`text`), `queries.jsonl` (`_id`, `text`), `qrels.tsv` (query, document, grade; with a head line). Ours is the whole
pipeline: documents are cut, embedded and stored, and a document counts by its best passage. The peers see whole
documents: BM25 by bm25s, and LanceDB's own hybrid search (reciprocal rank fusion) over the same embedder.
"""

import argparse
import asyncio
import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sutazai.rag.retrieve import Query, ranked
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.document import Heading, ParsedDocument
from sutazai.sdk.knowledge import DocumentStore, Embedder
from tests.bench.knowledge.peers import bm25s_ranking, lancedb_ranking
from tests.bench.knowledge.pipeline import filled, lance, real_embedder

_MODES: tuple[Literal["hybrid", "text", "vector"], ...] = ("hybrid", "text", "vector")
_PASSAGES = 1_000
Ranking = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Judged:
    """A collection with queries and grades; queries without a relevant document are left out."""

    documents: Mapping[str, ParsedDocument]
    queries: Mapping[str, str]
    grades: Mapping[str, Mapping[str, int]]


def main(arguments: Sequence[str]) -> int:
    """Prints what was measured."""
    parser = argparse.ArgumentParser(prog="tests.bench.knowledge retrieval", description=__doc__)
    parser.add_argument("--beir", type=Path, required=True, help="a collection in BEIR form")
    parser.add_argument("--queries", type=int, default=0, help="only the first so many queries; 0: all")
    parser.add_argument("--no-peers", action="store_true", help="ours only")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    found = asyncio.run(_measured(asked))
    if asked.json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        sys.stdout.writelines(_line(each) for each in found["rows"])
    return 0


async def _measured(asked: argparse.Namespace) -> dict[str, Any]:
    judged, embedder = judged_in(asked.beir, asked.queries), await real_embedder()
    with tempfile.TemporaryDirectory(prefix="retrieval-") as folder:
        async with lance(Path(folder)) as store:
            rows, chunks = await ours(judged, store, embedder)
        if not asked.no_peers:
            texts = {name: each.text for name, each in judged.documents.items()}
            rows.append(row("bm25s", bm25s_ranking(texts, judged.queries), judged))
            peer = await lancedb_ranking(texts, judged.queries, embedder, Path(folder) / "peer")
            rows.append(row("LanceDB hybrid, RRF", peer, judged))
    await embedder.close()
    counts = {"documents": len(judged.documents), "chunks": chunks, "queries": len(judged.queries)}
    return {"collection": asked.beir.name, **counts, "rows": rows}


def judged_in(folder: Path, most: int = 0) -> Judged:
    """The collection in a folder."""
    grades: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            grades.setdefault(query, {})[document] = int(grade)
    asked = {each["_id"]: each["text"] for each in _lines(folder / "queries.jsonl") if each["_id"] in grades}
    queries = dict(list(asked.items())[: most or None])
    return Judged({each["_id"]: _document(each) for each in _lines(folder / "corpus.jsonl")}, queries, grades)


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _document(entry: Mapping[str, str]) -> ParsedDocument:
    """A document whose title is its heading, as in a file."""
    title, text = entry.get("title", "").strip(), entry["text"]
    if not title:
        return ParsedDocument(text or "-", "text")
    return ParsedDocument(f"{title}\n\n{text}", "text", title, headings=(Heading(1, title, 0),))


async def ours(judged: Judged, store: DocumentStore, embedder: Embedder) -> tuple[list[dict[str, Any]], int]:
    """One row for each way of searching, and how many chunks there are."""
    start = time.perf_counter()
    context = await filled(judged.documents, "bench", store, embedder)
    seconds = time.perf_counter() - start
    names = {each.id: each.name for each in await store.documents("bench")}
    info = await store.collection("bench")
    rows = []
    for mode in _MODES:
        taken: list[float] = []
        ranking = {
            key: await _documents(Query(text, "bench", _PASSAGES, mode=mode), context, names, taken)
            for key, text in judged.queries.items()
        }
        found = row(f"ours, {mode}", ranking, judged)
        rows.append({**found, "median_ms": round(statistics.median(taken) * 1000, 1), "ingest_s": round(seconds, 1)})
    return rows, info.chunks if info else 0


async def _documents(query: Query, context: AgentContext, names: Mapping[str, str], taken: list[float]) -> list[str]:
    """The documents of the passages found, each in the place of its best one; folded ones beside it."""
    start = time.perf_counter()
    found = await ranked(query, context, [])
    taken.append(time.perf_counter() - start)
    return list(dict.fromkeys(names[key] for each in found for key in (each.chunk.document, *each.twins)))


def row(name: str, ranking: Ranking, judged: Judged) -> dict[str, Any]:
    """What a table says of one way of searching."""
    pairs = [(ranking[query], judged.grades[query]) for query in judged.queries]
    return {
        "name": name,
        "ndcg@10": round(statistics.fmean(ndcg(found, grades, 10) for found, grades in pairs), 4),
        "recall@100": round(statistics.fmean(recall(found, grades, 100) for found, grades in pairs), 4),
    }


def ndcg(found: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    """Normalised discounted cumulative gain with linear gains, as trec_eval counts it."""
    gains = [grades.get(each, 0) for each in found[:depth]]
    best = sorted(grades.values(), reverse=True)[:depth]
    return _discounted(gains) / _discounted(best)


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def recall(found: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    """The share of the relevant documents among the first ones."""
    return len(set(found[:depth]) & set(grades)) / len(grades)


def _line(found: Mapping[str, Any]) -> str:
    return f"{found['name']:<24}{found['ndcg@10']:<10}{found['recall@100']}\n"
