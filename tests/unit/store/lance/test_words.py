"""What full-text search looks at beside the text itself."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.sdk.document import Chunk
from sutazai.store.lance.words import MAX_QUERY, asked, searched
from tests.support.documents import entry


async def made(text: str, language: str = "", **fields: object) -> tuple[str, str, str]:
    document = await entry("a", text, language=language, title="Title", chunk=fields)
    return searched(document.record, document.chunks[0])


async def test_what_stands_above_a_text_is_searched_with_it_once():
    above, text, added = await made("the text", headings=("Title", "Part"), symbol="a.b", lead="name, price")
    assert (above, text, added) == ("Title\nPart\na.b\nname, price\n", "the text", "")


async def test_text_without_spaces_is_searched_by_pairs_of_characters():
    assert (await made("東京都 in Japan"))[2] == "\n東京 京都"
    assert asked("京都") == "京都 京都"
    assert asked("one") == "one"


async def test_letters_in_another_form_are_searched_in_their_composed_form():
    assert (await made("cafe\u0301 \uff46ull plain"))[2] == "\ncafé full"
    assert asked("cafe\u0301") == "café"


async def test_the_parts_of_names_are_searched_in_code_alone():
    assert (await made("class HTTPServerPort2: snake_case", "python"))[2] == "\nHTTP Server Port 2"
    assert (await made("class HTTPServerPort2"))[2] == ""


@pytest.mark.parametrize("query", ["", " \n", '"()*^~', "😀"])
def test_a_query_without_words_asks_for_nothing(query):
    assert asked(query) == ""


def test_a_query_is_looked_at_up_to_a_limit():
    assert len(asked("x" * (MAX_QUERY * 2))) == MAX_QUERY


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=50), heading=st.text(max_size=10))
async def test_the_text_itself_is_never_changed(text, heading):
    record = (await entry("a", "x", language="python")).record
    chunk = Chunk("i", record.id, 0, 0, len(text), text, (heading,))
    assert searched(record, chunk)[1] == text
    assert searched(replace(record, language=""), chunk)[1] == text
