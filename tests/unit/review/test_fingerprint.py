"""A fingerprint stays with its fault while lines move, and tells equal faults apart."""

import random
import re

from hypothesis import given
from hypothesis import strategies as st

from sutazai.review.fingerprint import fingerprinted, moved
from sutazai.sdk.finding import Category, Severity
from tests.unit.review.made import FINDINGS, made


def prints(*findings):
    """The fingerprints, in order of place."""
    return [each.fingerprint for each in fingerprinted(findings)]


def test_a_fingerprint_names_its_version():
    assert re.fullmatch(r"v1:[0-9a-f]{32}", prints(made())[0])


@given(line=st.integers(1, 5000), column=st.integers(1, 200), blanks=st.text(" \t\r\n\f\v", min_size=1, max_size=8))
def test_a_finding_keeps_its_fingerprint_when_its_line_moves_or_is_indented_anew(line, column, blanks):
    before = made(3, quote="if run(x):\n    stop( y )")
    after = made(line, column=column, quote=f"{blanks}if{blanks}run(x):{blanks}stop({blanks}y{blanks})")
    assert prints(before) == prints(after)


def test_what_is_said_and_how_surely_does_not_matter():
    other = made(message="other", confidence=0.9, explanation="e", severity=Severity.LOW, rule="other")
    assert prints(made()) == prints(other)
    assert prints(made()) == prints(made(engines=("model:claims",)))


def test_what_the_fault_is_and_where_it_belongs_matters():
    kinds = [
        made(),
        made(path="b.py"),
        made(quote="run(y)"),
        made(symbol="other"),
        made(cwe=(78,)),
        made(cwe=()),
        made(category=Category.BUG),
    ]
    assert len({prints(each)[0] for each in kinds}) == len(kinds)


def test_two_equal_findings_are_told_apart_by_their_order():
    one, two = prints(made(3), made(9))
    assert one != two
    assert prints(made(30), made(12)) == [one, two]
    assert prints(made(5)) == [one]


def test_secrets_without_a_quote_are_told_apart_by_their_rule():
    first = made(quote="", rule="aws-key", category=Category.SECRET, cwe=(798,))
    assert prints(first) != prints(first.but(rule="github-token"))


def test_a_static_finding_keeps_its_fingerprint_when_a_model_sees_an_equal_one_before_it():
    static, model = made(9), made(3, engines=("model:claims",))
    named = {each.engines: each.fingerprint for each in fingerprinted([model, static])}
    assert named["ruff",] == prints(static)[0]


@given(findings=st.lists(FINDINGS, max_size=8), seed=st.randoms(use_true_random=False))
def test_fingerprints_are_unique_and_independent_of_order(findings, seed: random.Random):
    shuffled = list(findings)
    seed.shuffle(shuffled)
    assert len(set(prints(*findings))) == len(findings)
    assert sorted(prints(*findings)) == sorted(prints(*shuffled))


def test_a_moved_file_is_recognised_without_its_path():
    assert moved(made()) == moved(made(40, path="sub/other.py"))
    assert moved(made()) != moved(made(symbol="other"))


def test_text_that_utf8_cannot_hold_has_a_fingerprint():
    assert prints(made(quote="\udcff"))[0] != prints(made(quote="?"))[0]
