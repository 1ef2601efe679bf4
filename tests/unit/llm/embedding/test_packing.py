"""Numbers from elsewhere become vectors of unit length, or are refused."""

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.llm.embedding.packing import MOST_DIMENSIONS, unit_row
from sutazai.llm.embedding.texts import sendable, whole


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=9).filter(lambda each: math.hypot(*each) > 1e-30))
def test_a_direction_stays_and_the_length_becomes_one(numbers):
    row = array("f", unit_row(numbers))
    assert math.hypot(*row) == pytest.approx(1, abs=1e-6)
    length = math.hypot(*numbers)
    assert list(row) == pytest.approx([each / length for each in numbers], abs=1e-6)


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        (None, "no list"),
        ("12", "no list"),
        ([], "0 numbers"),
        ([1.0] * (MOST_DIMENSIONS + 1), "65537 numbers"),
        ([1, "2"], "no number"),
        ([1, math.nan], "no number"),
        ([math.inf], "no number"),
        ([0, 0.0], "direction"),
        ([1e308, 1e308, 1e308, 1e308], "direction"),
    ],
)
def test_what_has_no_direction_is_refused(numbers, reason):
    with pytest.raises(ValueError, match=reason):
        unit_row(numbers)


@given(st.text())
def test_what_is_sent_can_be_written_and_is_never_blank(text):
    assert len(whole(text)) == len(text)
    sendable(text).encode()
    assert sendable(text).strip()
