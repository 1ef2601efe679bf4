"""A filter's text becomes typed conditions, or an error that points at the place."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.errors.knowledge import FilterBad
from sutazai.rag.filters import MAX_CHARS, parsed_filter
from sutazai.sdk.document import Combined, Condition, Filter

DAY = datetime(2026, 1, 31, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)
OF_DAY = Combined("and", (Condition("added_at", ">=", DAY), Condition("added_at", "<", NEXT)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        (" \n", None),
        ("format=PDF", Condition("format", "=", "pdf")),
        ("Title = 'A b'", Condition("title", "=", "A b")),
        (r'title="say \"so\" \\ it"', Condition("title", "=", 'say "so" \\ it')),
        ("page >= 3", Condition("page", ">=", 3)),
        ("name~docs/(a)/**", Condition("name", "~", "docs/(a)/**")),
        ("(name~docs/**)", Condition("name", "~", "docs/**")),
        ("not (name~docs/** )", Combined("not", (Condition("name", "~", "docs/**"),))),
        ("tag=team=search", Condition("tag", "=", "team=search")),
        ("name=and", Condition("name", "=", "and")),
        ("symbol=''", Condition("symbol", "=", "")),
        ("added_at=2026-01-31", OF_DAY),
        ("added_at!=2026-01-31", Combined("not", (OF_DAY,))),
        ("added_at>2026-01-31", Condition("added_at", ">=", NEXT)),
        ("added_at<=2026-01-31", Condition("added_at", "<", NEXT)),
        ("added_at>=2026-01-31", Condition("added_at", ">=", DAY)),
        ("added_at<2026-01-31", Condition("added_at", "<", DAY)),
        ("modified_at<2026-01-31T00:00", Condition("modified_at", "<", DAY)),
        ("modified_at=2026-01-31T02:00+02:00", Condition("modified_at", "=", DAY)),
        (
            "format=pdf and page>=3 or not (name~docs/** )",
            Combined(
                "or",
                (
                    Combined("and", (Condition("format", "=", "pdf"), Condition("page", ">=", 3))),
                    Combined("not", (Condition("name", "~", "docs/**"),)),
                ),
            ),
        ),
        (
            "page=1 OR page=2 Or page=3",
            Combined("or", tuple(Condition("page", "=", each) for each in (1, 2, 3))),
        ),
        (
            "page=1 and (page=2 or page=3)",
            Combined(
                "and",
                (
                    Condition("page", "=", 1),
                    Combined("or", (Condition("page", "=", 2), Condition("page", "=", 3))),
                ),
            ),
        ),
    ],
)
def test_a_filter_is_understood(text, expected):
    assert parsed_filter(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("format", "at character 7: expected one of = != < <= > >= ~, found the end"),
        ("format=", "at character 8: expected a value, found the end"),
        ("formt=pdf", "at character 1: there is no field 'formt', did you mean 'format'?"),
        ("xyzzy=pdf", "at character 1: there is no field 'xyzzy', there are document, name"),
        ("page>=3 format=pdf", "at character 9: expected 'and', 'or' or the end, found 'format=pdf'"),
        ("page>=3 and", "at character 12: expected a condition such as format=pdf, found the end"),
        ("(page=1", "at character 8: expected a ')' for the '(' at character 1, found the end"),
        ("page=1)", r"at character 7: expected 'and', 'or' or the end, found ')'"),
        ("title='a", "at character 9: expected a closing quote, found the end"),
        ("page=three", "at character 6: a page is a number, not 'three'"),
        ("page=-1", "a page is a number"),
        ("page=²", "a page is a number"),
        ("page=99999999999999999999", "a page is a number"),
        ("page~3", "at character 5: 'page' takes = != < <= > >=, not ~"),
        ("added_at~x", "at character 9: 'added_at' takes"),
        ("name<x", "at character 5: 'name' takes = != ~, not <"),
        ("tag=team", "at character 5: a tag is KEY=VALUE"),
        ("added_at>yesterday", "at character 10: a date is written 2026-01-31"),
        ("added_at=2026-02-30", "a date is written"),
        ("added_at=9999-12-31", "a date is written"),
        ("not " * 11 + "page=1", "more than 10 brackets"),
        ("(" * 10 + "page=1" + ")" * 10, "more than 10 brackets"),
        ("page=1" + " " * MAX_CHARS, f"it is longer than {MAX_CHARS}"),
    ],
)
def test_an_error_points_at_the_place(text, reason):
    with pytest.raises(FilterBad) as failed:
        parsed_filter(text)
    assert reason in failed.value.message


def written(where: Filter) -> str:
    """A filter as text, every part in brackets."""
    if isinstance(where, Condition):
        value = where.value.isoformat() if isinstance(where.value, datetime) else str(where.value)
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{where.field} {where.operator}"{escaped}"'
    if where.operator == "not":
        return f"not ({written(where.parts[0])})"
    return f" {where.operator} ".join(f"({written(part)})" for part in where.parts)


texts = st.builds(
    Condition, st.sampled_from(["name", "title", "document", "symbol"]), st.sampled_from(["=", "!=", "~"]), st.text()
)
orders = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
pages = st.builds(Condition, st.just("page"), orders, st.integers(0, 999_999_999))
moments = st.builds(
    Condition, st.sampled_from(["added_at", "modified_at"]), orders, st.datetimes(timezones=st.just(UTC))
)
filters = st.recursive(
    texts | pages | moments,
    lambda inner: st.one_of(
        st.builds(lambda part: Combined("not", (part,)), inner),
        st.builds(
            lambda word, parts: Combined(word, tuple(parts)),
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=6,
)


@given(filters)
def test_what_was_written_is_read_back(where):
    assert parsed_filter(written(where)) == where


@given(st.text() | st.text(alphabet="page=1 ()andornot'\"~<>!"))
def test_any_text_is_understood_or_refused(text):
    with suppress(FilterBad):
        parsed_filter(text)
