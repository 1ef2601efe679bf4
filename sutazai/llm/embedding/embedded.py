"""The embedding model in this process, by ONNX Runtime: no torch, no server.

Every text is a run of its own on one thread, as many at once as there are threads: nothing is padded, and equal texts
give equal vectors whatever stands beside them.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from sutazai.errors.base import SutazAIError
from sutazai.errors.embedding import EmbedderMissing, EmbeddingFailed, TextTooLong
from sutazai.llm.embedding.prepare import prepared
from sutazai.llm.embedding.recipes import Recipe
from sutazai.llm.embedding.wordpiece import ADDED_TOKENS, WordPiece, read_vocabulary
from sutazai.llm.weights.parallel import in_thread
from sutazai.sdk.document import EmbedderInfo, Vectors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_QUIET: Final = 4  # only what ends the process


class EmbeddedEmbedder:
    """Implements the port `Embedder`.

    Args:
        recipe: what makes the model of the weights.
        weights: the checked file.
        folder: the weight store's folder, where what is prepared is kept.
        threads: how many texts are embedded at once.
    """

    def __init__(self, recipe: Recipe, weights: Path, folder: Path, *, threads: int) -> None:
        self._recipe, self._weights, self._folder = recipe, weights, folder
        self._threads = max(1, threads)
        self._opening = asyncio.Lock()
        self._model: _Model | None = None
        # What stands around every text is not the caller's to count.
        most = recipe.shape.tokens - ADDED_TOKENS
        self.info = EmbedderInfo(recipe.name, "embedded", recipe.digest, recipe.shape.hidden, most)

    async def open(self) -> None:
        """Prepares the weights if that was not done on this machine yet, and loads them.

        Raises:
            EmbedderMissing: a library has no wheel on this platform.
            ModelError: the weights cannot be prepared or loaded.
        """
        async with self._opening:
            if self._model is None:
                self._model = await in_thread(self._load)

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of `text` begins and ends, in code points, nothing cut off. Only after `open`."""
        return self._ready().words.spans(text)

    async def embed(
        self,
        texts: Sequence[str],
        *,
        kind: Literal["document", "query"] = "document",  # noqa: ARG002 (this model reads both alike)
    ) -> Vectors:
        """One vector for each text, in order. Cancelling takes effect after the texts that are being embedded.

        Raises:
            TextTooLong: a text has more tokens than `info.max_tokens`.
            EmbeddingFailed: the runtime fails.
        """
        model, stop = self._ready(), threading.Event()
        return await in_thread(lambda: self._vectors(model, texts, stop), stop=stop.set)

    async def close(self) -> None:
        """Frees the weights and the threads; safe to call twice, and it may be opened again."""
        model, self._model = self._model, None
        if model is not None:
            await in_thread(model.close)

    def _ready(self) -> "_Model":
        if self._model is None:
            raise EmbeddingFailed(self.info.name, "it is not open")
        return self._model

    def _load(self) -> "_Model":
        try:
            words = WordPiece(read_vocabulary(self._recipe.vocabulary, self._recipe.vocabulary_sha256))
            with _failures_of(self.info.name):
                session = _session(prepared(self._recipe, self._weights, self._folder))
        except ImportError as error:
            raise EmbedderMissing(self.info.name, error.name or "onnxruntime") from error
        return _Model(words, session, self._threads)

    def _vectors(self, model: "_Model", texts: Sequence[str], stop: threading.Event) -> Vectors:
        numbers = [self._fitting(text, model.words) for text in texts]
        with _failures_of(self.info.name):
            return Vectors(self.info.dimensions, b"".join(model.run(numbers, stop.is_set)))

    def _fitting(self, text: str, words: WordPiece) -> list[int]:
        numbers = words.numbers(text)
        if (count := len(numbers) - ADDED_TOKENS) > self.info.max_tokens:
            raise TextTooLong(self.info.name, count, self.info.max_tokens, text)
        return numbers


class _Model:
    """What is loaded: the words, the weights, and threads that run them."""

    def __init__(self, words: WordPiece, session: "InferenceSession", threads: int) -> None:
        self.words = words
        self._session = session
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="embedding")

    def run(self, texts: Sequence[list[int]], stopped: Callable[[], bool]) -> list[bytes]:
        """The vector of each text; empty ones for those left out once `stopped`."""
        if len(texts) == 1:
            return [self._one(texts[0])]
        vectors = [b""] * len(texts)

        def one(index: int) -> None:
            if not stopped():
                vectors[index] = self._one(texts[index])

        # The longest first, so that no thread begins a long one when the others are done.
        for _ in self._pool.map(one, sorted(range(len(texts)), key=lambda index: -len(texts[index]))):
            pass
        return vectors

    def close(self) -> None:
        """Waits for the threads and lets them go."""
        self._pool.shutdown()

    def _one(self, numbers: list[int]) -> bytes:
        import numpy as np  # noqa: PLC0415 (loaded only when used)

        (vectors,) = self._session.run(None, {"tokens": np.array([numbers], dtype=np.int64)})
        return np.ascontiguousarray(vectors[0], dtype="<f4").tobytes()


@contextlib.contextmanager
def _failures_of(name: str) -> Iterator[None]:
    """Tells what ONNX Runtime raises as our own; its exceptions have no base but Python's own."""
    try:
        yield
    except (SutazAIError, ImportError):
        raise
    except Exception as error:
        raise EmbeddingFailed(name, str(error)) from error


def _session(model: Path) -> "InferenceSession":
    import onnxruntime  # noqa: PLC0415 (loaded only when used)

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _QUIET
    # The graph is written as it is to be run.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
