"""The graph of a BERT encoder with mean pooling and unit length, as ONNX. Pure: tensors in, bytes out.

Attention, activation and multiplications are fused operators of ONNX Runtime; multiplications by weights are in 8-bit
integers, the scale of what they are multiplied with found as it comes.

One text a run: the scale then belongs to the text alone, there is nothing to pad and nothing to mask, and a vector
cannot depend on what else is embedded with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sutazai.llm.embedding.onnx_writer import GraphWriter, value
from sutazai.llm.embedding.quantise import LOOKUP_LIMIT, MATMUL_LIMIT, quantised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FUSED: Final = "com.microsoft"
_FLOAT: Final = 1
_NO_ZERO_POINT: Final = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """The measures of a BERT encoder.

    Attributes:
        positions: how many its weights have.
        tokens: the most that a text may have, with those that stand around it.
        epsilon: of its normalisations.
    """

    layers: int
    hidden: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    tokens: int
    epsilon: float


Get = Callable[[str, tuple[int, ...]], "NDArray[np.float32]"]


class EncoderGraph:
    """Builds the graph of one encoder.

    Args:
        shape: its measures.
        get: gives a tensor by its name and shape, as the weights of Hugging Face's `BertModel` name them.
    """

    def __init__(self, shape: Shape, get: Get) -> None:
        self._shape, self._get = shape, get
        self._graph = GraphWriter()
        self._axes = (self._axis(0), self._axis(1))

    def build(self) -> bytes:
        """The model: `tokens` (int64, one text a run) to `vectors` (float32, unit length)."""
        hidden = self._embeddings("tokens")
        for layer in range(self._shape.layers):
            hidden = self._layer(f"encoder.layer.{layer}.", hidden)
        self._graph.node("LpNormalization", [self.pooled(hidden)], {"axis": -1, "p": 2}, name="vectors")
        return self._graph.model(
            inputs=self.inputs(),
            outputs=[value("vectors", "float32", ["texts", self._shape.hidden])],
        )

    def inputs(self) -> list[bytes]:
        """What a run is given."""
        return [value("tokens", "int64", ["texts", "length"])]

    def linear(self, name: str, source: str, weights: "NDArray[np.float32]", bias: "NDArray[np.float32]") -> str:
        """A multiplication by weights of the form (outputs, inputs), and the bias."""
        integers, scales = quantised(weights.T, axis=0, limit=MATMUL_LIMIT)
        names = [self._constant(f"{name}.integers", integers), self._constant(f"{name}.scales", scales)]
        inputs = [source, *names, _NO_ZERO_POINT, self._constant(f"{name}.bias", bias)]
        return self._node("DynamicQuantizeMatMul", inputs, domain=_FUSED)

    def lookup(self, name: str, source: str, rows: "NDArray[np.float32]") -> str:
        """The row of each token."""
        integers, scales = quantised(rows, axis=1, limit=LOOKUP_LIMIT)
        found = self._node("Gather", [self._constant(f"{name}.integers", integers), source])
        scale = self._node("Gather", [self._constant(f"{name}.scales", scales.reshape(-1, 1)), source])
        return self._node("Mul", [self._node("Cast", [found], to=_FLOAT), scale])

    def attended(self, parts: list[str]) -> str:
        """What each token makes of queries, keys and values."""
        return self._node("MultiHeadAttention", parts, domain=_FUSED, num_heads=self._shape.heads)

    def pooled(self, hidden: str) -> str:
        """The mean of the tokens."""
        return self._node("ReduceMean", [hidden, self._axes[1]], keepdims=0)

    def _embeddings(self, tokens: str) -> str:
        shape = self._shape
        words = self.lookup(
            "words", tokens, self._get("embeddings.word_embeddings.weight", (shape.vocabulary, shape.hidden))
        )
        positions = self._get("embeddings.position_embeddings.weight", (shape.positions, shape.hidden))
        # Every token is of the first segment, so that its embedding can be added once and for all.
        segment = self._get("embeddings.token_type_embeddings.weight", (2, shape.hidden))[0]
        table = self._constant("positions", positions[: shape.tokens] + segment)
        length = self._node("Shape", [tokens], start=1, end=2)
        placed = self._node("Slice", [table, self._axes[0], length, self._axes[0]])
        return self._normalised("embeddings.LayerNorm", words, placed)

    def _layer(self, prefix: str, hidden: str) -> str:
        size, inner = self._shape.hidden, self._shape.inner
        mixed = self._attention(f"{prefix}attention.self.", hidden)
        mixed = self._dense(f"{prefix}attention.output.dense", mixed, (size, size))
        hidden = self._normalised(f"{prefix}attention.output.LayerNorm", mixed, hidden)
        wide = self._dense(f"{prefix}intermediate.dense", hidden, (inner, size))
        narrow = self._dense(f"{prefix}output.dense", self._node("Gelu", [wide], domain=_FUSED), (size, inner))
        return self._normalised(f"{prefix}output.LayerNorm", narrow, hidden)

    def _attention(self, prefix: str, hidden: str) -> str:
        import numpy as np  # noqa: PLC0415 (loaded only when used)

        size, parts = self._shape.hidden, ("query", "key", "value")
        weights = np.concatenate([self._get(f"{prefix}{each}.weight", (size, size)) for each in parts])
        biases = np.concatenate([self._get(f"{prefix}{each}.bias", (size,)) for each in parts])
        joined = self.linear(f"{prefix}all", hidden, weights, biases)
        apart = self._graph.node("Split", [joined], {"axis": -1, "num_outputs": 3}, outputs=3)
        return self.attended(apart)

    def _dense(self, name: str, source: str, shape: tuple[int, int]) -> str:
        return self.linear(name, source, self._get(f"{name}.weight", shape), self._get(f"{name}.bias", shape[:1]))

    def _normalised(self, name: str, *parts: str) -> str:
        """The normalised sum. Two operators: ONNX Runtime's fused one is eight times slower."""
        size = (self._shape.hidden,)
        weights = [self._constant(f"{name}.{each}", self._get(f"{name}.{each}", size)) for each in ("weight", "bias")]
        inputs = [self._node("Add", list(parts)), *weights]
        return self._node("LayerNormalization", inputs, axis=-1, epsilon=self._shape.epsilon)

    def _axis(self, axis: int) -> str:
        import numpy as np  # noqa: PLC0415 (loaded only when used)

        return self._constant(f"axis.{axis}", np.array([axis], dtype=np.int64))

    def _constant(self, name: str, values: "NDArray[np.generic]") -> str:
        return self._graph.constant(name, values)

    def _node(self, kind: str, inputs: list[str], *, domain: str = "", **attributes: float) -> str:
        return self._graph.node(kind, inputs, attributes, domain=domain)[0]
