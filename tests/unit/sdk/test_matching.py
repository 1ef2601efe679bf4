"""A filter means the same to every store."""

import re
from datetime import UTC, datetime

import pytest

from sutazai.sdk.document import Chunk, Combined, Condition, DocumentRecord
from sutazai.sdk.matching import glob_regex, matches

ADDED = datetime(2026, 3, 1, tzinfo=UTC)
RECORD = DocumentRecord(
    "d1", "docs/a/b.md", "/docs/a/b.md", "markdown", "Basket", "0", 1, 1, 1, 1, ADDED, tags={"team": "search"}
)
CHUNK = Chunk("c", "d1", 0, 0, 1, "x", page=3, end_page=4, symbol="Basket.add")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition("document", "=", "d1"), True),
        (Condition("document", "=", "d"), False),
        (Condition("document", "!=", "d"), True),
        (Condition("name", "~", "docs/**"), True),
        (Condition("name", "~", "docs/*"), False),
        (Condition("name", "~", "**/b.?d"), True),
        (Condition("name", "~", "docs/a/b"), False),
        (Condition("format", "=", "markdown"), True),
        (Condition("title", "=", "basket"), False),
        (Condition("symbol", "~", "Basket.*"), True),
        (Condition("page", "=", 3), True),
        (Condition("page", "=", 4), True),
        (Condition("page", "!=", 4), False),
        (Condition("page", "=", 5), False),
        (Condition("page", ">=", 4), True),
        (Condition("page", ">", 4), False),
        (Condition("page", "<", 3), False),
        (Condition("page", "<=", 3), True),
        (Condition("tag", "=", "team=search"), True),
        (Condition("tag", "=", "team=other"), False),
        (Condition("tag", "!=", "team=other"), True),
        (Condition("tag", "~", "team=*"), True),
        (Condition("added_at", ">=", ADDED), True),
        (Condition("added_at", "<", ADDED), False),
        (Condition("modified_at", "<", ADDED), False),
        (Condition("modified_at", "!=", ADDED), True),
    ],
)
def test_a_condition_holds_or_not(condition, expected):
    assert matches(condition, RECORD, CHUNK) is expected


def test_a_chunk_without_pages_has_none_that_fits():
    paged = [Condition("page", operator, 0) for operator in ("=", ">=", "<=")]
    chunk = Chunk("c", "d1", 0, 0, 1, "x")
    assert [matches(each, RECORD, chunk) for each in paged] == [False] * 3
    assert matches(Condition("page", "!=", 1), RECORD, chunk)


def test_conditions_are_joined():
    yes, no = Condition("document", "=", "d1"), Condition("document", "=", "x")
    assert matches(Combined("and", (yes, yes)), RECORD, CHUNK)
    assert not matches(Combined("and", (yes, no)), RECORD, CHUNK)
    assert matches(Combined("or", (no, yes)), RECORD, CHUNK)
    assert not matches(Combined("or", (no, no)), RECORD, CHUNK)
    assert matches(Combined("not", (no,)), RECORD, CHUNK)
    assert matches(None, RECORD, CHUNK)


@pytest.mark.parametrize(
    ("glob", "name", "expected"),
    [
        ("**/x", "x", True),
        ("a/**/x", "a/x", True),
        ("a/**/x", "a/b/c/x", True),
        ("a**", "a/b", True),
        ("*.md", "a/b.md", False),
        ("a+(b)[c].md", "a+(b)[c].md", True),
        ("?", "/", False),
        ("", "", True),
    ],
)
def test_a_glob_stays_in_its_folder_unless_it_has_two_stars(glob, name, expected):
    assert bool(re.fullmatch(glob_regex(glob), name)) is expected
