"""Writes ONNX models: the few protobuf messages that a graph needs, with bytes that depend on nothing but the graph.

Message and field numbers: onnx.proto3 of ONNX 1.16 (IR version 8). Checks no graph: ONNX Runtime does.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_IR_VERSION: Final = 8
_OPSETS: Final = (("", 18), ("com.microsoft", 1))
_TENSOR_TYPES: Final = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7, "float16": 10}
_VARINT, _LENGTH, _FIXED32 = 0, 2, 5
_FLOAT, _INT = 1, 2

Dimension = int | str


class GraphWriter:
    """A graph that grows node by node, in the order in which it is run."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._tensors: list[bytes] = []

    def constant(self, name: str, values: "NDArray[np.generic]") -> str:
        """Adds a tensor with its values; gives its name."""
        import numpy as np  # noqa: PLC0415 (loaded only when used)

        little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        dimensions = b"".join(_number(1, each) for each in values.shape)
        kind = _number(2, _TENSOR_TYPES[values.dtype.name])
        self._tensors.append(_bytes(5, dimensions + kind + _text(8, name) + _bytes(9, little.tobytes())))
        return name

    def node(
        self,
        kind: str,
        inputs: Sequence[str],
        attributes: Mapping[str, float],
        *,
        outputs: int = 1,
        name: str = "",
        domain: str = "",
    ) -> list[str]:
        """Adds a node; gives the names of its outputs.

        Args:
            kind: the operator.
            inputs: names of tensors, the empty name for one that is left out.
            attributes: by name, a float or an integer each.
            outputs: how many there are.
            name: what the last output is called; the others, and all without a name, are numbered.
            domain: whose operator it is; ONNX's own without.
        """
        numbered = [f"{kind}.{len(self._nodes)}.{index}" for index in range(outputs)]
        names = [*numbered[:-1], name or numbered[-1]]
        parts = [_text(1, each) for each in inputs] + [_text(2, each) for each in names] + [_text(4, kind)]
        parts += [_bytes(5, _attribute(key, value)) for key, value in sorted(attributes.items())]
        parts += [_text(7, domain)] if domain else []
        self._nodes.append(_bytes(1, b"".join(parts)))
        return names

    def model(self, *, inputs: Sequence[bytes], outputs: Sequence[bytes]) -> bytes:
        """The whole model; inputs and outputs as `value` gives them."""
        heads = [_bytes(11, each) for each in inputs] + [_bytes(12, each) for each in outputs]
        graph = b"".join([*self._nodes, _text(2, "main"), *self._tensors, *heads])
        opsets = [_bytes(8, _text(1, domain) + _number(2, version)) for domain, version in _OPSETS]
        return b"".join([_number(1, _IR_VERSION), _text(2, "sutazai"), _bytes(7, graph), *opsets])


def value(name: str, kind: str, shape: Sequence[Dimension]) -> bytes:
    """An input or output: its name, its type and its shape, a name for each dimension that varies."""
    dimensions = b"".join(_bytes(1, _text(2, each) if isinstance(each, str) else _number(1, each)) for each in shape)
    tensor = _number(1, _TENSOR_TYPES[kind]) + _bytes(2, dimensions)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _attribute(name: str, value: float) -> bytes:
    if isinstance(value, float):
        return _text(1, name) + _tag(2, _FIXED32) + struct.pack("<f", value) + _number(20, _FLOAT)
    return _text(1, name) + _number(3, value) + _number(20, _INT)


def _tag(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _number(field: int, value: int) -> bytes:
    return _tag(field, _VARINT) + _varint(value)


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode())


def _bytes(field: int, data: bytes) -> bytes:
    return _tag(field, _LENGTH) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; a negative number as its 64-bit two's complement."""
    number &= 2**64 - 1
    written = bytearray()
    while number > 0x7F:  # noqa: PLR2004 (seven bits)
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])
