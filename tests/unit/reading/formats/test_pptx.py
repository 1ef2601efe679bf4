"""Presentations as text: slides as pages, with tables, charts, diagrams and notes."""

import pytest

from sutazai.reading.failure import Broken, NoText
from sutazai.reading.formats.pptx import parse
from tests.support.office import P, assert_places, headings, pages, pptx, read, shape, slide, tables


def frame(inside: str, described: str = "") -> str:
    return (
        f'<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="4" name="f" descr="{described}"/></p:nvGraphicFramePr>'
        f"<a:graphic><a:graphicData>{inside}</a:graphicData></a:graphic></p:graphicFrame>"
    )


def cell(text: str, attributes: str = "") -> str:
    return f"<a:tc {attributes}><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>"


def test_each_slide_is_a_page_headed_by_its_title():
    first = shape("body text") + shape("Über uns", kind="ctrTitle")
    document = read(parse, pptx(first, shape("Second", kind="title") + shape("more")))
    assert pages(document) == [(1, "Über uns\n\nbody text"), (2, "Second\n\nmore")]
    assert headings(document) == [(1, "Über uns"), (1, "Second")]
    assert_places(document)


def test_points_are_lines_of_a_list_with_their_depth():
    assert read(parse, pptx(shape("a", "b", level=1) + shape("alone"))).text == "  - a\n  - b\n\nalone"


def test_furniture_and_hidden_shapes_are_left_out():
    hidden = shape("hidden").replace('name="x"', 'name="x" hidden="1"')
    shapes = "".join(shape("no", kind=kind) for kind in ("sldNum", "dt", "ftr")) + hidden + shape("yes")
    assert read(parse, pptx(shapes)).text == "yes"


def test_hidden_slides_are_left_out_and_named_and_the_others_keep_their_numbers():
    document = read(parse, pptx(shape("one"), shape("two"), shape("three"), hidden=[2]))
    assert pages(document) == [(1, "one"), (3, "three")]
    assert document.notes == ("the hidden slide 2 was left out",)


def test_groups_alternatives_pictures_and_line_breaks_are_read():
    picture = '<p:pic><p:nvPicPr><p:cNvPr id="2" name="p" descr="A harbour"/></p:nvPicPr></p:pic>'
    group = f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="3" name="g"/></p:nvGrpSpPr>{shape("in group")}{picture}</p:grpSp>'
    either = f"<mc:AlternateContent><mc:Choice>{shape('first')}</mc:Choice><mc:Fallback>{shape('second')}</mc:Fallback>"
    broken = shape("up").replace("</a:r></a:p>", "</a:r><a:br/><a:r><a:t>down</a:t></a:r></a:p>")
    assert read(parse, pptx(group + either + "</mc:AlternateContent>" + broken)).text == (
        "in group\n\n[A harbour]\n\nfirst\n\nup\ndown"
    )


def test_tables_are_rows_and_merged_cells_are_empty():
    wide, merged = "gridSpan='2'", "hMerge='1'"
    rows = f"<a:tr>{cell('a', wide)}{cell('a', merged)}</a:tr>"
    rows += f"<a:tr>{cell('b')}{cell('c')}</a:tr>"
    assert tables(read(parse, pptx(frame(f"<a:tbl>{rows}</a:tbl>")))) == ["a\nb | c"]


def test_a_chart_is_the_table_it_was_drawn_from():
    def cache(name: str, *values: str) -> str:
        points = "".join(f'<c:pt idx="{index}"><c:v>{value}</c:v></c:pt>' for index, value in enumerate(values))
        return f"<c:{name}>{points}</c:{name}>"

    title = "<c:title><c:tx><c:rich><a:p><a:r><a:t>Turnover</a:t></a:r></a:p></c:rich></c:tx></c:title>"
    one = f"<c:ser>{cache('tx', 'East')}{cache('cat', 'Q1', 'Q2')}{cache('val', '1', '2')}</c:ser>"
    two = f"<c:ser>{cache('tx', 'West')}{cache('val', '3', '4', '5')}</c:ser>"
    chart = f"<c:chartSpace {P}><c:chart>{title}<c:plotArea><c:barChart>{one}{two}</c:barChart></c:plotArea></c:chart>"
    parts = {"chart": ("charts/chart1.xml", chart + "</c:chartSpace>")}
    document = read(parse, pptx(frame('<c:chart r:id="r1"/>', "A bar chart"), related=parts))
    assert document.text == "Turnover\n\n | East | West\nQ1 | 1 | 3\nQ2 | 2 | 4\n |  | 5\n\n[A bar chart]"


def test_an_empty_chart_and_one_that_is_missing_say_nothing():
    parts = {"chart": ("charts/chart1.xml", f"<c:chartSpace {P}/>"), "image": ("charts/none.xml", "<a/>")}
    shapes = frame('<c:chart r:id="r1"/><c:chart r:id="r77"/><c:other r:id="r2"/>') + shape("text")
    assert read(parse, pptx(shapes, related=parts)).text == "text"


def test_diagrams_are_read_point_by_point():
    points = "".join(f"<dgm:pt><dgm:t><a:p><a:r><a:t>{each}</a:t></a:r></a:p></dgm:t></dgm:pt>" for each in ("x", "y"))
    part = {
        "diagramData": ("diagrams/data1.xml", f"<dgm:dataModel {P}><dgm:ptLst>{points}</dgm:ptLst></dgm:dataModel>")
    }
    assert read(parse, pptx(frame('<dgm:relIds r:dm="r1"/>'), related=part)).text == "x\ny"


def test_notes_follow_their_slide():
    notes = slide(shape("1", kind="sldNum") + shape("Say hello", "and wait", kind="body"), name="notes")
    document = read(parse, pptx(shape("Slide"), related={"notesSlide": ("notesSlides/n1.xml", notes)}))
    assert document.text == "Slide\n\nNotes:\nSay hello\nand wait"


def test_empty_notes_say_nothing():
    notes = slide(shape("", kind="body"), name="notes")
    assert read(parse, pptx(shape("Slide"), related={"notesSlide": ("n.xml", notes)})).text == "Slide"


def test_a_missing_slide_is_told_of():
    data = pptx(shape("one"), shape("two")).replace(b"ppt/slides/slide2.xml", b"ppt/slides/slideX.xml")
    document = read(parse, data)
    assert (document.text, document.notes) == ("one", ("slide 2 is missing",))


def test_a_broken_slide_and_an_empty_presentation_are_refused():
    with pytest.raises(Broken):
        read(parse, pptx("<p:sp>"))
    with pytest.raises(NoText):
        read(parse, pptx(""))
