"""A quote is found where it stands, or not at all."""

from hypothesis import given
from hypothesis import strategies as st

from sutazai.review.quotes import locate

CODE = "def f(a, b):\n    if a < b:\n        return a\n    if b < a:\n        return a\n"


def at(place):
    return None if place is None else CODE[place[0] : place[1]]


def test_a_verbatim_quote_is_found():
    assert at(locate(CODE, "if a < b:")) == "if a < b:"


def test_white_space_of_the_quote_does_not_count():
    assert at(locate(CODE, "if a<b:\n  return   a\n    if b")) == "if a < b:\n        return a\n    if b"


def test_a_quote_that_is_not_there_is_not_found():
    assert locate(CODE, "if a <= b:") is None


def test_a_quote_too_short_to_mean_a_place_is_not_found():
    assert locate(CODE, "a") is None
    assert locate(CODE, " \n ") is None


def test_of_several_places_the_one_on_the_line_spoken_about_is_taken():
    code = "total = price * 2\nrest = price * 2\n"
    place = locate(code, "price * 2", "the rest is wrong")
    assert place == (code.rindex("price"), len(code) - 1)


def test_of_several_places_equally_near_none_is_taken():
    assert locate(CODE, "return a", "it returns the wrong value") is None


@given(text=st.text(max_size=80), quote=st.text(max_size=20), about=st.text(max_size=20))
def test_a_place_always_lies_in_the_text_and_spells_the_quote(text, quote, about):
    place = locate(text, quote, about)
    if place is not None:
        start, end = place
        assert 0 <= start < end <= len(text)
        assert "".join(text[start:end].split()) == "".join(quote.split())
