"""The port `Reranker` over a cross-encoder of sentence-transformers. The library is loaded with the first scores."""

import asyncio
import math
import threading
from collections.abc import Callable, Sequence
from typing import Any

from sutazai.errors.embedding import EmbeddingFailed
from sutazai.llm.embedding.hub import HubModel
from sutazai.llm.embedding.texts import whole
from sutazai.llm.ollama_errors import printable
from sutazai.llm.weights.parallel import in_thread


class CrossEncoderReranker:
    """Reads query and passage together, pair by pair.

    A pair that is longer than the model reads is cut at its end by the library: unlike a vector, its score is kept
    nowhere.

    Args:
        name: of Hugging Face, or a folder.
        may_fetch: whether it may be fetched when it is not on this machine.
        announce: told before it is fetched.
    """

    def __init__(self, name: str, *, may_fetch: bool, announce: Callable[[str], None]) -> None:
        self._hub = HubModel(name, may_fetch=may_fetch, announce=announce)
        self._opening = asyncio.Lock()
        self._lock = threading.Lock()
        self._model: Any = None

    async def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score for each text: higher is better. Cancelling takes effect after the pair that is being read.

        Raises:
            EmbedderMissing: the extra is not installed.
            ModelError: it cannot be had, loaded or run.
        """
        if not texts:
            return []
        async with self._opening:
            if self._model is None:
                self._model = await in_thread(lambda: self._hub.load(_cross_encoder))
        stop = threading.Event()
        return await in_thread(lambda: [self._score(query, text) for text in texts if not stop.is_set()], stop=stop.set)

    def _score(self, query: str, text: str) -> float:
        pair = (whole(query), whole(text))
        try:
            with self._lock:
                (score,) = self._model.predict([pair], batch_size=1, show_progress_bar=False).tolist()
        except Exception as error:  # what a library of libraries raises has no base but Python's own
            raise EmbeddingFailed(self._hub.name, printable(str(error)) or type(error).__name__) from error
        if not isinstance(score, float) or not math.isfinite(score):
            raise EmbeddingFailed(self._hub.name, "it gives no single score for a pair: it is no reranker")
        return score


def _cross_encoder(place: str, *, local: bool) -> Any:
    from sentence_transformers import CrossEncoder  # noqa: PLC0415 (loaded only when used)

    return CrossEncoder(place, local_files_only=local, trust_remote_code=False)
