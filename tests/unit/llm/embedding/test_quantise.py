"""Weights as integers: how close they stay, and that nothing about them is left to the processor."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.llm.embedding.quantise import quantised


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), limit=st.sampled_from([63, 127]), axis=st.sampled_from([0, 1]))
def test_every_weight_is_half_a_step_away_at_most(seed, limit, axis):
    random = np.random.default_rng(seed)
    weights = (random.normal(size=(5, 7)) * random.choice([1e-6, 1, 1e6])).astype(np.float32)
    integers, scales = quantised(weights, axis=axis, limit=limit)
    back = integers * np.expand_dims(scales, axis)
    assert (np.abs(back - weights) <= np.expand_dims(scales, axis) * 0.5001).all()
    assert np.abs(integers.astype(int)).max(axis=axis) == pytest.approx(limit)  # every channel uses its whole range


def test_a_channel_of_zeros_stays_zero():
    integers, scales = quantised(np.zeros((2, 3), np.float32), axis=0, limit=63)
    assert not integers.any()
    assert (scales == 1).all()


def test_halves_are_rounded_to_even_and_types_are_small():
    weights = np.array([[127, 0.5, 1.5, -2.5]], np.float32)
    integers, scales = quantised(weights, axis=1, limit=127)
    assert integers.tolist() == [[127, 0, 2, -2]]
    assert (integers.dtype, scales.dtype, scales.shape) == (np.int8, np.float32, (1,))


def test_the_integers_of_known_weights_are_known():
    """Computed in whole numbers: the same on every processor and with every numpy."""
    weights = ((np.arange(4096, dtype=np.int64) * 2654435761 % 2**24 - 2**23) / 2**20).astype(np.float32)
    integers, scales = quantised(weights.reshape(64, 64), axis=0, limit=63)
    found = hashlib.sha256(integers.tobytes() + scales.astype("<f4").tobytes()).hexdigest()
    assert found == "574585e57c40f01f3db16110beb4b93e4a706cb788e598b0048fab0644e7c198"
