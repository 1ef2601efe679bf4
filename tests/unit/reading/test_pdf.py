"""PDF files, written here with a real structure, read page by page."""

import pytest

from sutazai.reading.draft import Draft
from sutazai.reading.failure import Broken, Encrypted, NoText, TooLarge
from sutazai.reading.formats import pdf as pdf_module
from sutazai.reading.formats.pdf import parse
from sutazai.sdk.document import ParsedDocument
from tests.support.pdf import PICTURE, Pdf

TALE = "the cat sat on a warm mat and looked at birds that sang in an old tree near our house all day long"
WORDS = TALE.split()


def read(pdf: Pdf) -> ParsedDocument:
    draft = Draft()
    parse(pdf.data(), draft)
    return draft.finish("pdf")


def sentence(start: int, count: int) -> str:
    return " ".join(WORDS[(start + each) % len(WORDS)] for each in range(count))


def page_text(document: ParsedDocument, number: int) -> str:
    page = document.pages[number - 1]
    return document.text[page.start : page.end].strip()


def prose(pdf: Pdf, top: float = 700, lines: int = 6) -> Pdf:
    return pdf.lines(70, top, [sentence(each, 20) for each in range(lines)])


def test_each_page_has_its_number_and_its_stretch_of_the_text():
    pdf = Pdf()
    for number in (1, 2, 3):
        pdf.page().text(70, 700, f"This is page {number}.")
    document = read(pdf)
    assert [page.number for page in document.pages] == [1, 2, 3]
    assert [page_text(document, number) for number in (1, 2, 3)] == [f"This is page {each}." for each in (1, 2, 3)]
    assert document.page_at(document.text.index("page 3")) == 3


def test_lines_of_a_paragraph_are_joined_and_paragraphs_stay_apart():
    pdf = Pdf().page()
    pdf.lines(70, 700, [sentence(0, 20), sentence(3, 20), "and ends here."])
    pdf.lines(70, 640, [sentence(5, 20), "as all things do."])
    assert read(pdf).text == (
        f"{sentence(0, 20)} {sentence(3, 20)} and ends here.\n\n{sentence(5, 20)} as all things do."
    )


def test_short_lines_keep_their_ends():
    pdf = Pdf().page()
    pdf.text(70, 700, sentence(0, 20))
    pdf.lines(70, 660, ["red apples", "green pears", "yellow plums"])
    assert "red apples\ngreen pears\nyellow plums" in read(pdf).text


def test_items_of_a_list_keep_their_lines():
    pdf = Pdf().page()
    pdf.lines(70, 700, [f"- {sentence(0, 19)}", f"- {sentence(2, 19)}", f"- {sentence(4, 19)}"])
    assert read(pdf).text.count("\n- ") == 2


def test_a_word_that_a_line_end_cuts_is_whole_again():
    pdf = Pdf().page()
    pdf.lines(70, 700, [f"{sentence(0, 17)} docu-", f"mentation {sentence(2, 17)}"])
    assert "documentation" in read(pdf).text


def test_a_compound_keeps_its_hyphen_where_the_document_writes_it_so():
    pdf = Pdf().page()
    pdf.lines(70, 700, [f"{sentence(0, 17)} well-", f"known {sentence(2, 17)}", "a well-known cat and its friend."])
    text = read(pdf).text
    assert text.count("well-known") == 2
    assert "wellknown" not in text


def test_a_word_cut_by_the_end_of_a_page_stands_whole_on_the_first():
    pdf = Pdf().page()
    prose(pdf, 120, 3).text(70, 84, f"{sentence(0, 17)} docu-")
    pdf.page().lines(70, 750, [f"mentation {sentence(2, 18)}", sentence(3, 20)])
    document = read(pdf)
    assert page_text(document, 1).endswith("documentation")
    assert page_text(document, 2).startswith(sentence(2, 18))
    assert "\n\n" not in document.text


def test_headers_footers_and_page_numbers_that_repeat_are_left_out():
    pdf = Pdf()
    for number in range(1, 6):
        pdf.page().text(70, 810, "ACME annual report", size=8)
        prose(pdf).text(290, 30, f"Page {number} of 5", size=8)
    text = read(pdf).text
    assert "ACME" not in text
    assert "Page" not in text
    assert text.count(sentence(0, 20)) == 5


def test_what_stands_on_two_pages_only_stays():
    pdf = Pdf()
    for _ in range(2):
        prose(pdf.page().text(70, 810, "ACME annual report", size=8))
    assert read(pdf).text.count("ACME") == 2


def test_pages_of_nothing_but_repeated_lines_stay():
    pdf = Pdf()
    for _ in range(4):
        pdf.page().text(70, 700, "Please sign here").text(70, 300, "and here")
    assert read(pdf).text.count("Please sign here") == 4


@pytest.mark.parametrize("drawn", ["rows", "columns"])
def test_two_columns_are_read_one_after_the_other(drawn: str):
    """However they were drawn; the title above both comes first."""
    pdf = Pdf().page()
    pdf.text(70, 780, "A title that spans both of the columns, as titles do", size=18)
    left = [f"L{each:02} {sentence(each, 8)}" for each in range(12)]
    right = [f"R{each:02} {sentence(each + 5, 8)}" for each in range(12)]
    if drawn == "rows":
        for row, (one, other) in enumerate(zip(left, right, strict=True)):
            pdf.text(70, 740 - 12 * row, one).text(310, 740 - 12 * row, other)
    else:
        pdf.lines(70, 740, left).lines(310, 740, right)
    text = read(pdf).text
    places = [text.index(f"{side}{each:02}") for side in "LR" for each in range(12)]
    assert text.startswith("A title")
    assert places == sorted(places)


