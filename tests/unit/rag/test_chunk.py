"""A document is cut along its structure into verbatim stretches that hold everything."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.rag.chunk import Sizes, chunked
from sutazai.rag.embedded_text import embedded_text
from sutazai.sdk.document import Chunk, DocumentSource, Heading, Page, ParsedDocument
from sutazai.sdk.testing_documents import MemoryReader, WordEmbedder

SPANS = WordEmbedder().token_spans
SMALL = Sizes(tokens=20, overlap=5)


def cut(document: ParsedDocument | str, sizes: Sizes = SMALL, key: str = "d") -> tuple[Chunk, ...]:
    """The chunks of a document or of text."""
    whole = document if isinstance(document, ParsedDocument) else ParsedDocument(document, "text")
    return chunked(whole, key, "name", SPANS, sizes)


async def markdown(text: str) -> ParsedDocument:
    """Text with the headings that it has."""
    return await MemoryReader().read(DocumentSource("x.md", data=b""), text.encode())


def words(count: int, word: str = "w") -> str:
    """A paragraph without any border in it."""
    return " ".join(f"{word}{at}" for at in range(count))


def test_a_short_text_is_one_chunk_without_the_blanks_around_it():
    (chunk,) = cut("\n\n one two\nthree \n")
    assert (chunk.text, chunk.start, chunk.end, chunk.ordinal, chunk.document) == ("one two\nthree", 3, 16, 0, "d")
    assert (chunk.start_line, chunk.end_line, chunk.page, chunk.end_page) == (3, 4, 0, 0)


@pytest.mark.parametrize("text", ["", " \n\t", "\n\n\n"])
def test_a_blank_text_has_no_chunks(text):
    assert cut(text) == ()


async def test_no_chunk_crosses_a_heading_and_each_knows_those_above_it():
    chunks = cut(await markdown("intro\n\n# One\n\ntext\n\n## Deep\n\nmore\n\n# Two\n\nlast"))
    assert [(each.text, each.headings) for each in chunks] == [
        ("intro", ()),
        ("# One\n\ntext", ("One",)),
        ("## Deep\n\nmore", ("One", "Deep")),
        ("# Two\n\nlast", ("Two",)),
    ]


async def test_a_heading_without_text_goes_with_what_follows():
    chunks = cut(await markdown("# Title\n\n## One\n\ntext\n\n## Two\n---\n## Three"))
    assert [(each.text, each.headings) for each in chunks] == [
        ("# Title\n\n## One\n\ntext", ("Title", "One")),
        ("## Two\n---\n## Three", ("Title", "Three")),
    ]


def test_headings_outside_of_the_text_are_left_out():
    document = ParsedDocument("text", "pdf", headings=(Heading(1, "Far", 99), Heading(1, "Near", 0)))
    assert [each.headings for each in cut(document)] == [("Near",)]


def test_a_cut_is_made_at_the_strongest_border():
    first, second = words(12), words(15, "v")
    assert [each.text for each in cut(f"{first}\n\n{second}", Sizes(20, 0))] == [first, second]
    assert [each.text for each in cut(f"{first}.\n{second}", Sizes(20, 0))] == [f"{first}.", second]
    assert [each.text for each in cut(f"{first}. {second.upper()}", Sizes(20, 0))] == [f"{first}.", second.upper()]


def test_an_abbreviation_ends_no_sentence():
    text = f"{words(9)} end. Then {words(2)} by Dr. Who {words(30)}"
    assert cut(text, Sizes(20, 0))[0].text.endswith("end.")


def test_a_list_is_cut_between_its_items():
    items = [f"- {words(6, name)}" for name in "abcd"]
    chunks = cut("\n".join(items), Sizes(20, 0))
    assert [each.text for each in chunks] == ["\n".join(items[:2]), "\n".join(items[2:])]


def test_chinese_sentences_are_borders_without_a_blank():
    def each_character(text: str) -> list[tuple[int, int]]:
        return [(at, at + 1) for at in range(len(text))]

    text = "一二三四五六七八九十一二。" * 3
    chunks = chunked(ParsedDocument(text, "text"), "d", "n", each_character, Sizes(20, 0))
    assert [each.text for each in chunks] == ["一二三四五六七八九十一二。"] * 3


def test_the_rest_is_shared_out_instead_of_left_as_a_scrap():
    chunks = cut(words(24), Sizes(20, 0))
    assert [len(SPANS(each.text)) for each in chunks] == [15, 9]


def test_neighbours_share_text_from_a_border():
    sentences = [f"S{at} {words(6)}." for at in range(9)]
    chunks = cut(" ".join(sentences), Sizes(30, 10))
    assert len(chunks) > 2
    for one, other in pairwise(chunks):
        assert other.start < one.end
        assert other.text.startswith("S")
        assert len(SPANS(one.text[other.start - one.start :])) <= 10


def test_a_giant_word_is_cut_hard():
    blob = "QUJD" * 5_000
    chunks = cut(f"see {blob} above")
    assert "".join(each.text for each in chunks).replace(" ", "") == f"see{blob}above"
    assert max(len(each.text) for each in chunks) <= 20 * 40


def test_a_part_of_a_word_that_has_more_tokens_than_the_whole_still_fits():
    def spans(text: str) -> list[tuple[int, int]]:
        """A word up to 100 characters is a token a character, a longer one is one token, as WordPiece has it."""
        found = []
        for start, end in SPANS(text):
            found += [(at, at + 1) for at in range(start, end)] if end - start <= 100 else [(start, end)]
        return found

    chunks = chunked(ParsedDocument("x" * 1_000, "text"), "d", "n", spans, Sizes(40, 10))
    assert max(len(spans(each.text)) for each in chunks) <= 40
    assert "".join(each.text for each in chunks) == "x" * 1_000


def test_blanks_without_end_are_not_part_of_a_chunk():
    chunks = cut("one" + " " * 100_000 + "two")
    assert [each.text for each in chunks] == ["one", "two"]


def test_what_a_tokenizer_drops_is_kept():
    chunks = chunked(ParsedDocument("\u200b" * 3_000, "text"), "d", "n", lambda _text: [], Sizes(20, 0))
    assert "".join(each.text for each in chunks) == "\u200b" * 3_000


def test_pages_are_known_from_first_to_last():
    document = ParsedDocument("one two\nthree", "pdf", pages=(Page(1, 0, 4), Page(2, 4, 13)))
    assert [(each.page, each.end_page) for each in cut(document)] == [(1, 2)]
    late = ParsedDocument("one two", "pdf", pages=(Page(5, 4, 7),))
    assert [(each.page, each.end_page) for each in cut(late)] == [(0, 5)]


def test_rows_of_a_table_are_led_by_its_header():
    rows = ["name | price", *(f"item{at} | {at}" for at in range(20))]
    text = "Before.\n\n" + "\n".join(rows) + "\n\nAfter."
    start = text.index("name")
    document = ParsedDocument(text, "markdown", tables=((start, text.index("\n\nAfter")),))
    chunks = cut(document)
    assert [each.lead for each in chunks] == ["", *["name | price"] * (len(chunks) - 1)]
    assert all(each.text.startswith("item") for each in chunks[1:])
    assert cut(ParsedDocument(text, "markdown", tables=((0, 4),)))[-1].lead == ""


CODE = '''import os


class Basket:
    """Things."""

    def add(self, thing):
        self.things.append(thing)

# about total
def total(basket):
    return sum(basket)
'''


def program(text: str, language: str = "python", sizes: Sizes = SMALL) -> tuple[Chunk, ...]:
    """The chunks of source code."""
    return cut(ParsedDocument(text, "code", language=language), sizes)


def test_code_is_cut_by_function():
    assert [(each.symbol, each.text.splitlines()[0], each.start_line, each.end_line) for each in program(CODE)] == [
        ("", "import os", 1, 5),
        ("Basket.add", "    def add(self, thing):", 7, 8),
        ("total", "# about total", 10, 12),
    ]


def test_a_long_function_is_cut_between_statements_and_keeps_its_first_line():
    body = "\n".join(f"    if a{at}:\n        b = [\n            {at},\n        ]" for at in range(9))
    text = f"@decorated\ndef long(a):\n{body}\n"
    chunks = program(text, sizes=Sizes(30, 20))
    assert len(chunks) > 2
    assert all(each.text.startswith("    if a") for each in chunks[1:])
    assert [each.lead for each in chunks] == ["", *["def long(a):"] * (len(chunks) - 1)]
    assert {each.symbol for each in chunks} == {"long"}
    assert all(one.end <= other.start for one, other in pairwise(chunks))


def test_code_of_comments_alone_is_kept():
    assert "# nothing" in program("# nothing but words\n\ndef f():\n    pass\n")[0].text


@pytest.mark.parametrize("language", ["", "cobol", "kotlin"])
def test_an_unknown_language_is_cut_as_text(language):
    (chunk,) = program("fun f() {}", language)
    assert (chunk.text, chunk.symbol) == ("fun f() {}", "")


@pytest.mark.parametrize("text", ["x = 1\n" * 200_000, "".join(" " * depth + "if x:\n" for depth in range(300))])
def test_code_that_no_parser_may_have_is_cut_as_text(text):
    chunks = program(text, sizes=Sizes(200, 0))
    assert {each.symbol for each in chunks} == {""}


def test_equal_stretches_have_ids_of_their_own():
    text = "\n\n".join([words(15)] * 3)
    ids = [each.id for each in cut(text, Sizes(20, 0))]
    assert len(set(ids)) == 3
    assert ids == [each.id for each in cut(text, Sizes(20, 0))]
    assert set(ids).isdisjoint(each.id for each in cut(text, Sizes(20, 0), key="e"))


async def test_an_edit_leaves_the_ids_of_other_sections():
    before = "\n\n".join(f"# H{at}\n\n{words(50, f'a{at}x')}" for at in range(4))
    old, new = cut(await markdown(before)), cut(await markdown(before.replace("a1x5", "other words")))
    kept = {each.id for each in old} & {each.id for each in new}
    assert {each.headings for each in old if each.id not in kept} == {("H1",)}
    assert {each.headings for each in new if each.id not in kept} == {("H1",)}


def test_an_edit_is_forgotten_a_few_chunks_later():
    """Cuts depend on what stands near them, so that those behind an edit fall into step again."""
    texts = [words(15 + at * 37 % 100, f"a{at}x") for at in range(80)]
    old = {each.id for each in cut("\n\n".join(texts), Sizes())}
    for edited in ([*texts[:40], "A new paragraph.", *texts[40:]], [*texts[:40], f"{texts[40]} more", *texts[41:]]):
        lost = old - {each.id for each in cut("\n\n".join(edited), Sizes())}
        assert 1 <= len(lost) <= 4 < len(old) / 10


paragraphs = st.lists(st.integers(1, 40).map(words), min_size=1, max_size=12).map("\n\n".join)
anything = st.text(max_size=400) | st.text("ab .\n#-|\t。\u200b", max_size=400) | paragraphs


@given(anything, st.integers(1, 60), st.integers(0, 30))
def test_chunks_hold_all_text_in_order_and_never_more_than_fits(text, tokens, overlap):
    sizes = Sizes(tokens, overlap)
    chunks = cut(text, sizes)
    covered = set[int]()
    for at, each in enumerate(chunks):
        assert (each.ordinal, each.text) == (at, text[each.start : each.end])
        assert each.text == each.text.strip() != ""
        assert len(SPANS(each.text)) <= sizes.longest
        assert each.start_line == text.count("\n", 0, each.start) + 1
        assert each.end_line == text.count("\n", 0, each.end - 1) + 1
        covered.update(range(each.start, each.end))
    assert all(mark.isspace() or at in covered for at, mark in enumerate(text))
    for one, other in pairwise(chunks):
        assert one.start < other.start
        assert one.end < other.end
    assert len({each.id for each in chunks}) == len(chunks)


@given(st.text("ab()=:\n #'", max_size=200))
def test_any_program_is_kept_whole(text):
    chunks = program(text)
    covered = {at for each in chunks for at in range(each.start, each.end)}
    assert all(mark.isspace() or at in covered for at, mark in enumerate(text))
    assert all(each.text == text[each.start : each.end] for each in chunks)


def test_a_prefix_tells_title_headings_symbol_and_lead():
    chunk = Chunk("c", "d", 0, 0, 1, "row 5", headings=("Title", "One"), symbol="f", lead="name | price")
    assert embedded_text(chunk, "Title", SPANS, 50) == "Title > One\nf\nname | price\nrow 5"


def test_a_prefix_does_not_repeat_what_the_chunk_begins_with():
    chunk = Chunk("c", "d", 0, 0, 1, "# One\n\ntext", headings=("One",))
    assert embedded_text(chunk, "", SPANS, 50) == "# One\n\ntext"


def test_a_prefix_gives_way_to_the_text():
    chunk = Chunk("c", "d", 0, 0, 1, words(8), headings=("outer words here", "inner"))
    assert embedded_text(chunk, "title", SPANS, 10) == f"> inner\n{words(8)}"
    assert embedded_text(chunk, "title", SPANS, 8) == words(8)


def test_a_prefix_that_joins_into_more_tokens_is_shortened_until_it_fits():
    def spans(text: str) -> list[tuple[int, int]]:
        """A line break counts when text stands before it."""
        return sorted([*SPANS(text), *((at, at + 1) for at, mark in enumerate(text) if mark == "\n")])

    chunk = Chunk("c", "d", 0, 0, 1, "one two", headings=("a b c",))
    assert embedded_text(chunk, "", spans, 5) == "b c\none two"
    assert embedded_text(chunk, "", spans, 3) == "one two"


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=3), st.integers(1, 40))
def test_what_is_embedded_fits_where_the_chunk_does(text, headings, most):
    chunk = Chunk("c", "d", 0, 0, 1, text, headings=tuple(headings))
    made = embedded_text(chunk, "title", SPANS, most)
    assert made.endswith(text)
    assert len(SPANS(made)) <= max(most, len(SPANS(text)))
