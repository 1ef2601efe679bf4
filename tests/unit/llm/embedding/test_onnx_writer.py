"""The writer of ONNX models: ONNX Runtime reads them, and their bytes never change."""

import hashlib

import numpy as np
import onnxruntime
import pytest

from sutazai.llm.embedding.onnx_writer import GraphWriter, _varint, value


def model() -> bytes:
    graph = GraphWriter()
    weights = graph.constant("weights", np.array([[1, -2], [3, 4]], np.float32))
    (product,) = graph.node("MatMul", ["x", weights], {})
    parts = graph.node("Split", [product], {"axis": -1, "num_outputs": 2}, outputs=2)
    graph.node("LeakyRelu", [parts[1]], {"alpha": 0.5}, name="y")
    return graph.model(inputs=[value("x", "float32", ["rows", 2])], outputs=[value("y", "float32", ["rows", 1])])


def test_onnx_runtime_runs_what_was_written():
    session = onnxruntime.InferenceSession(model(), providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    assert (given.name, given.type, given.shape) == ("x", "tensor(float)", ["rows", 2])
    assert session.run(None, {"x": np.array([[1, 1], [2, 0]], np.float32)})[0].tolist() == [[2], [-2]]


def test_the_same_graph_gives_the_same_bytes():
    assert model() == model()
    assert hashlib.sha256(model()).hexdigest() == "4eee33ac17d42389f4572d01795c3ea97853588a94e9f0fd1f419c6208064c35"


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (300, "ac02"), (-1, "ffffffffffffffffff01")],
)
def test_numbers_are_written_as_protobuf_says(number, written):
    """The examples of its documentation."""
    assert _varint(number).hex() == written


def test_tensors_are_little_endian_and_in_one_piece():
    graph = GraphWriter()
    big = np.arange(6, dtype=">i8").reshape(2, 3).T
    graph.constant("t", big)
    assert np.array([0, 3, 1, 4, 2, 5], "<i8").tobytes() in graph._tensors[0]
