"""A file that arrives in segments: what is resumed, what is not, and that nothing runs over its segment."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.llm.weights.partial import Partial
from tests.support.weights import CONTENT, SIZES, entry

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["sizes", "done", "x"]), inner),
    max_leaves=10,
)
COUNTS = st.lists(st.integers(), min_size=len(SIZES), max_size=len(SIZES))


def opened(folder: Path) -> Partial:
    """A partial, opened."""
    partial = Partial(folder, entry().segments)
    partial.open()
    return partial


def test_what_was_counted_and_saved_is_there_after_a_restart(tmp_path: Path) -> None:
    """Also half a segment; leftovers of pip are not."""
    first = opened(tmp_path)
    first.write(first.segments[1], 0, CONTENT[3000:3500])
    first.count(first.segments[1], 500)
    first.close()
    (tmp_path / "pip-xyz").mkdir()
    second = opened(tmp_path)
    assert (second.done_bytes, second.have(second.segments[1])) == (500, 500)
    assert second.data.read_bytes()[3000:3500] == CONTENT[3000:3500]
    assert not (tmp_path / "pip-xyz").exists()


def test_a_whole_segment_is_saved_at_once(tmp_path: Path) -> None:
    """A kill right after it loses nothing of it."""
    partial = opened(tmp_path)
    partial.count(partial.segments[0], SIZES[0])
    assert [each.index for each in opened(tmp_path).missing()] == [1, 2]


def test_bytes_beyond_a_segment_are_refused(tmp_path: Path) -> None:
    """They would overwrite the next one."""
    partial = opened(tmp_path)
    with pytest.raises(ValueError, match="more bytes"):
        partial.write(partial.segments[0], 2999, b"ab")
    partial.write(partial.segments[0], 2999, b"a")


def test_data_of_another_size_is_not_resumed(tmp_path: Path) -> None:
    """Whoever cut the file cut what the state says."""
    partial = opened(tmp_path)
    partial.count(partial.segments[0], SIZES[0])
    partial.data.write_bytes(b"short")
    again = opened(tmp_path)
    assert again.done_bytes == 0
    assert again.data.stat().st_size == len(CONTENT)


def test_closing_after_it_was_discarded_is_harmless(tmp_path: Path) -> None:
    """There is nothing to keep any more."""
    partial = opened(tmp_path / "partial")
    partial.discard()
    partial.close()
    assert not (tmp_path / "partial").exists()


@given(state=st.one_of(JSON, st.fixed_dictionaries({"sizes": st.just(list(SIZES)), "done": JSON | COUNTS})))
def test_any_state_is_taken_up_within_bounds_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory, state: object
) -> None:
    """A damaged state never counts more than there can be, and never raises."""
    folder = tmp_path_factory.mktemp("partial")
    opened(folder)
    (folder / "state.json").write_text(json.dumps(state))
    partial = opened(folder)
    assert all(0 <= partial.have(each) <= each.size_bytes for each in partial.segments)
