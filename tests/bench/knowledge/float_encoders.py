"""The same encoder in float32, as a reference: our graph, one text a run, and padded batches as others run it."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from sutazai.llm.embedding.graph import EncoderGraph, Shape
from sutazai.llm.embedding.onnx_writer import value
from sutazai.llm.embedding.safetensors import Tensors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]


class FloatGraph(EncoderGraph):
    """Our graph with float32 weights."""

    def linear(self, name: str, source: str, weights: "Matrix", bias: "Matrix") -> str:
        """A multiplication and an addition."""
        product = self._node("MatMul", [source, self._constant(f"{name}.weight", weights.T)])
        return self._node("Add", [product, self._constant(f"{name}.bias", bias)])

    def lookup(self, name: str, source: str, rows: "Matrix") -> str:
        """The row of each token."""
        return self._node("Gather", [self._constant(f"{name}.rows", rows), source])


class PaddedGraph(FloatGraph):
    """The same for batches: a mask says what is padding."""

    def inputs(self) -> list[bytes]:
        """Tokens and mask."""
        return [*super().inputs(), value("mask", "int32", ["texts", "length"])]

    def attended(self, parts: list[str]) -> str:
        """Attention that passes over padding."""
        return self._node(
            "MultiHeadAttention", [*parts, "", "mask"], domain="com.microsoft", num_heads=self._shape.heads
        )

    def pooled(self, hidden: str) -> str:
        """The sum of what is no padding: its length is made one anyway."""
        mask = self._node("Unsqueeze", [self._node("Cast", ["mask"], to=1), self._axis(2)])
        return self._node("ReduceSum", [self._node("Mul", [hidden, mask]), self._axes[1]], keepdims=0)


def float_model(weights: Path, shape: Shape, *, padded: bool) -> bytes:
    """The float32 model of some weights."""
    tensors = Tensors(weights)
    try:
        return (PaddedGraph if padded else FloatGraph)(shape, tensors.get).build()
    finally:
        tensors.close()


def session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    """A session with everything that ONNX Runtime can do to make it faster."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


Run = Callable[[Sequence[list[int]]], "Matrix"]


def in_batches(model: bytes, threads: int, size: int = 32) -> Run:
    """Batches of similar length, padded, all threads at work on each: how embedding is run elsewhere."""
    running = session(model, threads)

    def run(texts: Sequence[list[int]]) -> "Matrix":
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        vectors: list[tuple[int, Matrix]] = []
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            tokens, mask = _padded([texts[index] for index in batch])
            vectors += zip(batch, running.run(None, {"tokens": tokens, "mask": mask})[0], strict=True)
        return np.array([vector for _, vector in sorted(vectors, key=lambda each: each[0])])

    return run


def one_by_one(model: bytes, threads: int) -> Run:
    """One text a run, a run a thread: as we do it."""
    running = session(model, 1)

    def run(texts: Sequence[list[int]]) -> "Matrix":
        with ThreadPoolExecutor(threads) as pool:
            found = pool.map(lambda each: running.run(None, {"tokens": np.array([each], dtype=np.int64)})[0], texts)
            return np.concatenate(list(found))

    return run


def _padded(texts: Sequence[list[int]]) -> "tuple[NDArray[np.int64], NDArray[np.int32]]":
    length = max(map(len, texts))
    tokens, mask = np.zeros((len(texts), length), np.int64), np.zeros((len(texts), length), np.int32)
    for row, numbers in enumerate(texts):
        tokens[row, : len(numbers)], mask[row, : len(numbers)] = numbers, 1
    return tokens, mask
