"""XML out of untrusted files."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.reading import markup
from sutazai.reading.failure import Broken, ParseFailed, TooLarge
from sutazai.reading.markup import elements, number_in, pieces, tree

NAMES = '<a xmlns="one" xmlns:r="http://x/relationships" xmlns:z="two" r:id="r1" id="7" z:kind="k"><z:b>text</z:b></a>'


def found(text: str, **wanted: set[str]) -> list[tuple[str, str]]:
    return [(each.tag, "".join(each.itertext())) for each in elements(pieces(text.encode()), **wanted)]


def test_names_lose_their_namespaces_and_relations_keep_theirs():
    root = tree(pieces(NAMES.encode()))
    assert (root.tag, dict(root.attrib), root[0].tag) == ("a", {"r:id": "r1", "id": "7", "kind": "k"}, "b")


def test_wanted_elements_come_one_at_a_time_and_one_within_another_only_there():
    text = "<d><p>1</p><x><p>2<p>3</p></p></x><t i='1'><p>4</p></t></d>"
    assert found(text, whole={"p"}, opened={"t"}) == [("p", "1"), ("p", "23"), ("t", ""), ("p", "4")]


def test_elements_come_before_the_document_has_ended():
    listed = elements(iter([b"<d><p>1</p>", b"<p>2</p>", b"<broken"]), whole={"p"})
    assert [next(listed).text, next(listed).text] == ["1", "2"]
    with pytest.raises(Broken):
        next(listed)


@pytest.mark.parametrize(
    "text",
    [
        "", "<a>", "<a></b>", "<a>&x;</a>", "<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "<?xml version='1.0' encoding='nope'?><a/>", "<a x='1' x='2'/>",
    ],
)  # fmt: skip
def test_what_is_no_plain_markup_is_refused(text):
    with pytest.raises(Broken):
        tree(pieces(text.encode()))
    with pytest.raises(Broken):
        found(text, whole={"a"})


def test_depth_and_number_of_elements_have_limits(monkeypatch):
    with pytest.raises(TooLarge, match="deep"):
        tree(pieces(b"<a>" * (markup.MAX_DEPTH + 1)))
    assert tree(pieces(b"<a>" * markup.MAX_DEPTH + b"</a>" * markup.MAX_DEPTH)).tag == "a"
    monkeypatch.setattr(markup, "MAX_ELEMENTS", 3)
    assert found("<d>" + "<p><i/><i/></p>" * 5 + "</d>", whole={"p"}) == [("p", "")] * 5
    with pytest.raises(TooLarge, match="more than 3"):
        found("<d><p><i/><i/><i/></p></d>", whole={"p"})


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("-2", -2), ("", 5), (None, 5), ("x", 5), ("9" * 5_000, 5)])
def test_numbers_in_attributes_are_whole_or_the_default(text, number):
    assert number_in(text, 5) == number


@given(st.binary(max_size=200) | st.text(alphabet="<>/ab=\"' &;!?[]-", max_size=60).map(str.encode))
def test_any_bytes_are_a_tree_or_refused(data):
    with suppress(ParseFailed):
        assert tree(pieces(data)).tag
