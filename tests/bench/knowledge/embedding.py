"""Our embedding model beside the same weights in float32: speed, closeness, load time and, with `--beir`, nDCG@10.

`python -m tests.bench.knowledge embedding [--beir DIR] [--json]`. Without a collection the texts are those of our own
documentation. Every round runs all of them in turn, so that a drift of the machine meets each alike; the ratio is the
median over the rounds.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sutazai.hardware.cores import usable_cores
from sutazai.llm.catalog import find
from sutazai.llm.embedding.embedded import EmbeddedEmbedder
from sutazai.llm.embedding.recipes import RECIPES
from sutazai.llm.embedding.wordpiece import WordPiece, read_vocabulary
from sutazai.llm.fetch import fetch
from sutazai.settings.folders import folders
from tests.bench.knowledge.float_encoders import Run, float_model, in_batches, one_by_one

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DOCS = Path(__file__).parents[3] / "docs"
_RECIPE = RECIPES[0]
_OURS, _BATCHES, _SINGLE = "ours", "float32, padded batches", "float32, one by one"
_LOAD = """
import asyncio, sys, time
from pathlib import Path
start = time.perf_counter()
{what}
print(time.perf_counter() - start)
"""
_LOAD_OURS = """
from sutazai.llm.embedding.embedded import EmbeddedEmbedder
from sutazai.llm.embedding.recipes import RECIPES
asyncio.run(EmbeddedEmbedder(RECIPES[0], Path(sys.argv[1]), Path(sys.argv[2]), threads=1).open())
"""
_LOAD_BARE = """
import numpy, onnxruntime, tokenizers
options = onnxruntime.SessionOptions()
onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
"""


def main(arguments: Sequence[str]) -> int:
    """Prints what was measured."""
    parser = argparse.ArgumentParser(prog="tests.bench.knowledge embedding", description=__doc__)
    parser.add_argument("--beir", type=Path, help="a collection: corpus.jsonl, queries.jsonl, qrels.tsv")
    parser.add_argument("--texts", type=int, default=200, help="how many texts the speed is measured on")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    found = asyncio.run(_measured(asked))
    if asked.json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        sys.stdout.writelines(f"{key:<44}{value}\n" for key, value in found.items())
    return 0


async def _measured(asked: argparse.Namespace) -> dict[str, Any]:
    entry, threads = find(_RECIPE.name), usable_cores()
    assert entry is not None
    named = os.environ.get("SUTAZAI_TEST_CACHE")
    folder = Path(named) if named else folders(os.environ).models
    weights = await fetch(entry, folder)
    words = WordPiece(read_vocabulary(_RECIPE.vocabulary, _RECIPE.vocabulary_sha256))
    corpus = _corpus(asked.beir) if asked.beir else dict(enumerate(_own_texts()))
    texts = {key: _cut(text, words) for key, text in corpus.items()}
    embedder = EmbeddedEmbedder(_RECIPE, weights, folder, threads=threads)
    await embedder.open()
    runs = {
        _OURS: _ours(embedder),
        _BATCHES: _float(words, in_batches(float_model(weights, _RECIPE.shape, padded=True), threads)),
        _SINGLE: _float(words, one_by_one(float_model(weights, _RECIPE.shape, padded=False), threads)),
    }
    found = {"threads": threads} | await _speeds(runs, list(texts.values())[: asked.texts], asked.rounds)
    if asked.beir:
        found |= await _quality(runs, texts, asked.beir, words)
    await embedder.close()
    return found | _load_times(weights, folder, asked.rounds)


Embed = Callable[[Sequence[str]], Awaitable["NDArray[np.float32]"]]


def _ours(embedder: EmbeddedEmbedder) -> Embed:
    async def embed(texts: Sequence[str]) -> "NDArray[np.float32]":
        vectors = await embedder.embed(texts)
        return np.frombuffer(vectors.data, "<f4").reshape(vectors.count, -1)

    return embed


def _float(words: WordPiece, run: Run) -> Embed:
    async def embed(texts: Sequence[str]) -> "NDArray[np.float32]":
        return run([words.numbers(text) for text in texts])

    return embed


async def _speeds(runs: Mapping[str, Embed], texts: Sequence[str], rounds: int) -> dict[str, Any]:
    """Texts a second, the ratio to each reference, and how close our vectors are to theirs."""
    vectors = {name: await run(texts) for name, run in runs.items()}
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            await run(texts)
            seconds[name].append(time.perf_counter() - start)
    found: dict[str, Any] = {"texts": len(texts)}
    found |= {f"texts a second, {name}": round(len(texts) / statistics.median(s), 1) for name, s in seconds.items()}
    for name in (_BATCHES, _SINGLE):
        pairs = zip(seconds[name], seconds[_OURS], strict=True)
        found[f"speed against {name}"] = round(statistics.median(theirs / ours for theirs, ours in pairs), 2)
    cosines = (vectors[_OURS] * vectors[_SINGLE]).sum(axis=1)
    return found | {"cosine, mean": round(float(cosines.mean()), 5), "cosine, least": round(float(cosines.min()), 5)}


async def _quality(runs: Mapping[str, Embed], texts: Mapping[Any, str], beir: Path, words: WordPiece) -> dict[str, Any]:
    """The nDCG@10 of ours and of float32."""
    queries = {each["_id"]: _cut(each["text"], words) for each in _lines(beir / "queries.jsonl")}
    wanted = _judgements(beir)
    asked = [key for key in queries if key in wanted]
    found = {}
    for name in (_OURS, _SINGLE):
        documents = await runs[name](list(texts.values()))
        scores = await runs[name]([queries[key] for key in asked]) @ documents.T
        gains = [_ndcg(row, list(texts), wanted[key]) for row, key in zip(scores, asked, strict=True)]
        found[f"nDCG@10, {name}"] = round(statistics.mean(gains), 4)
    return found


def _ndcg(scores: "NDArray[np.float32]", keys: Sequence[Any], wanted: Mapping[Any, int]) -> float:
    """Järvelin and Kekäläinen 2002, at ten."""
    top = [wanted.get(keys[index], 0) for index in np.argsort(-scores, kind="stable")[:10]]
    ideal = sorted(wanted.values(), reverse=True)[:10]
    discounted = [sum(gain / np.log2(rank + 2) for rank, gain in enumerate(each)) for each in (top, ideal)]
    return float(discounted[0] / discounted[1]) if discounted[1] else 0.0


def _load_times(weights: Path, folder: Path, rounds: int) -> dict[str, Any]:
    """Seconds from a Python that has started to a model that is open, beside importing and loading alone."""
    kept = next((folder / "derived").glob(f"*/sha256-{_RECIPE.prepared_sha256}"))
    ours, bare = [], []
    for _ in range(rounds):
        ours.append(_seconds(_LOAD_OURS, str(weights), str(folder)))
        bare.append(_seconds(_LOAD_BARE, str(kept)))
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    return {
        "load, s": round(statistics.median(ours), 2),
        "load, bare imports and session, s": round(statistics.median(bare), 2),
        "load against bare": round(ratio, 2),
    }


def _seconds(what: str, *arguments: str) -> float:
    command = [sys.executable, "-c", _LOAD.format(what=what), *arguments]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _cut(text: str, words: WordPiece) -> str:
    most = _RECIPE.shape.tokens - 2
    spans = words.spans(text)
    return text if len(spans) <= most else text[: spans[most - 1][1]]


def _own_texts() -> Iterator[str]:
    """Stretches of our documentation of about 1,000 characters."""
    for path in sorted(_DOCS.rglob("*.md")):
        text = path.read_text("utf-8")
        yield from (text[at : at + 1000] for at in range(0, len(text), 1000))


def _corpus(beir: Path) -> dict[Any, str]:
    return {each["_id"]: f"{each.get('title', '')} {each['text']}".strip() for each in _lines(beir / "corpus.jsonl")}


def _judgements(beir: Path) -> dict[str, dict[str, int]]:
    wanted: dict[str, dict[str, int]] = {}
    for line in (beir / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        query, document, gain = line.split("\t")
        wanted.setdefault(query, {})[document] = int(gain)
    return wanted


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)
