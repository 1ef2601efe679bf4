"""All words are looked for at once; what is told is what a search for each would tell."""

from hypothesis import given
from hypothesis import strategies as st

from sutazai.analysis import hints
from sutazai.analysis.hints import Hints

ANY = st.text(st.sampled_from("ab(\u00e9\ud800\U0001f600\n"), max_size=40)
WORDS = st.lists(ANY.filter(bool), max_size=8)


@given(text=ANY, words=WORDS)
def test_it_tells_what_a_search_for_each_word_tells(text: str, words: list[str]):
    assert Hints(words).of(text) == {each for each in words if each in text}


def test_words_within_words_and_over_each_other_are_all_told():
    assert Hints(["execute", "cute", "exec", "tex"]).of("cursor.execute") == {"execute", "cute", "exec"}


def test_a_word_across_the_border_of_two_windows_is_found(monkeypatch):
    monkeypatch.setattr(hints, "_WINDOW_BYTES", 4)
    assert Hints(["password"]).of("my password") == {"password"}
    assert Hints(["pass", "\u00e9"]).of("xx\u00e9 pas") == {"\u00e9"}


def test_without_words_nothing_stands_anywhere():
    assert Hints([]).of("text") == frozenset()
