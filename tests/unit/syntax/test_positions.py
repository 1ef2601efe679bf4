"""Conversions between bytes, code points, lines and columns."""

from hypothesis import given
from hypothesis import strategies as st

from sutazai.syntax.positions import Positions, utf8

TEXT = st.lists(
    st.one_of(
        st.sampled_from(["\n", "\r\n", "\r", "\t", "\x0c", "\u2028", "\x85", "é", "漢", "😀", "e\u0301", "\ud800"]),
        st.text(max_size=5),
        st.sampled_from(["x" * 255, "é" * 256, "😀" * 300]),
    ),
    max_size=12,
).map("".join)


@given(TEXT, st.data())
def test_bytes_and_code_points_agree_with_the_encoder(text: str, data: st.DataObject):
    """Whatever the text, both ways."""
    positions, offset = Positions(text), data.draw(st.integers(0, len(text)))
    byte = len(utf8(text[:offset]))
    assert positions.to_byte(offset) == byte
    assert positions.from_byte(byte) == offset


@given(TEXT, st.data())
def test_a_byte_inside_a_character_is_that_character(text: str, data: st.DataObject):
    """A tool that cuts a character gets no finding off by one."""
    positions, byte = Positions(text), data.draw(st.integers(-2, len(utf8(text)) + 2))
    offset = positions.from_byte(byte)
    assert positions.to_byte(offset) <= max(byte, 0)
    assert byte >= len(utf8(text)) or positions.to_byte(offset + 1) > byte


@given(TEXT, st.data())
def test_line_and_column_round_trip(text: str, data: st.DataObject):
    """Every offset has one place, every place one offset."""
    positions, offset = Positions(text), data.draw(st.integers(0, len(text)))
    line, column = positions.line_column(offset)
    assert positions.offset(line, column) == offset
    assert 1 <= line <= positions.line_count
    assert column >= 1


@given(TEXT)
def test_lines_are_split_by_line_feed_and_carriage_return_alone(text: str):
    """As editors, git and ruff count them; `str.splitlines` counts more."""
    expected = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    positions = Positions(text)
    assert [positions.line_text(line) for line in range(1, positions.line_count + 1)] == expected


@given(TEXT, st.integers(-5, 5000), st.integers(-5, 5000))
def test_any_number_gives_a_place_that_exists(text: str, first: int, second: int):
    """A wild line, column or offset is moved to the nearest place."""
    positions = Positions(text)
    location = positions.location("a.py", first, second)
    assert (location.start_line, location.start_column) <= (location.end_line, location.end_column)
    assert location.end_line <= positions.line_count
    assert 0 <= positions.offset(first, second) <= len(text)
    assert 0 <= positions.to_byte(first) <= len(utf8(text))


def test_a_location_counts_code_points():
    """An astral character is one column, a tab is one column."""
    text = "a\r\n\t😀é = 1\n"
    start = text.index("é")
    location = Positions(text).location("a.py", start, start + 1)
    assert location.model_dump() == {
        "path": "a.py",
        "start_line": 2,
        "start_column": 3,
        "end_line": 2,
        "end_column": 4,
    }
