"""Lines in order, in paragraphs and without what repeats: nothing is lost on the way, and odd joints come out right."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.reading.pdf.columns import in_order
from sutazai.reading.pdf.flow import Block, blocks_of, join_two, joined
from sutazai.reading.pdf.furniture import without_furniture
from sutazai.reading.pdf.headings import body_height, mark_by_outline, mark_by_size
from sutazai.reading.pdf.lines import Line, TextPage

PLACES = st.floats(0, 600).map(lambda number: round(number, 1))


def line(text: str, left: float = 70, bottom: float = 700, *, width: float = 400, height: float = 12) -> Line:
    return Line(text, left, left + width, bottom, bottom + height, 0, left + width)


@st.composite
def pages(draw: st.DrawFn) -> list[Line]:
    """Lines anywhere on a page, some of them in rows and columns."""
    words = st.lists(st.text("abcdeXYZ-.", min_size=1, max_size=8), min_size=1, max_size=9).map(" ".join)
    found = []
    for index, text in enumerate(draw(st.lists(words, min_size=1, max_size=14))):
        height = draw(st.sampled_from([8.0, 12.0, 20.0]))
        where = draw(st.sampled_from(["left", "right", "wide", "any"]))
        left, width = {"left": (70, 200), "right": (320, 200), "wide": (70, 450)}.get(
            where, (draw(PLACES), draw(PLACES))
        )
        bottom = 700 - 12.0 * index if where != "any" else draw(PLACES)
        found.append(line(text, left, bottom, width=width, height=height))
    at = 0
    for each in found:
        each.at = at
        at += len(each.text) + 2
    return found


def letters(texts: list[str]) -> Counter[str]:
    return Counter("".join("".join(text.split()) for text in texts))


def evenly(lines: list[Line], at: int) -> tuple[float, float, float, float]:
    """Where a character stands if all of a line are equally wide, but for a hole in the middle of wide lines."""
    each = next(one for one in reversed(lines) if one.at <= at)
    share = (at - each.at) / max(len(each.text), 1)
    hole = 40 if share > 0.5 and each.right - each.left > 300 else 0
    left = each.left + share * (each.right - each.left - 40) + hole
    return left, left + 5, each.bottom, each.top


@settings(deadline=None)
@given(pages())
def test_ordering_loses_nothing(lines: list[Line]):
    before = letters([each.text for each in lines])
    copies = list(lines)
    ordered = in_order(lines, lambda at: evenly(copies, at))
    assert letters([each.text for each in ordered]) == before


@settings(deadline=None)
@given(pages(), st.sets(st.text("abcde-", max_size=9)))
def test_joining_loses_nothing_but_hyphens(lines: list[Line], words: set[str]):
    joined_text = [joined(each, words) for each in blocks_of(lines)]
    before, after = letters([each.text for each in lines]), letters(joined_text)
    assert before - after <= Counter({"-": before["-"]})
    assert not after - before


@settings(max_examples=40, deadline=None)
@given(st.lists(pages(), max_size=6))
def test_no_page_is_emptied_and_two_pages_are_left_alone(book: list[list[Line]]):
    kept = without_furniture(book, body_height(book))
    assert [bool(each) for each in kept] == [bool(each) for each in book]
    if len(book) < 3:
        assert kept == book


@settings(deadline=None)
@given(st.lists(pages(), max_size=3), st.lists(st.tuples(st.integers(1, 9), st.text(max_size=9), st.integers(0, 5))))
def test_any_outline_and_any_sizes_are_borne(book: list[list[Line]], outline: list[tuple[int, str, int]]):
    mark_by_outline(book, outline)
    mark_by_size(book, body_height(book))
    assert all(0 <= each.level <= 9 for lines in book for each in lines)


@pytest.mark.parametrize(
    ("text", "more", "words", "expected"),
    [
        ("a docu-", "ment here", set(), "a document here"),
        ("a well-", "known fact", {"well-known"}, "a well-known fact"),
        ("a well-", "known fact", {"well-known", "wellknown"}, "a wellknown fact"),
        ("of COVID-", "19 cases", set(), "of COVID-19 cases"),
        ("of Anglo-", "Saxon kings", set(), "of Anglo-Saxon kings"),
        ("a dash -", "then more", set(), "a dash - then more"),
        ("from 3-", "4 people", set(), "from 3- 4 people"),
    ],
)
def test_a_hyphen_at_a_line_end_is_taken_for_what_it_is(text: str, more: str, words: set[str], expected: str):
    assert join_two(text, more, words) == expected


def test_pieces_of_one_line_are_one_line():
    lines = [line("H", width=10), line("2", 80, 697, width=4), line("O is water", 84, width=90)]
    assert [joined(each, set()) for each in blocks_of(lines)] == ["H 2 O is water"]


def test_an_indented_line_after_a_full_stop_begins_a_paragraph():
    lines = [line("One ends here.", width=400), line("Two begins", 90, 688, width=380), line("and goes on.", 70, 676)]
    assert [len(each.lines) for each in blocks_of(lines)] == [1, 2]


def test_a_sentence_that_changes_the_column_goes_on():
    lines = [line("it rains", 70, 100, width=200), line("all day long", 320, 700, width=200)]
    assert len(blocks_of(lines)) == 1
    lines[0].text = "It rains."
    assert len(blocks_of(lines)) == 2


@pytest.mark.parametrize("drawn", ["as said", "as seen"])
def test_a_word_from_right_to_left_that_pdfium_gives_as_it_is_drawn_is_turned_round(drawn: str):
    """As it does with what Chromium prints; the places of its first and last letter tell."""
    said = "\u0645\u0631\u062d\u0628\u0627"
    page = object.__new__(TextPage)
    step = 5 if drawn == "as seen" else -5
    page.edges = lambda at: (300.0 + step * at, 305.0 + step * at, 0.0, 12.0)
    given_text = said[::-1] if drawn == "as seen" else said
    assert page._line(f"{given_text} 2024", 0, wide=False).text == f"{said} 2024"


def test_cells_of_a_table_are_no_columns():
    """They are short; lines of prose fill their column."""
    cells = [
        line(f"{name} {row}", left, 700 - 20 * row - lower, width=width)
        for row in range(8)
        for name, left, width, lower in (("item", 70, 60, 0), ("price in EUR", 330, 70, 8))
    ]
    cells.append(line("a line of text that is as wide as the page", bottom=760, width=450))
    assert in_order(list(cells), lambda at: evenly(cells, at)) == cells


def test_columns_drawn_in_turn_are_parted():
    rows = [
        line(f"{side} {'words that fill the column ' * 2}{row}", left, 700 - 20 * row - lower, width=210)
        for row in range(8)
        for side, left, lower in (("L", 70, 0), ("R", 330, 8))
    ]
    ordered = in_order(list(rows), lambda at: evenly(rows, at))
    assert [each.text[0] for each in ordered] == ["L"] * 8 + ["R"] * 8


def test_a_title_on_two_lines_is_one_heading():
    lines = [line("The long", bottom=700, height=20), line("title", bottom=676, height=20), line("text", bottom=640)]
    assert mark_by_outline([lines], [(1, "The long title", 0)])
    assert [(each.level, joined(each, set())) for each in blocks_of(lines)] == [(1, "The long title"), (0, "text")]


def test_a_chapters_running_header_goes_though_other_chapters_have_their_own():
    book = [
        [
            line(f"{chapter} {ord(page)}", bottom=800),
            line(f"words {page}", bottom=700),
            line(f"{page} {chapter}", bottom=688),
        ]
        for chapter in ("Apples", "Pears", "Plums")
        for page in "abcdefgh"
    ]
    texts = [each.text for page in without_furniture(book, 12) for each in page]
    assert not any(each.startswith(("Apples", "Pears", "Plums")) for each in texts)
    assert len(texts) == 48


def test_a_block_knows_its_level_and_keeps_no_line_ends_as_a_heading():
    block = Block([line("Short", width=50), line("title", width=50)], level=1)
    for each in block.lines:
        each.limit = 500
    assert joined(block, set()) == "Short title"
    block.lines[1].bottom -= 12
    block.level = 0
    assert joined(block, set()) == "Short\ntitle"
