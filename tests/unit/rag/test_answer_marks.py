"""Marks are told from the words of an answer, and two texts compare by their words."""

import pytest

from sutazai.rag.answer_marks import bare, has_mark, without_marks


def test_marks_go_with_the_blanks_before_them():
    assert without_marks("Oil it. [1][12] Rest [2].") == "Oil it. Rest."
    assert without_marks("a[0] = b[x]") == "a = b[x]"


@pytest.mark.parametrize(("text", "found"), [("Oil it. [1]", True), ("a[0]", True), ("a[x] [] (1)", False)])
def test_only_a_number_in_brackets_is_a_mark(text, found):
    assert has_mark(text) is found


def test_lines_case_marks_and_the_full_stop_make_no_difference():
    assert bare("Oil the\n  Pump. [1]") == bare("oil the pump") == "oil the pump"
    assert bare("Oil the pump now.") != bare("Oil the pump.")
