"""Office files for tests, written by hand: the least that makes a file of each kind, so that tests show markup."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

from sutazai.reading.draft import Draft
from sutazai.sdk.document import ParsedDocument

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
P = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    ' xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_ODF = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "draw", "style", "presentation", "meta")
) + (
    ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
    ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
CORE = (
    '<cp:coreProperties xmlns:cp="core" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title>'
    "</cp:coreProperties>"
)


def read(parse: Callable[[bytes, Draft], None], data: bytes, *, max_chars: int = 1_000_000) -> ParsedDocument:
    """What a parser makes of bytes; raises as it does, also for a document without text."""
    draft = Draft(max_chars=max_chars)
    parse(data, draft)
    return draft.finish("test")


def headings(document: ParsedDocument) -> list[tuple[int, str]]:
    """The levels and titles of a document's headings."""
    return [(each.level, each.title) for each in document.headings]


def tables(document: ParsedDocument) -> list[str]:
    """The texts of a document's tables."""
    return [document.text[start:end] for start, end in document.tables]


def pages(document: ParsedDocument) -> list[tuple[int, str]]:
    """The numbers and texts of a document's pages."""
    return [(each.number, document.text[each.start : each.end].strip()) for each in document.pages]


def assert_places(document: ParsedDocument) -> None:
    """Every place lies in the text, and they come in order."""
    size = len(document.text)
    starts = [each.start for each in document.headings]
    assert starts == sorted(starts)
    assert all(0 <= start <= size for start in starts)
    assert all(0 <= start <= end <= size for start, end in document.tables)
    edges = [edge for each in document.pages for edge in (each.start, each.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= size for edge in edges)


def archive(members: Mapping[str, str | bytes], *, packed: bool = True) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


def relations(*targets: tuple[str, str], external: Sequence[tuple[str, str]] = ()) -> str:
    """A part that says what another one refers to: kinds and targets, with the ids r1, r2 and so on."""
    listed = [*((*each, "") for each in targets), *((*each, ' TargetMode="External"') for each in external)]
    each = "".join(
        f'<Relationship Id="r{number}" Type="{_KINDS}{kind}" Target="{target}"{mode}/>'
        for number, (kind, target, mode) in enumerate(listed, 1)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{each}</Relationships>'


def docx(body: str, *, title: str = "", **parts: str) -> bytes:
    """A Word document; `parts`: what stands inside of `styles`, `numbering`, `footnotes`, `endnotes`."""
    members: dict[str, str | bytes] = {
        "_rels/.rels": relations(("officeDocument", "word/document.xml")),
        "word/document.xml": f"<w:document {W} {R}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": relations(*((kind, f"{kind}.xml") for kind in parts)),
        **{f"word/{kind}.xml": f"<w:{kind} {W}>{content}</w:{kind}>" for kind, content in parts.items()},
    }
    if title:
        members["docProps/core.xml"] = CORE.format(title)
    return archive(members)


def xlsx(*sheets: tuple[str, str], strings: str = "", styles: str = "", head: str = "", state: str = "") -> bytes:
    """A workbook: names of sheets and the rows in them; `state` is an attribute of the last sheet."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="r{number}" {state if number == len(sheets) else ""}/>'
        for number, (name, _) in enumerate(sheets, 1)
    )
    targets = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
    return archive(
        {
            "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f"<workbook {S} {R}>{head}<sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": relations(
                *targets, ("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")
            ),
            "xl/sharedStrings.xml": f"<sst {S}>{strings}</sst>",
            "xl/styles.xml": f"<styleSheet {S}>{styles}</styleSheet>",
            **{
                f"xl/worksheets/sheet{number}.xml": f"<worksheet {S}><sheetData>{rows}</sheetData></worksheet>"
                for number, (_, rows) in enumerate(sheets, 1)
            },
        }
    )


def shape(*paragraphs: str, kind: str = "", level: int = 0) -> str:
    """A shape of a slide with these paragraphs; `kind`: of a placeholder."""
    placeholder = f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>' if kind else "<p:nvPr/>"
    body = "".join(f'<a:p><a:pPr lvl="{level}"/><a:r><a:t>{each}</a:t></a:r></a:p>' for each in paragraphs)
    return f'<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"/>{placeholder}</p:nvSpPr><p:txBody>{body}</p:txBody></p:sp>'


def pptx(*slides: str, hidden: Sequence[int] = (), related: Mapping[str, tuple[str, str]] | None = None) -> bytes:
    """A presentation of slides with these shapes. `related`: kinds, names and contents of parts of the first slide."""
    count = range(1, len(slides) + 1)
    related = related or {}
    members: dict[str, str | bytes] = {
        "_rels/.rels": relations(("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f"<p:presentation {P} {R}><p:sldIdLst>"
        + "".join(f'<p:sldId id="{255 + number}" r:id="r{number}"/>' for number in count)
        + "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(*(("slide", f"slides/slide{number}.xml") for number in count)),
        "ppt/slides/_rels/slide1.xml.rels": relations(*((kind, f"../{name}") for kind, (name, _) in related.items())),
    }
    for number, shapes in enumerate(slides, 1):
        show = ' show="0"' if number in hidden else ""
        members[f"ppt/slides/slide{number}.xml"] = slide(shapes, show)
    return archive(members | {f"ppt/{name}": content for name, content in related.values()})


def slide(shapes: str, attributes: str = "", name: str = "sld") -> str:
    """A slide, or the notes of one."""
    return f"<p:{name} {P} {R}{attributes}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:{name}>"


def odf(body: str, *, styles: str = "", kind: str = "text", title: str = "", manifest: str = "") -> bytes:
    """An OpenDocument file; `kind`: `text`, `presentation` or `spreadsheet`."""
    members: dict[str, str | bytes] = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f"<office:document-content{_ODF}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
    }
    if title:
        members["meta.xml"] = (
            f"<office:document-meta{_ODF}><office:meta><dc:title>{title}</dc:title></office:meta></office:document-meta>"
        )
    return archive(members)


def epub(*chapters: str, title: str = "", extra: Mapping[str, str] | None = None) -> bytes:
    """A book of chapters, each the body of a page."""
    numbers = range(len(chapters))
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfile full-path="OPS/book.opf"/></container>',
            "OPS/book.opf": '<package xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<metadata><dc:title>{title}</dc:title></metadata><manifest>"
            + "".join(
                f'<item id="c{each}" href="text/c%20{each}.xhtml" media-type="application/xhtml+xml"/>'
                for each in numbers
            )
            + '<item id="toc" href="toc.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
            + '</manifest><spine><itemref idref="toc"/>'
            + "".join(f'<itemref idref="c{each}"/>' for each in numbers)
            + "</spine></package>",
            "OPS/toc.xhtml": "<html><body>the table of contents</body></html>",
            **{f"OPS/text/c {each}.xhtml": f"<html><body>{chapters[each]}</body></html>" for each in numbers},
            **(extra or {}),
        }
    )
