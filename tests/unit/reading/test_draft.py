"""The draft that every parser fills."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.reading import draft as draft_module
from sutazai.reading.draft import Draft, clean, one_line
from sutazai.reading.failure import NoText, TooLarge
from sutazai.sdk.document import Heading, Page

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)


def test_blocks_are_parted_by_an_empty_line_and_headings_keep_their_place():
    draft = Draft()
    draft.heading(1, "  Fruit \n bowls ")
    draft.paragraph("An apple.\r\nA pear.")
    draft.code("  if x:\n    y")
    document = draft.finish("docx")
    assert document.text == "Fruit bowls\n\nAn apple.\nA pear.\n\n  if x:\n    y"
    assert document.headings == (Heading(1, "Fruit bowls", 0),)
    assert document.format == "docx"


def test_pages_cover_the_text_from_the_first_block_of_each():
    draft = Draft()
    for number, text in ((1, "one"), (2, ""), (3, "three")):
        draft.page(number)
        draft.paragraph(text)
    document = draft.finish("pdf")
    assert document.text == "one\n\nthree"
    assert document.pages == (Page(1, 0, 3), Page(2, 3, 5), Page(3, 5, 10))


def test_a_paragraph_that_goes_on_over_a_page_is_joined_by_a_blank():
    draft = Draft()
    draft.page(1)
    draft.paragraph("It rains")
    draft.page(2)
    draft.paragraph("all day.", continues=True)
    document = draft.finish("pdf")
    assert document.text == "It rains all day."
    assert document.pages[1].start == document.text.index("all")


def test_only_a_paragraph_goes_on():
    draft = Draft()
    draft.heading(1, "Rain")
    draft.paragraph("all day.", continues=True)
    assert draft.finish("pdf").text == "Rain\n\nall day."


def test_rows_that_follow_one_another_are_one_table():
    draft = Draft()
    draft.table_row(["Name", "Price\n(EUR)"])
    draft.table_row(["", ""])
    draft.table_row(["apple", "", "3", ""])
    draft.end_block()
    draft.table_row(["other", "table"])
    draft.table([["third", "one"]])
    document = draft.finish("xlsx")
    assert document.text == "Name | Price (EUR)\napple |  | 3\n\nother | table\n\nthird | one"
    assert [document.text[start:end] for start, end in document.tables] == document.text.split("\n\n")


def test_items_stand_on_neighbouring_lines():
    draft = Draft()
    draft.paragraph("Buy:")
    draft.item("- milk")
    draft.item("- bread ")
    draft.paragraph("Thanks.")
    assert draft.finish("docx").text == "Buy:\n\n- milk\n- bread\n\nThanks."


def test_text_taken_verbatim_keeps_blank_lines_and_marks_count_from_its_start():
    draft = Draft(language="python")
    draft.paragraph("before")
    start = draft.verbatim("\n\nx = 1\n")
    draft.mark_heading(12, "x", start + 2)
    draft.mark_table(start, start + 2)
    document = draft.finish("code")
    assert document.text == "before\n\n\n\nx = 1\n"
    assert document.headings == (Heading(9, "x", 10),)
    assert document.tables == ((8, 10),)
    assert document.language == "python"
    assert draft.verbatim("") == draft.length


def test_blocks_without_text_add_nothing():
    draft = Draft()
    draft.heading(1, " \u200b ")
    draft.paragraph("\n\n")
    draft.item("  ")
    draft.code("\n \n")
    draft.mark_heading(1, " ", 0)
    with pytest.raises(NoText):
        draft.finish("docx")


def test_a_text_of_blanks_is_none():
    draft = Draft()
    draft.verbatim(" \n ")
    with pytest.raises(NoText):
        draft.finish("text")


def test_notes_are_kept_once_and_few():
    draft = Draft()
    draft.paragraph("x")
    for number in range(50):
        draft.note(f"page {number // 2}\nhas no text")
    notes = draft.finish("pdf").notes
    assert len(notes) == 20
    assert notes[0] == "page 0 has no text"


def test_the_title_is_one_clean_line():
    draft = Draft()
    draft.paragraph("x")
    draft.title = " A\u202e\n report " + "!" * 1000
    title = draft.finish("pdf").title
    assert title.startswith("A report !")
    assert len(title) == 500


@pytest.mark.parametrize("add", ["paragraph", "verbatim", "code", "item"])
def test_text_over_the_limit_is_refused_by_every_way_in(add: str):
    draft = Draft(max_chars=100)
    with pytest.raises(TooLarge, match="longer than 100 characters"):
        getattr(draft, add)("x" * 101)


def test_many_small_blocks_meet_the_limit_too():
    draft = Draft(max_chars=100)
    with pytest.raises(TooLarge):
        draft.table([["a"]] * 100)


def test_pages_headings_and_tables_have_limits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(draft_module, "_MAX_MARKS", 1)
    draft = Draft(max_pages=1)
    draft.page(1)
    draft.heading(1, "a")
    draft.table([["a"]])
    for add in (lambda: draft.page(2), lambda: draft.heading(1, "b"), lambda: draft.table([["b"]])):
        with pytest.raises(TooLarge, match="more than 1"):
            add()


def test_progress_is_told_once_a_page_also_where_it_was_reached_before():
    told: list[int] = []
    draft = Draft(on_page=told.append)
    draft.reached(1)
    draft.page(1)
    draft.page(2)
    assert told == [1, 2]


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\0b\x1bc\x7f", "abc"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("left\u202eright\u2066x", "leftrightx"),
        ("\U000e0041hidden", "hidden"),
        ("page\fbreak\u2028line", "page break line"),
        ("\ud800", "\ufffd"),
        ("e\u0301", "é"),
        ("\ufb01nance \ufefb", "finance \u0644\u0627"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
    ],
)
def test_odd_characters_are_made_plain(given_text: str, expected: str):
    assert clean(given_text) == expected


@settings(deadline=None)
@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_and_lines_stay(text: str):
    once = clean(text)
    assert clean(once) == once
    assert once.count("\n") == text.replace("\r\n", "\n").replace("\r", "\n").count("\n")
    assert unicodedata.is_normalized("NFC", once)
    once.encode()


@settings(deadline=None)
@given(ANY_TEXT)
def test_one_line_is_one_line(text: str):
    assert "\n" not in one_line(text)
    assert one_line(text) == one_line(one_line(text))


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["paragraph", "item", "code", "verbatim", "note"]), ANY_TEXT),
            st.tuples(st.just("heading"), st.integers(-3, 20), ANY_TEXT),
            st.tuples(st.just("table_row"), st.lists(ANY_TEXT, max_size=3)),
            st.tuples(st.just("page"), st.integers(1, 9)),
            st.tuples(st.just("end_block")),
        ),
        max_size=20,
    )
)
def test_every_place_lies_in_the_text_and_is_what_it_says(steps: list[tuple[object, ...]]):
    draft = Draft()
    for name, *arguments in steps:
        getattr(draft, str(name))(*arguments)
    try:
        document = draft.finish("docx")
    except NoText:
        return
    assert len(document.text) == draft.length
    assert all(document.text.startswith(each.title, each.start) for each in document.headings)
    assert all(0 <= start < end <= len(document.text) for start, end in document.tables)
    starts = [each.start for each in document.pages]
    assert starts == sorted(starts)
    assert all(one.end == other.start for one, other in zip(document.pages, document.pages[1:], strict=False))
