r"""Rich Text as text: code pages, headings, lists, tables, notes, and nothing of what is hidden."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.reading.failure import Broken, NoText, ParseFailed, TooLarge
from sutazai.reading.formats.rtf import parse
from tests.support.office import assert_places, headings, read, tables

WORDS = st.lists(
    st.sampled_from(
        [
            b"{",
            b"}",
            b"\\par ",
            b"\\u",
            b"\\u-10179?",
            b"\\u999999 ?",
            b"\\'",
            b"\\'e4",
            b"\\'zz",
            b"\\*",
            b"\\footnote ",
            b"a",
            b"\\row ",
            b"\\cell ",
            b"\\intbl ",
            b"\\s1 ",
            b"\\stylesheet",
            b"\\fonttbl",
            b"\\f1",
            b"\\fcharset128",
            b"\\uc99 ",
            b"\\bin4 ",
            b"\\bin-4 ",
            b"\\info",
            b"\\title ",
            b"\\listtext ",
            b"\\v ",
            b"\\ansicpg1 ",
            b"\\pict ",
            b"\xff",
            b"\\",
        ]
    ),
    max_size=40,
).map(lambda words: b"{\\rtf1" + b"".join(words))


def rtf(body: str, head: str = "") -> bytes:
    fonts = r"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Cyr;}{\f2\fcharset128 Gothic;}{\f3\fcharset2 Sym;}}"
    styles = r"{\stylesheet{\s0 Normal;}{\s1 heading 1;}{\s2\outlinelevel1 Abschnitt;}{\s5 Title;}{\*\cs9 Strong;}}"
    return f"{{\\rtf1\\ansi\\ansicpg1252\\deff0{fonts}{styles}{head}{body}}}".encode("latin-1")


def test_paragraphs_are_read_without_their_looks():
    assert read(parse, rtf(r"One \b bold\b0  text.\par Two\line lines\tab here\par")).text == (
        "One bold text.\n\nTwo\nlines\there"
    )


def test_letters_come_from_code_pages_fonts_and_unicode():
    body = r"caf\'e9 \u8364? {\f1 \'c6\'e8\'e7\'ed\'fc} {\f2 \'93\'fa\'96\'7b\'83A} \u-10179?\u-8704? \uc2\u228ab\'e4"
    assert read(parse, rtf(body)).text == "café € Жизнь 日本ア 😀 ää"


@pytest.mark.parametrize(
    ("words", "raw", "expected"),
    [
        (r"\ansicpg1251", r"\'c6", "Ж"), (r"\ansicpg65001", r"\'c3\'a4", "ä"), (r"\ansicpg9999", r"\'e4", "ä"),
        (r"\mac", r"\'8a", "ä"), (r"\pc", r"\'84", "ä"), (r"\pca", r"\'84", "ä"),
    ],
)  # fmt: skip
def test_the_head_names_the_code_page(words, raw, expected):
    assert read(parse, rtf(raw, head=words)).text == expected


def test_half_of_a_pair_is_replaced():
    assert read(parse, rtf(r"a\u-10179?b")).text == "a�b"


def test_headings_are_told_by_styles_and_outline_levels():
    body = r"\pard\s1 One\par\pard\s2 Two\par\pard text\par\pard\outlinelevel2 Three\par"
    body += r"\pard\s5 Big\par\pard\outlinelevel9 no"
    document = read(parse, rtf(body))
    assert headings(document) == [(1, "One"), (2, "Two"), (3, "Three"), (1, "Big")]
    assert_places(document)


def test_hidden_and_deleted_text_pictures_and_instructions_are_left_out():
    body = (
        r"a{\v hidden}{\deleted gone}{\*\unknown no{\b no}}{\pict 89504e47}{\header no}\v no\plain b"
        r'{\field{\*\fldinst HYPERLINK "x"}{\fldrslt link}}{\*\shppict{\pict 00}}'
        r"{\shp{\*\shpinst{\sp{\sn no}}{\shptxt box}}}"
    )
    assert read(parse, rtf(body)).text == "ablinkbox"


def test_lists_keep_what_stands_before_their_lines():
    body = r"{\listtext\f3 \'b7\tab}one\par{\listtext\f0 2.\tab}two\par{\pntext - }\par"
    assert read(parse, rtf(body)).text == "- one\n2. two"


def test_tables_are_rows_and_notes_stand_below():
    note = r"{\super\chftn}{\footnote \pard{\super\chftn} The\par note.}"
    cells = r"\pard\intbl A" + note + r"\cell B\par more\cell\row\pard\intbl {\listtext 1.}C\cell D\nestcell E\cell\row"
    document = read(parse, rtf(cells + r"\pard after" + note + r"\par"))
    assert tables(document)[0] == "A[1] | B more"
    assert "[1] The note." in document.text
    assert document.text.endswith("1. C | D E\n\nafter[2]\n\n[2] The note.")


def test_the_title_is_that_of_its_information():
    document = read(parse, rtf("text", head=r"{\info{\author Me}{\title Das \'84Buch}}"))
    assert (document.title, document.text) == ("Das „Buch", "text")


def test_escaped_signs_and_symbols_are_themselves():
    assert read(parse, rtf(r"\{a\}\\b\~c\_d\emdash\rquote\:x")).text == "{a}\\b\xa0c-d—\u2019x"


def test_bytes_that_are_counted_are_passed_over():
    assert read(parse, rtf("a\\bin5 \\par}b")).text == "ab"


def test_text_that_breaks_off_is_read_so_far_and_told_of():
    document = read(parse, rtf(r"One\par Two")[:-1])
    assert (document.text, document.notes) == ("One\n\nTwo", ("it ends in the middle",))


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        (b"", Broken),
        (b"{\\rt", Broken),
        (b"{\\rtf1}", NoText),
        (b"{\\rtf1" + b"{" * 2_000, TooLarge),
        (b"{\\rtf1}}}", NoText),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data, failure):
    with pytest.raises(failure):
        read(parse, data)


@given(WORDS)
@settings(max_examples=300, deadline=None)
def test_any_words_give_text_with_places_or_a_reason(data):
    with suppress(ParseFailed):
        assert_places(read(parse, data))
