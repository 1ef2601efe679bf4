"""The value types of the contract: findings, source, units, events, profiles."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sutazai.sdk.chat import Usage
from sutazai.sdk.events import Done, Event, Failed, Note, Started
from sutazai.sdk.finding import Category, Finding, Location, Severity
from sutazai.sdk.profile import Calibration
from sutazai.sdk.source import LineRange, Segment, SourceFile, Unit


def test_severities_are_ranked_from_most_to_least_serious():
    assert sorted(Severity, key=lambda each: each.rank) == list(Severity)
    assert Severity.CRITICAL.reaches(Severity.HIGH)
    assert Severity.HIGH.reaches(Severity.HIGH)
    assert not Severity.MEDIUM.reaches(Severity.HIGH)


def test_a_finding_is_frozen_and_copied_with_changes():
    place = Location(path="a.py", start_line=1, start_column=1, end_line=1, end_column=2)
    finding = Finding(
        rule="r", category=Category.BUG, severity=Severity.LOW, confidence=0.5, location=place, message="m"
    )
    assert finding.but(confidence=0.9).confidence == 0.9
    assert finding.confidence == 0.5
    with pytest.raises(ValidationError):
        finding.rule = "other"
    with pytest.raises(ValidationError):
        Location(path="a.py", start_line=0, start_column=1, end_line=1, end_column=1)
    with pytest.raises(ValidationError, match="Extra inputs"):
        Location(path="a.py", start_line=1, start_column=1, end_line=1, end_column=1, bytes=3)


def test_every_event_survives_json_by_its_kind():
    adapter = TypeAdapter(Event)
    events = [Started(capability="c"), Note(text="t"), Done(result={"a": 1}), Failed(problem="p", message="m")]
    for event in events:
        assert adapter.validate_json(adapter.dump_json(event)) == event


def test_costs_add_up():
    assert Usage(1, 2, 3) + Usage(10, 20, 30) == Usage(11, 22, 33)


@given(st.floats(-1e6, 1e6), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_a_confidence_is_a_probability_whatever_the_score(score, slope, intercept):
    confidence = Calibration(slope=slope, intercept=intercept).confidence(score)
    assert 0 <= confidence <= 1
    assert not math.isnan(confidence)


def test_a_calibration_is_the_logistic_function():
    assert Calibration().confidence(0) == 0.5
    assert Calibration(slope=2, intercept=-1).confidence(1) == pytest.approx(1 / (1 + math.exp(-1)))
    assert Calibration(slope=2, intercept=1).confidence(-1) == pytest.approx(1 / (1 + math.exp(1)))


def test_lines_touch_where_they_share_one():
    assert LineRange(3, 5).overlaps(5, 9)
    assert LineRange(3, 5).overlaps(1, 3)
    assert not LineRange(3, 5).overlaps(6, 9)
    assert not LineRange(3, 5).overlaps(1, 2)


def test_a_whole_file_is_touched_everywhere_and_a_diff_only_where_it_changed():
    assert SourceFile("a", "", "").touches(7, 7)
    diff = SourceFile("a", "", "", changed=(LineRange(2, 3), LineRange(9, 9)))
    assert diff.touches(1, 2)
    assert diff.touches(9, 20)
    assert not diff.touches(4, 8)
    assert not SourceFile("a", "", "", changed=()).touches(1, 99)


def unit(text: str, *segments: Segment) -> Unit:
    """A unit of these pieces of `text`."""
    return Unit(
        path="a.py",
        language="python",
        kind="module",
        symbol="",
        start_line=1,
        end_line=9,
        text="".join(text[each.start : each.end] for each in segments),
        segments=segments,
    )


TEXT = "one\ntwo\nthree\nfour\n"


def test_a_place_in_a_unit_is_found_in_its_file():
    found = unit(TEXT, Segment(0, 4, 1), Segment(8, 14, 3))
    assert [TEXT[found.offset(at)] for at in range(len(found.text))] == list(found.text)
    assert found.offset(len(found.text)) == 14
    with pytest.raises(IndexError):
        found.offset(len(found.text) + 1)
    with pytest.raises(IndexError):
        unit(TEXT).offset(0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_unit_knows_its_lines_whatever_ends_them(end):
    text = TEXT.replace("\n", end)
    third = text.index("three")
    found = unit(text, Segment(0, text.index("two"), 1), Segment(third, len(text), 3))
    assert found.line_spans() == [(1, 1), (3, 4)]
    assert [found.holds_line(line) for line in range(6)] == [False, True, False, True, True, False]


def test_a_last_line_without_an_end_is_a_line_too():
    assert unit("one\ntwo", Segment(0, 7, 1)).line_spans() == [(1, 2)]
    assert unit("one", Segment(0, 3, 5)).line_spans() == [(5, 5)]
