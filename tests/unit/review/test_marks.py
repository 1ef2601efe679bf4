"""A mark for ruff or bandit silences every engine on its line, for the class of fault it names and no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.analysis.pack import read_pack
from sutazai.review.marks import CWES_OF_CODES, marks_of
from sutazai.review.merge import classes
from sutazai.review.suppress import by_comments
from sutazai.sdk.finding import Category, Finding
from sutazai.sdk.source import SourceFile
from tests.unit.review.made import made


def judged(text: str, *, language: str = "python", to: int = 0, **changes) -> Finding:
    """A finding of injection into SQL on the first line, as the marks of `text` leave it."""
    finding = made(to=to, engines=("taint",), **changes)
    marks = marks_of({"a.py": SourceFile("a.py", text, language)}, [finding])
    return by_comments([finding], marks)[0]


@pytest.mark.parametrize(
    "mark",
    [
        "# noqa: S608",
        "#noqa:S608",
        "# NOQA : s608",
        "# noqa: E501, S608",
        "# noqa: E501 S608 the table comes from a list",
        "# type: ignore  # noqa: S608",
        "# noqa: S610",
        "# nosec",
        "# nosec the table comes from a list",
        "# nosec: B608",
        "#nosec B105, B608",
        "# nosec B608 # noqa: E501",
    ],
)
def test_a_mark_about_the_fault_silences_any_engine(mark):
    assert judged(f"run(x)  {mark}\n").suppressed is not None


@pytest.mark.parametrize(
    "mark",
    [
        "# noqa",
        "# noqa: E501",
        "# noqa: S6080",
        "# noqa: PLS608",
        "# noqa: S602",
        "# noqa S608",
        "# ruff: noqa: S608",
        "# nosec B602",
        "# nosec: hardcoded_tmp_directory",
        "# nosecurity",
        "# nosec-file",
        "# S608",
        "; '# nosec'",
        "; f'# noqa: S608 {y}'",
    ],
)
def test_any_other_comment_or_text_silences_nothing(mark):
    assert judged(f"run(x)  {mark}\n").suppressed is None


def test_a_mark_holds_on_every_line_of_what_was_found_and_on_no_other():
    text = "run(\n    x,  # nosec\n)\nrun(y)\n"
    assert judged(text).suppressed is None
    assert judged(text, line=4).suppressed is None
    assert judged(text, to=2).suppressed is not None
    assert judged(text, to=9).suppressed is not None


def test_a_mark_says_what_it_is_and_why():
    suppressed = judged("run(x)  # noqa: S608 (from a list)\n").suppressed
    assert suppressed is not None
    assert (suppressed.by, suppressed.reason) == ("comment", "noqa: S608 (from a list)")


def test_classes_that_name_one_fault_from_several_sides_count_as_one():
    assert judged("x  # noqa: S324\n", cwe=(916,)).suppressed is not None
    assert judged("x  # nosec B603\n", cwe=(88,)).suppressed is not None


def test_only_what_is_about_security_is_silenced():
    assert judged("x  # nosec\n", category=Category.BUG).suppressed is None
    assert judged("x  # noqa: S608\n", category=Category.PERFORMANCE).suppressed is None
    assert judged("x  # nosec\n", category=Category.SECRET, cwe=(798,)).suppressed is not None


def test_marks_of_python_mean_nothing_elsewhere():
    assert judged("run(x)  # nosec\n", language="ruby").suppressed is None


def test_a_file_that_is_no_part_of_the_review_has_no_marks():
    assert marks_of({}, [made()]) == []


@pytest.mark.parametrize("rule", read_pack("ruff-security").values(), ids=lambda rule: rule.rule.id)
def test_every_code_of_bandit_means_what_it_means_for_ruff(rule):
    """What we take over from ruff under a code and what a mark of that code silences are the same class."""
    for code in rule.data["ruff"]:
        if code.startswith("S"):
            assert classes(rule.rule.cwe) <= classes(CWES_OF_CODES[code[1:]])


@given(st.text(alphabet="# noqasecSB608:,\n'\"(x)", max_size=60))
def test_any_text_is_read(text):
    judged(text, to=4)
