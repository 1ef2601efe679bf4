"""Reading safetensors files: right tensors, and every lie about where they are refused."""

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sutazai.errors.embedding import WeightsUnreadable
from sutazai.llm.embedding.safetensors import Tensors
from tests.support.tiny_encoder import as_safetensors

FIRST = np.arange(6, dtype=np.float32).reshape(2, 3)
SECOND = np.array([7.5], dtype=np.float32)


def file_of(folder: Path, header: object, data: bytes = b"", *, length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path = folder / "weights"
    path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + data)
    return path


def test_tensors_are_read_by_name(tmp_path):
    path = tmp_path / "weights"
    path.write_bytes(as_safetensors({"first": FIRST, "second": SECOND}))
    tensors = Tensors(path)
    assert (tensors.get("second", (1,)) == SECOND).all()
    first = tensors.get("first", (2, 3))
    tensors.close()
    assert (first == FIRST).all()  # also once the file is let go


def entry(**changes: object) -> dict[str, object]:
    return {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} | changes}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({}, "no tensor a"),
        ({"a": 1}, "no tensor a"),
        (entry(dtype="F16"), "not float32"),
        (entry(shape=[2]), "not the shape"),
        (entry(shape="1"), "not the shape"),
        (entry(data_offsets=None), "says not where"),
        (entry(data_offsets=[0]), "says not where"),
        (entry(data_offsets=[0.0, 4.0]), "says not where"),
        (entry(data_offsets=[1, 5]), "does not fit"),
        (entry(data_offsets=[-4, 0]), "does not fit"),
        (entry(data_offsets=[4, 0]), "does not fit"),
        (entry(data_offsets=[0, 3]), "does not fit"),
        (entry(data_offsets=[0, 2**70]), "does not fit"),
        ([], "no table"),
        (b"{", "not JSON"),
        (b"\xff\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_header_that_lies_is_refused(tmp_path, header, reason):
    with pytest.raises(WeightsUnreadable, match=reason):
        Tensors(file_of(tmp_path, header, b"1234")).get("a", (1,))


@pytest.mark.parametrize("length", [1000, 2**63, 2**64 - 1])
def test_a_header_longer_than_the_file_is_refused(tmp_path, length):
    with pytest.raises(WeightsUnreadable, match="longer than it can be"):
        Tensors(file_of(tmp_path, {}, length=length))


def test_a_header_of_many_megabytes_is_not_read(tmp_path):
    path = file_of(tmp_path, {}, length=9 * 1024 * 1024)
    with path.open("r+b") as file:
        file.truncate(10 * 1024 * 1024)
    with pytest.raises(WeightsUnreadable, match="longer than it can be"):
        Tensors(path)


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "weights").touch()
    with pytest.raises(WeightsUnreadable, match="empty"):
        Tensors(tmp_path / "weights")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200), at=st.integers(0, 60))
def test_any_bytes_are_read_or_refused(tmp_path, data, at):
    """Never another error, whatever stands in the file."""
    good = as_safetensors({"a": SECOND})
    (tmp_path / "weights").write_bytes(good[:at] + data + good[at + len(data) :])
    with contextlib.suppress(WeightsUnreadable):
        assert Tensors(tmp_path / "weights").get("a", (1,)).shape == (1,)
