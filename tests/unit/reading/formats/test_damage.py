"""Damaged documents of every format that is an archive: text with places, or a reason, and nothing else."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.reading.failure import ParseFailed
from sutazai.reading.formats import docx, epub, odt, pptx, xlsx
from tests.support import office

NOTE = '<w:footnoteReference w:id="1"/>'
WORD = (
    '<w:p><w:pPr><w:pStyle w:val="A"/><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r>'
    f"<w:t>one</w:t>{NOTE}<w:lastRenderedPageBreak/></w:r></w:p><w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/>"
    "</w:tcPr><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"
)
SEEDS = {
    docx.parse: office.docx(
        WORD,
        styles='<w:style w:styleId="A"><w:name w:val="heading 1"/><w:basedOn w:val="B"/></w:style>',
        numbering='<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="1"><w:start w:val="1"/><w:lvlText w:val="%1.%2"/>'
        '</w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>',
        footnotes='<w:footnote w:id="1"><w:p><w:r><w:t>note</w:t></w:r></w:p></w:footnote>',
    ),
    xlsx.parse: office.xlsx(
        ("S", '<row r="1"><c r="B1" t="s" s="0"><v>0</v></c><c s="1"><v>45000.5</v></c></row><row r="9"><c/></row>'),
        strings="<si><t>x</t></si>",
        styles='<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>',
    ),
    pptx.parse: office.pptx(
        office.shape("title", kind="title") + office.shape("a", "b", level=1),
        related={"notesSlide": ("n.xml", office.slide(office.shape("n", kind="body")))},
    ),
    odt.parse: office.odf(
        '<text:h text:outline-level="1">h</text:h><text:p>a<text:s text:c="2"/><text:soft-page-break/>b</text:p>'
        "<table:table><table:table-row table:number-rows-repeated='3'><table:table-cell><text:p>x</text:p>"
        "</table:table-cell></table:table-row></table:table>"
    ),
    epub.parse: office.epub("<h1>a</h1><table><tr><td>1<td>2<tr><td>3<td>4</table>"),
}
SPLICES = ["<", ">", '"', "-1", "9" * 5_000, "&#0;", "&amp;", "</w:p>", "<w:p>", "\ud800", "0", "x", "../../", "[", " "]


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.mark.parametrize("parse", SEEDS, ids=lambda parse: parse.__module__.rpartition(".")[2])
@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_a_damaged_part_gives_text_with_places_or_a_reason(parse, data):
    members = parts(SEEDS[parse])
    name = data.draw(st.sampled_from(sorted(members)))
    content = members[name]
    start = data.draw(st.integers(0, len(content)))
    end = min(start + data.draw(st.integers(0, 12)), len(content))
    splice = data.draw(st.sampled_from(SPLICES)).encode("utf-8", "surrogatepass")
    members[name] = content[:start] + splice + content[end:]
    with suppress(ParseFailed):
        office.assert_places(office.read(parse, office.archive(members)))


@pytest.mark.parametrize("parse", SEEDS, ids=lambda parse: parse.__module__.rpartition(".")[2])
def test_a_missing_part_gives_text_or_a_reason(parse):
    members = parts(SEEDS[parse])
    for name in members:
        with suppress(ParseFailed):
            office.read(parse, office.archive({key: value for key, value in members.items() if key != name}))


@pytest.mark.parametrize("parse", SEEDS, ids=lambda parse: parse.__module__.rpartition(".")[2])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_an_archive_that_is_cut_off_or_changed_gives_text_or_a_reason(parse, data):
    content = bytearray(SEEDS[parse])
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ParseFailed):
        office.assert_places(office.read(parse, bytes(content[: data.draw(st.integers(0, len(content)))])))


@pytest.mark.parametrize("parse", SEEDS, ids=lambda parse: parse.__module__.rpartition(".")[2])
def test_the_undamaged_one_is_read(parse):
    assert office.read(parse, SEEDS[parse]).headings
