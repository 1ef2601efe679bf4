"""Next tokens are shared out among the continuations they begin."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.review.recipes import slips
from sutazai.review.recipes.sites import sites
from sutazai.review.recipes.walk import Site, Slip
from sutazai.review.recipes.weigh import gains
from sutazai.sdk.chat import TokenLogprob

TEXT = "def f(a, b):\n    if a < b:\n        return a[1]\n    return 10\n"


def top(*pairs):
    return [TokenLogprob(token, logprob) for token, logprob in pairs]


def gain(replacement, *pairs, written="<", text=TEXT):
    for site in sites(text, "python", variables=False):
        for slip in site.slips:
            if slip.replacement == replacement and text[slip.start : slip.end] == written:
                return gains(text, site, top(*pairs)).get(slip)
    raise AssertionError(replacement)


def test_the_gain_is_the_difference_of_log_probabilities():
    assert gain("<=", (" <=", -0.5), (" <", -2.0)) == pytest.approx(1.5)


def test_a_token_that_reaches_into_what_follows_counts():
    assert gain("0", ("0]", -0.5), ("1]\n", -2.0), written="1") == pytest.approx(1.5)


def test_tokens_that_begin_the_same_spelling_are_summed():
    both = math.log(math.exp(-1.0) + math.exp(-1.0))
    assert gain("<=", (" <=", -1.0), (" <= b", -1.0), (" <", -3.0)) == pytest.approx(both + 3.0)


def test_a_written_text_that_no_token_begins_is_at_most_as_likely_as_the_last_token():
    assert gain("<=", (" <=", -0.5), (" ==", -4.0), (" is", -7.0)) == pytest.approx(6.5)


def test_an_alternative_that_no_token_begins_has_no_gain():
    assert gain("<=", (" <", -0.5), (" is", -7.0)) is None


def test_a_token_that_could_be_either_counts_for_neither():
    text = "def f(a, b):\n    return a[1] + b[1]\n"
    assert gain("0", (" ", -0.1), ("0", -3.0), ("1", -1.0), written="1", text=text) == pytest.approx(-2.0)


def test_a_token_that_may_begin_the_written_name_counts_for_it():
    text = "def f(candidates, candidate_set):\n    return candidate_set\n"
    [slip] = [each for site in sites(text, "python") for each in site.slips if each.replacement == "candidates"]
    asked = top((" candidate", -0.1), (" candidates", -3.0), (" x", -9.0))
    assert gains(text, Site(slip.start - 1, (slip,)), asked)[slip] == pytest.approx(-2.9)


def test_a_short_operator_is_not_taken_for_the_start_of_a_longer_one():
    text = "def f(a, b):\n    return a <= b\n"
    assert gain("<", (" <", -0.5), (" <=", -2.5), written="<=", text=text) == pytest.approx(2.0)


def test_any_line_end_ends_the_last_line():
    text = "def f(a):\n    return a[1:]\n"
    site = Site(len(text) - 1, (Slip(len(text) - 1, len(text) - 1, " - 1", slips.OFFSET),))
    [value] = gains(text, site, top(("\n\n", -0.2), (" -", -2.2))).values()
    assert value == pytest.approx(-2.0)


def test_a_deeper_and_a_shallower_line_are_told_apart():
    text = "def f(a):\n    for b in a:\n        print(b)\n        return b\n"
    assert gain("    ", ("   ", -0.5), ("       ", -3.5), written="        ", text=text) == pytest.approx(3.0)


def test_without_alternatives_there_is_no_gain():
    assert gains(TEXT, sites(TEXT, "python")[0], []) == {}


@given(
    tokens=st.lists(
        st.tuples(st.text(max_size=5), st.floats(min_value=-60, max_value=2, allow_nan=False)), min_size=1, max_size=20
    )
)
def test_any_tokens_give_finite_gains_of_slips_of_the_site(tokens):
    for site in sites(TEXT, "python"):
        for slip, value in gains(TEXT, site, top(*tokens)).items():
            assert slip in site.slips
            assert math.isfinite(value)
