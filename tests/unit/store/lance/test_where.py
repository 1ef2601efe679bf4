"""Filters as expressions: what a field does not have is refused, and a value is a literal whatever it holds."""

from datetime import UTC, datetime

import pytest

from sutazai.errors.knowledge import FilterBad
from sutazai.sdk.document import Combined, Condition, Filter
from sutazai.store.lance.where import expression, literal


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (Condition("page", "~", "1"), "does not take ~"),
        (Condition("page", "=", "one"), "a page is a number"),
        (Condition("added_at", "=", "yesterday"), "needs a date"),
        (Condition("added_at", "~", datetime(2026, 1, 1, tzinfo=UTC)), "does not take ~"),
        (Condition("tag", "<", "a=b"), "a tag takes"),
        (Condition("name", "~", "*" * 1001), "at most 1000 characters"),
        (Condition("name", "LIKE", "a"), "does not take LIKE"),
        (Condition("1=1 OR name", "=", "a"), "no such field"),
    ],
)
def test_what_a_field_does_not_have_is_refused(condition, reason):
    with pytest.raises(FilterBad, match=reason):
        expression(condition)


def test_a_filter_nested_without_end_is_refused():
    where: Filter = Condition("name", "=", "a")
    for _ in range(30):
        where = Combined("and", (where, Condition("name", "=", "b")))
    with pytest.raises(FilterBad, match="too deeply"):
        expression(where)


def test_not_is_moved_to_the_conditions():
    where = Combined("not", (Combined("or", (Condition("name", "!=", "a"), Condition("name", "=", "b"))),))
    assert expression(where) == "((name = 'a') AND ((name = 'b') IS NOT TRUE))"


def test_nothing_to_filter_is_no_expression():
    assert (expression(None), expression(None, "ordinal = 1")) == ("", "(ordinal = 1)")


def test_a_quote_in_a_value_stays_in_the_literal():
    assert literal("' OR '1'='1") == "''' OR ''1''=''1'"
    assert expression(Condition("name", "~", "*'\\)")) == r"(regexp_like(name, '^(?s:[^/]*\x{27}\x{5c}\x{29})$'))"
