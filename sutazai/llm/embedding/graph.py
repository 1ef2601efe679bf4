"""The graph of a BERT encoder with mean pooling and unit length, as ONNX. Pure: tensors in, bytes out.

Attention, normalisation and activation are the fused operators of ONNX Runtime; multiplications by weights are in 8-bit
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
        mean = self._node("ReduceMean", [hidden, self._axes[1]], keepdims=0)
        self._graph.node("LpNormalization", [mean], {"axis": -1, "p": 2}, name="vectors")
        return self._graph.model(
            inputs=[value("tokens", "int64", ["texts", "length"])],
            outputs=[value("vectors", "float32", ["texts", self._shape.hidden])],
        )

    def linear(self, name: str, source: str, weights: "NDArray[np.float32]") -> str:
        """A multiplication by weights of the form (inputs, outputs), without bias."""
        integers, scales = quantised(weights, axis=0, limit=MATMUL_LIMIT)
        names = [self._constant(f"{name}.integers", integers), self._constant(f"{name}.scales", scales)]
        return self._node("DynamicQuantizeMatMul", [source, *names], domain=_FUSED)

    def lookup(self, name: str, source: str, rows: "NDArray[np.float32]") -> str:
        """The row of each token."""
        integers, scales = quantised(rows, axis=1, limit=LOOKUP_LIMIT)
        found = self._node("Gather", [self._constant(f"{name}.integers", integers), source])
        scale = self._node("Gather", [self._constant(f"{name}.scales", scales.reshape(-1, 1)), source])
        return self._node("Mul", [self._node("Cast", [found], to=_FLOAT), scale])

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
        weights = self._normalisation("embeddings.LayerNorm")
        both = self._node("Add", [words, placed])
        return self._node("LayerNormalization", [both, *weights], axis=-1, epsilon=shape.epsilon)

    def _layer(self, prefix: str, hidden: str) -> str:
        shape = self._shape
        mixed = self._attention(f"{prefix}attention.self.", hidden)
        hidden = self._output(f"{prefix}attention.output", mixed, hidden, shape.hidden)
        name = f"{prefix}intermediate.dense"
        wide = self.linear(name, hidden, self._get(f"{name}.weight", (shape.inner, shape.hidden)).T)
        wide = self._node("BiasGelu", [wide, self._vector(f"{name}.bias", shape.inner)], domain=_FUSED)
        return self._output(f"{prefix}output", wide, hidden, shape.inner)

    def _attention(self, prefix: str, hidden: str) -> str:
        import numpy as np  # noqa: PLC0415 (loaded only when used)

        size, parts = self._shape.hidden, ("query", "key", "value")
        weights = np.concatenate([self._get(f"{prefix}{each}.weight", (size, size)) for each in parts]).T
        biases = np.concatenate([self._get(f"{prefix}{each}.bias", (size,)) for each in parts])
        projected = self._split(self.linear(f"{prefix}all", hidden, weights))
        bias = self._constant(f"{prefix}bias", biases)
        return self._node("MultiHeadAttention", [*projected, bias], domain=_FUSED, num_heads=self._shape.heads)

    def _split(self, source: str) -> list[str]:
        return self._graph.node("Split", [source], {"axis": -1, "num_outputs": 3}, outputs=3)

    def _output(self, prefix: str, source: str, skipped: str, inputs: int) -> str:
        """A multiplication, the bias, what skipped it, and their normalisation."""
        weights = self._get(f"{prefix}.dense.weight", (self._shape.hidden, inputs)).T
        product = self.linear(f"{prefix}.dense", source, weights)
        bias = self._vector(f"{prefix}.dense.bias", self._shape.hidden)
        names = [product, skipped, *self._normalisation(f"{prefix}.LayerNorm"), bias]
        return self._node("SkipLayerNormalization", names, domain=_FUSED, epsilon=self._shape.epsilon)

    def _normalisation(self, name: str) -> list[str]:
        return [self._vector(f"{name}.{each}", self._shape.hidden) for each in ("weight", "bias")]

    def _vector(self, name: str, length: int) -> str:
        return self._constant(name, self._get(name, (length,)))

    def _axis(self, axis: int) -> str:
        import numpy as np  # noqa: PLC0415 (loaded only when used)

        return self._constant(f"axis.{axis}", np.array([axis], dtype=np.int64))

    def _constant(self, name: str, values: "NDArray[np.generic]") -> str:
        return self._graph.constant(name, values)

    def _node(self, kind: str, inputs: list[str], *, domain: str = "", **attributes: float) -> str:
        return self._graph.node(kind, inputs, attributes, domain=domain)[0]
