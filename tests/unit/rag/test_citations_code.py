"""Code spells names shorter: the beginning of a name is enough to look there."""

import pytest

from sutazai.rag.citations_code import is_shortened, parts
from sutazai.rag.citations_terms import Term


def name(shown, kind="name"):
    """A name in a question."""
    return Term(kind, shown, frozenset({shown.casefold()}))


def test_identifiers_fall_into_their_parts_and_words_of_the_language_are_no_names():
    assert parts("def readHTTPHeader(win32_path): return int(x)") == {"read", "http", "header", "win", "path"}


@pytest.mark.parametrize(
    ("shown", "code", "found"),
    [("Windows", "win32", True), ("Postgres", "postgresql_url", True), ("Forbes", "for x in y", False),
     ("Japan", "win32", False), ("Go", "google", False), ("Authentication", "auth_token", True)],
)  # fmt: skip
def test_a_part_stands_for_a_name_that_it_begins_or_that_begins_it(shown, code, found):
    assert is_shortened(name(shown), parts(code)) is found


def test_only_names_are_shortened():
    assert not is_shortened(name("windows", "word"), parts("win32"))
    assert not is_shortened(name("win3", "code"), parts("win32"))
