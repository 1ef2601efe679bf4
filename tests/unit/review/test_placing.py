"""What a model said is put where it stands in the file, or dropped: no finding on text that is not there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.review.placing import placed
from sutazai.review.recipes.result import Claim
from sutazai.sdk.finding import Category, Severity
from sutazai.sdk.source import Segment, SourceFile, Unit
from sutazai.syntax.positions import Positions

TEXT = "import os\n\ndef f(x):\n    return x < 1\n\nf(2)\nf('😀')\n"
PIECES = (Segment(0, TEXT.index("def"), 1), Segment(TEXT.index("f(2)"), len(TEXT), 6))
UNIT = Unit(
    path="a.py",
    language="python",
    kind="module",
    symbol="here",
    start_line=1,
    end_line=7,
    text="".join(TEXT[each.start : each.end] for each in PIECES),
    segments=PIECES,
)


def place(start: int, end: int, **changes):
    """The finding that a claim about a part of the unit becomes."""
    values = {
        "recipe": "probe",
        "rule": "model-slip",
        "category": Category.BUG,
        "severity": Severity.MEDIUM,
        "confidence": 0.7,
        "start": start,
        "end": end,
        "message": "m",
    }
    return placed(Claim(**(values | changes)), UNIT, SourceFile("a.py", TEXT, "python"), Positions(TEXT))


@pytest.mark.parametrize("quote", ["import os", "os", "f(2)", "f", "'😀'", "f('😀')"])
def test_a_claim_is_placed_on_its_text(quote):
    start = UNIT.text.index(quote)
    found = place(start, start + len(quote))
    assert found.quote == quote
    lines = TEXT.split("\n")
    at = found.location
    assert lines[at.start_line - 1][at.start_column - 1 : at.end_column - 1] == quote
    assert (found.symbol, found.engines, found.fix) == ("here", ("model:probe",), None)


def test_what_the_model_expected_becomes_a_fix():
    found = place(0, 6, replacement="from")
    assert [(each.location, each.replacement) for each in found.fix.edits] == [(found.location, "from")]
    assert found.fix.source == "model"


@pytest.mark.parametrize("span", [(-1, 3), (3, 3), (5, 2), (0, 10_000), (10_000, 10_001)])
def test_a_span_that_is_not_in_the_unit_is_dropped(span):
    assert place(*span) is None


def test_a_span_over_two_pieces_of_the_file_is_dropped():
    border = PIECES[0].end
    assert place(border - 3, border + 2) is None


def test_a_unit_that_is_not_of_this_text_gives_nothing():
    claim = Claim(
        recipe="r", rule="r", category=Category.BUG, severity=Severity.LOW, confidence=0, start=0, end=6, message="m"
    )
    other = "x" * len(TEXT)
    assert placed(claim, UNIT, SourceFile("a.py", other, "python"), Positions(other)) is None


@given(st.integers(-3, 60), st.integers(-3, 60))
def test_whatever_is_claimed_the_quote_stands_in_the_file(start, end):
    found = place(start, end)
    if found is None:
        return
    positions, at = Positions(TEXT), found.location
    first = positions.offset(at.start_line, at.start_column)
    last = positions.offset(at.end_line, at.end_column)
    assert found.quote == TEXT[first:last] == UNIT.text[start:end]
