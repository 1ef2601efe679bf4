"""Joins what words and what vectors found into one order. Pure arithmetic over hits.

Convex combination of min-max normalised scores: Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid
Retrieval", 2023. A chunk that one side did not find counts there as its worst.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sutazai.rag.report import ScoreParts
from sutazai.sdk.document import Chunk, Hit

_VECTOR_WEIGHT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk with its score, and how that came about.

    Attributes:
        twins: ids of other documents that hold nearly the same text.
    """

    chunk: Chunk
    score: float
    parts: ScoreParts
    twins: tuple[str, ...] = ()


def fused(text: Sequence[Hit], vector: Sequence[Hit]) -> list[Ranked]:
    """The chunks of both lists (each best first), best first. With one of the lists empty, the other one's order."""
    weight = _VECTOR_WEIGHT if text and vector else float(bool(vector))
    of_text, of_vector = _normalised(text), _normalised(vector)
    parts: dict[str, ScoreParts] = {}
    for rank, hit in enumerate(text, 1):
        parts[hit.chunk.id] = ScoreParts(text_rank=rank, text_score=hit.score)
    for rank, hit in enumerate(vector, 1):
        before = parts.get(hit.chunk.id, ScoreParts())
        parts[hit.chunk.id] = before.model_copy(update={"vector_rank": rank, "vector_score": hit.score})
    chunks = {hit.chunk.id: hit.chunk for hit in (*text, *vector)}
    scores = {key: weight * of_vector.get(key, 0.0) + (1 - weight) * of_text.get(key, 0.0) for key in chunks}
    found = [Ranked(chunks[key], scores[key], parts[key].model_copy(update={"fused": scores[key]})) for key in chunks]
    return sorted(found, key=lambda each: (-each.score, each.chunk.document, each.chunk.ordinal))


def _normalised(hits: Sequence[Hit]) -> dict[str, float]:
    """Scores from 0 (the worst of the list) to 1 (the best); equal scores are all 1."""
    if not hits:
        return {}
    scores = [hit.score for hit in hits]
    low, width = min(scores), max(scores) - min(scores)
    return {hit.chunk.id: (hit.score - low) / width if width else 1.0 for hit in hits}
