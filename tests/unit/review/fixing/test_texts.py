"""Edits as text: what they change, what they leave alone, and how they are shown."""

import re

from hypothesis import given
from hypothesis import strategies as st

from sutazai.review.fixes.site import Change
from sutazai.review.fixing.texts import (
    changed,
    changes_of,
    diff,
    edits_of,
    fit,
    lines_changed,
    newline,
    overlap,
    smallest,
)
from sutazai.sdk.finding import Edit, Location

TEXT = st.text("ab\n\ré", max_size=30)


@st.composite
def changes(draw: st.DrawFn, text: str) -> list[Change]:
    """Changes of a text that do not overlap."""
    borders = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pairs = zip(borders[::2], borders[1::2], strict=False)
    return [Change(start, end, draw(st.text("xy\n", max_size=4))) for start, end in pairs]


@given(st.data(), TEXT)
def test_edits_and_changes_are_two_forms_of_the_same(data: st.DataObject, text: str) -> None:
    """Through locations and back; the replaced text is the only thing that changes."""
    made = data.draw(changes(text))
    edits = edits_of(made, "a.py", text)
    assert all(each.location.path == "a.py" for each in edits)
    again = changes_of(edits, text)
    if not re.search(r"\r\n|\r", text):
        assert again == tuple(sorted(set(made)))
    if not overlap(again):
        result, at = changed(text, again), 0
        for each in again:
            assert text[at : each.start] in result
            at = each.end
        assert result.endswith(text[at:])


@given(st.text("ab\n ", max_size=40), st.text("ab\n ", max_size=40), st.sampled_from(["\n", "\r\n"]))
def test_the_smallest_change_turns_one_text_into_the_other(before: str, after: str, end: str) -> None:
    """Line ends are those of the text before."""
    old = before.replace("\n", end)
    found = smallest(old, after, 0)
    wanted = after.replace("\n", newline(old)) if newline(old) != "\n" else after
    assert changed(old, found) == wanted


@given(st.lists(st.sampled_from("abcdefgh"), max_size=8, unique=True), st.integers(0, 8))
def test_lines_that_stay_are_in_no_change(lines: list[str], number: int) -> None:
    text = "".join(f"{each}\n" for each in lines)
    other = [*lines]
    if number < len(other):
        other[number] = "x"
    found = smallest(text, "".join(f"{each}\n" for each in other), 0)
    assert sum(each.end - each.start for each in found) <= 2


def test_insertions_at_one_place_do_not_overlap_and_the_same_one_is_made_once() -> None:
    one, two = Change(1, 1, "x"), Change(1, 1, "y")
    assert not overlap([one, two, one])
    assert changed("ab", [one, two, one]) == "axyb"
    assert overlap([Change(0, 2, ""), Change(1, 3, "")])
    assert not overlap([Change(0, 2, ""), Change(2, 3, "")])


def test_places_that_the_text_does_not_have_do_not_fit() -> None:
    def edit(*place: int) -> Edit:
        start, column, end, stop = place
        where = Location(path="a", start_line=start, start_column=column, end_line=end, end_column=stop)
        return Edit(location=where, replacement="")

    text = "ab\ncd"
    assert fit(text, [edit(1, 1, 2, 3)])
    for wrong in [(1, 1, 3, 1), (1, 9, 2, 1), (2, 1, 1, 1), (2, 1, 2, 9)]:
        assert not fit(text, [edit(*wrong)]), wrong


def test_changed_lines_are_all_that_an_edit_reaches_into() -> None:
    assert lines_changed("a\nb\nc\n", [Change(2, 5, ""), Change(0, 0, "x")]) == {1, 2, 3}


def test_a_diff_can_be_read_and_hides_lines_with_secrets() -> None:
    before, after = "a\nKEY = 'hush'\nold\n", "a\nKEY = 'hush'\nnew\n"
    text = diff("x.py", before, after, frozenset({2}))
    assert text == "--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,3 @@\n a\n [a line with a secret, not shown]\n-old\n+new\n"
    assert diff("x.py", "a\r\nb", "a\r\nc") == "--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
