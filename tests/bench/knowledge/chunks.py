"""How much of what answers a question is found within a budget of tokens: ours beside fixed chunks of 200 tokens.

`python -m tests.bench.knowledge chunks --dir DIR [--tokens 1000] [--json]`. DIR holds texts (`*.md` or `*.txt`) and
`questions.jsonl`: `question`, `corpus_id` (a text's name without its ending) and `references`, a list of
`start_index` and `end_index` in code points of that text. All texts are one collection. Recall is the share of the
references' characters that was found, precision the share of what was found that is reference; both are means over
the questions. The reference differs from ours in its chunks alone: the search and the packing are the same.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sutazai.rag.neighbours import with_neighbours
from sutazai.rag.report import Passage
from sutazai.rag.retrieve import passages
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.document import Chunk, DocumentEntry, DocumentRecord, ParsedDocument
from sutazai.sdk.knowledge import DocumentStore, Embedder
from tests.bench.knowledge.pipeline import filled, lance, real_embedder

_CANDIDATES = 20
_FIXED, _SHARED = 200, 50
_ROWS = {"ours": ("ours", 0), "ours, widened": ("ours", 2), "fixed 200/50": ("fixed", 0)}
Span = tuple[int, int]


@dataclass(frozen=True)
class Question:
    """A question and where the text answers it."""

    text: str
    document: str
    spans: tuple[Span, ...]


def main(arguments: Sequence[str]) -> int:
    """Prints what was measured."""
    parser = argparse.ArgumentParser(prog="tests.bench.knowledge chunks", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="texts and questions.jsonl")
    parser.add_argument("--tokens", type=int, default=1000, help="the budget of a question")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    found = asyncio.run(_measured(asked))
    if asked.json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        sys.stdout.writelines(f"{each['name']:<20}{each['recall']:<10}{each['precision']}\n" for each in found["rows"])
    return 0


async def _measured(asked: argparse.Namespace) -> dict[str, Any]:
    texts, questions = asked_of(asked.dir)
    embedder = await real_embedder()
    with tempfile.TemporaryDirectory(prefix="chunks-") as folder:
        async with lance(Path(folder)) as store:
            rows = await compared(texts, questions, store, embedder, asked.tokens)
    await embedder.close()
    return {"set": asked.dir.name, "questions": len(questions), "tokens": asked.tokens, "rows": rows}


def asked_of(folder: Path) -> tuple[dict[str, str], list[Question]]:
    """The texts that questions are about, by name, and the questions."""
    with (folder / "questions.jsonl").open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines if line.strip()]
    questions = [
        Question(
            each["question"],
            each["corpus_id"],
            tuple((span["start_index"], span["end_index"]) for span in each["references"]),
        )
        for each in entries
    ]
    names = dict.fromkeys(each.document for each in questions)
    # Read as they are: a line end that was translated would move every offset.
    texts = {name: next(iter(sorted(folder.glob(f"{name}.*")))).read_bytes().decode() for name in names}
    return texts, questions


async def compared(
    texts: Mapping[str, str], questions: Sequence[Question], store: DocumentStore, embedder: Embedder, tokens: int
) -> list[dict[str, Any]]:
    """One row for each way of cutting and packing."""
    documents = {name: ParsedDocument(text, "text") for name, text in texts.items()}
    context = await filled(documents, "ours", store, embedder)
    await _fill_fixed(documents, store, embedder)
    rows = []
    for name, (collection, reach) in _ROWS.items():
        info = await store.collection(collection)
        found = [await _found(each, context, collection, tokens, reach) for each in questions]
        rows.append(
            {
                "name": name,
                "recall": round(statistics.fmean(recall for recall, _ in found), 4),
                "precision": round(statistics.fmean(precision for _, precision in found), 4),
                "chunks": info.chunks if info else 0,
            }
        )
    return rows


async def _found(
    question: Question, context: AgentContext, collection: str, tokens: int, reach: int
) -> tuple[float, float]:
    hits = await passages(question.text, context, collection=collection, limit=_CANDIDATES)
    packed = await with_neighbours(hits, context, collection=collection, tokens=tokens, reach=reach)
    return scores(question, packed)


def scores(question: Question, found: Sequence[Passage]) -> tuple[float, float]:
    """Recall and precision of passages, in characters; no character counts twice."""
    wanted = {at for start, end in question.spans for at in range(start, end)}
    ours = {at for each in found if each.name == question.document for at in range(each.start, each.end)}
    length = len(ours) + sum(each.end - each.start for each in found if each.name != question.document)
    return len(wanted & ours) / max(len(wanted), 1), len(wanted & ours) / max(length, 1)


async def _fill_fixed(documents: Mapping[str, ParsedDocument], store: DocumentStore, embedder: Embedder) -> None:
    """The same documents in chunks of so many tokens, without any regard to what they say."""
    await store.create("fixed", embedder.info)
    entries = []
    for name, document in documents.items():
        chunks = fixed_chunks(name, document.text, embedder)
        vectors = await embedder.embed([each.text for each in chunks])
        moment, length = datetime.now(UTC), len(document.text)
        record = DocumentRecord(f"fixed-{name}", name, name, "text", "", name, length, length, 0, len(chunks), moment)
        entries.append(DocumentEntry(record, tuple(chunks), vectors))
    await store.put("fixed", entries)


def fixed_chunks(name: str, text: str, embedder: Embedder) -> list[Chunk]:
    """Stretches of a fixed number of tokens that overlap by a fixed number."""
    spans, chunks = embedder.token_spans(text), list[Chunk]()
    for first in range(0, max(1, len(spans) - _SHARED), _FIXED - _SHARED):
        part = spans[first : first + _FIXED]
        start, end = part[0][0], part[-1][1]
        key = f"fixed-{name}"
        chunks.append(Chunk(f"{key}-{first}", key, len(chunks), start, end, text[start:end]))
    return chunks