def test_a_table_stays_row_by_row():
    pdf = Pdf().page()
    prose(pdf)
    for row in range(10):
        pdf.text(70, 600 - 14 * row, f"item {row}").text(330, 600 - 14 * row, f"{row} EUR")
    text = read(pdf).text
    assert all(f"item {row} {row} EUR" in text for row in range(10))


def test_larger_lines_are_headings_with_levels():
    pdf = Pdf().page().text(70, 800, "The Whole Thing", size=22)
    prose(pdf.text(70, 740, "First part", size=15))
    prose(pdf.page().text(70, 740, "Second part", size=15))
    document = read(pdf)
    assert [(each.level, each.title) for each in document.headings] == [
        (1, "The Whole Thing"),
        (2, "First part"),
        (2, "Second part"),
    ]
    assert all(document.text.startswith(each.title, each.start) for each in document.headings)
    assert document.title == "The Whole Thing"


def test_the_outline_names_headings_that_look_like_text():
    pdf = Pdf(outline=[(1, "Beginnings", 0), (2, "Of small things", 0), (1, "Ends", 1)])
    prose(pdf.page().text(70, 740, "1 Beginnings"))
    prose(pdf.text(70, 600, "1.1 Of small things"), 580)
    prose(pdf.page().text(70, 740, "2 Ends"))
    document = read(pdf)
    assert [(each.level, each.title) for each in document.headings] == [
        (1, "1 Beginnings"),
        (2, "1.1 Of small things"),
        (1, "2 Ends"),
    ]
    assert document.page_at(document.headings[2].start) == 2


def test_an_outline_that_the_text_does_not_know_gives_way_to_sizes():
    pdf = Pdf(outline=[(1, "Nowhere", 0), (1, "To be found", 0), (1, "Small", 0)])
    prose(pdf.page().text(70, 770, "Somewhere", size=16).text(70, 740, "Small"))
    assert [each.title for each in read(pdf).headings] == ["Somewhere"]


def test_a_document_of_large_print_has_no_headings():
    """Sizes that are all over the page tell nothing."""
    pdf = Pdf().page().lines(70, 700, ["Welcome everybody", "to our meeting", "of today"], size=30, leading=40)
    pdf.text(70, 500, "in the large hall", size=24).text(70, 400, "at ten in the morning, coffee", size=18)
    pdf.text(70, 100, "small print that is the most of any one size here", size=8)
    assert read(pdf).headings == ()


@pytest.mark.parametrize(
    ("stated", "title"),
    [("Über Kälte", "Über Kälte"), ("Microsoft Word - Plan", "Plan"), ("untitled", ""), ("report.docx", "")],
)
def test_the_title_is_the_stated_one_unless_a_program_made_it_up(stated: str, title: str):
    assert read(prose(Pdf(title=stated).page())).title == title


def test_a_scan_is_named_as_such():
    with pytest.raises(NoText, match="it has no text layer: its 2 pages are pictures"):
        read(Pdf().page().draw(PICTURE).page().draw(PICTURE))


def test_pages_without_a_text_layer_are_noted():
    pdf = prose(Pdf().page())
    for _ in range(3):
        pdf.page().draw(PICTURE)
    prose(pdf.page()).page().draw(PICTURE)
    document = read(pdf)
    assert document.notes == ("pages 2-4, 6: no text layer",)
    assert len(document.pages) == 6


def test_empty_pages_are_no_scan():
    with pytest.raises(NoText, match="its pages are empty"):
        read(Pdf().page().page())


def test_a_password_is_told():
    with pytest.raises(Encrypted):
        read(prose(Pdf(encrypted=True).page()))


def test_what_is_no_pdf_inside_is_broken():
    with pytest.raises(Broken):
        parse(b"%PDF-1.7\nand nothing else", Draft())


def test_too_many_pages_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_module, "MAX_PAGES", 2)
    with pytest.raises(TooLarge, match="more than 2 pages"):
        read(Pdf().page().page().page())


def test_arabic_comes_in_the_order_it_is_spoken():
    """A page draws it from left to right, the last letter first."""
    spoken = "مرحبا بالعالم"
    pdf = prose(Pdf().page()).text(70, 400, spoken[::-1], font="F3")
    assert spoken in read(pdf).text


@pytest.mark.parametrize(
    ("degrees", "matrix"), [(90, "0 1 -1 0 595 0"), (180, "-1 0 0 -1 595 842"), (270, "0 -1 1 0 0 842")]
)
def test_a_page_that_is_shown_turned_is_read_as_it_is_seen(degrees: int, matrix: str):
    upright = Pdf().page()
    pdf = Pdf(rotate=degrees).page().draw(f"q {matrix} cm")
    for each in (upright, pdf):
        each.text(70, 540, "A heading", size=20).lines(70, 500, [sentence(0, 20), "and ends."])
        each.lines(70, 440, [f"{side} {sentence(0, 7)}" for side in "ABCDEF"])
        each.lines(330, 440, [f"{side} {sentence(0, 7)}" for side in "GHIJKL"])
    assert read(pdf.draw("Q")) == read(upright)


def test_characters_beyond_the_first_plane_do_not_shift_places():
    """Two columns need the places of single characters."""
    pdf = Pdf().page().text(70, 780, "\U0001d49c\U0001d4b7 mathematics", font="F3")
    prose(pdf)
    text = read(pdf).text
    assert "mathematics" in text
    assert sentence(0, 20) in text


def test_progress_is_told_once_a_page():
    numbers: list[int] = []
    draft = Draft(on_page=numbers.append)
    parse(Pdf().page().text(70, 70, "a").page().text(70, 70, "b").data(), draft)
    assert numbers == [1, 2]
