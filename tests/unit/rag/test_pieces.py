"""A text in pieces: each token one, whatever a tokenizer says, and nothing that is not blank left out."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from sutazai.rag.pieces import Pieces

LONGEST, LONGEST_BLANK = 40, 256
texts = st.lists(st.sampled_from(["a", "word ", " ", "\n", "\u200b", "。", "x" * 90, " " * 300]), max_size=12).map(
    "".join
)
offsets = st.integers(0, 400)
tokens = st.lists(st.tuples(offsets, offsets), max_size=12)
ordered = st.lists(offsets, max_size=24).map(sorted).map(lambda at: list(zip(at[::2], at[1::2], strict=False)))


def said(text: str, spans: list[tuple[int, int]]) -> Iterator[int]:
    """Where pieces begin, told as plainly as it can be."""
    at = 0
    for first, last in [*spans, (len(text), len(text))]:
        begin, done = max(first, at), max(last, at)
        gap = text[at:begin]
        if not gap.isspace():
            begun = at + len(gap) - len(gap.lstrip())
            yield from range(begun, begun + len(gap.strip()), LONGEST)
        elif len(gap) > LONGEST_BLANK:
            yield from range(at, begin, LONGEST)
        yield from range(begin, done, LONGEST)
        at = done


@given(texts, tokens | ordered)
def test_pieces_are_those_of_the_rule_whatever_a_tokenizer_says(text, spans):
    inside = [(min(first, len(text)), min(last, len(text))) for first, last in spans]
    pieces = Pieces(text, 0, len(text), lambda _: inside)
    assert [pieces.start(at) for at in range(len(pieces))] == (list(said(text, inside)) if text else [])
    assert pieces.start(len(pieces)) == len(text)


def test_a_giant_word_is_many_pieces_and_so_are_blanks_without_end():
    def whole(text: str) -> list[tuple[int, int]]:
        return [(0, 100)]

    text = "x" * 100 + " " * 300
    assert len(Pieces(text, 0, len(text), whole)) == 3 + 8
    assert len(Pieces(text[:200], 0, 200, whole)) == 3


def test_a_long_text_is_given_to_the_tokenizer_in_stretches_that_end_at_blanks():
    seen = []

    def spans(text: str) -> list[tuple[int, int]]:
        seen.append(text)
        return [(at, at + 4) for at in range(0, len(text) - 4, 5)]

    text = "word " * 30_000
    pieces = Pieces(text, 0, len(text), spans)
    assert "".join(seen) == text
    assert len(seen) == 3
    assert all(each.endswith(" ") for each in seen)
    assert len(pieces) == 30_000
