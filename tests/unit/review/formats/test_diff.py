"""A fix as a diff."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.review.formats.diff import fix_lines
from sutazai.sdk.finding import Category, Edit, Fix, Location
from tests.support.reports import SOURCE, at, finding


def fixed(*edits, **changes):
    """A finding with these edits."""
    return finding(fix=Fix(description="d", edits=edits, source="rule"), **changes)


def test_a_fix_of_the_quoted_code_needs_no_source():
    """The quote goes, the replacement comes."""
    lines = fix_lines(finding())
    assert lines[0].startswith("-cursor.execute(")
    assert lines[1] == '+cursor.execute("SELECT * FROM users WHERE name = ?", (name,))'


def test_with_the_source_whole_lines_are_shown():
    """Indentation included, lines between edits as context."""
    lines = fix_lines(
        fixed(
            Edit(location=at(line=1, column=10, width=4), replacement="key"),
            Edit(location=at(line=3, column=12, width=6), replacement="rows"),
        ),
        SOURCE,
    )
    assert [line[0] for line in lines] == ["-", "+", " ", "-", "+"]
    assert lines[1] == "+def find(key):"
    assert lines[4] == "+    return rows"


def test_an_insertion_takes_nothing_away():
    """An empty place gains a line."""
    insert = Edit(location=at(line=3, column=1, width=0), replacement="    cursor.close()\n")
    assert fix_lines(fixed(insert), SOURCE) == ("+    cursor.close()", "     return cursor")


def test_no_diff_is_better_than_a_wrong_one():
    """Edits elsewhere, a file that changed meanwhile, a secret: nothing."""
    other = Edit(location=at("other.py"), replacement="x")
    outside = Edit(location=at(line=99), replacement="x")
    inside = Edit(location=at(line=1, column=1, width=3), replacement="x")
    assert fix_lines(finding(fix=None)) == ()
    assert fix_lines(fixed(other), SOURCE) == ()
    assert fix_lines(fixed(outside), SOURCE) == ()
    assert fix_lines(fixed(inside)) == ()
    assert fix_lines(finding(category=Category.SECRET), SOURCE) == ()


_columns = st.integers(1, 12)
_lines = st.integers(1, 4)


@given(st.lists(st.tuples(_lines, _columns, _lines, _columns, st.text("ab\n", max_size=4)), min_size=1, max_size=3))
@settings(max_examples=80)
def test_any_edits_give_lines_of_the_source_with_a_mark(edits):
    """What is taken away or kept is the source, in order; nothing is invented and nothing raises."""
    places = [Edit(location=Location(path="app/db.py", start_line=a, start_column=b, end_line=c, end_column=d),
                   replacement=text) for a, b, c, d, text in edits]  # fmt: skip
    source = "one\ntwo two\n\nfour"
    kept = [line[1:] for line in fix_lines(fixed(*places), source) if line[0] != "+"]
    assert all(line[0] in "-+ " for line in fix_lines(fixed(*places), source))
    assert "\n".join(kept) in source
