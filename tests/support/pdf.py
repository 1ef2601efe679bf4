"""Writes small real PDF files: pages of lines at places, sizes and fonts, an outline, pictures, a password."""

import zlib
from dataclasses import dataclass, field

TO_UNICODE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Same def
1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end end"""
PICTURE = "q 500 0 0 700 40 40 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q"
PASSWORD = f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>"  # no empty password makes this


@dataclass
class Pdf:
    """A document in the making. Places are points from the lower left corner of an A4 page (595 x 842)."""

    title: str = ""
    outline: list[tuple[int, str, int]] = field(default_factory=list)
    encrypted: bool = False
    compressed: bool = True
    rotate: int = 0
    pages: list[list[str]] = field(default_factory=list)

    def page(self) -> "Pdf":
        """Begins a page."""
        self.pages.append([])
        return self

    def text(self, x: float, y: float, text: str, *, size: float = 10, font: str = "F1") -> "Pdf":
        """A line: F1 is proportional, F2 of one width, F3 for any script (drawn glyph by glyph as given)."""
        if font == "F3":
            shown = f"<{text.encode('utf-16-be').hex()}>"
        else:
            shown = "(" + text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") + ")"
        self.pages[-1].append(f"BT /{font} {size} Tf {x} {y} Td {shown} Tj ET")
        return self

    def lines(self, x: float, y: float, lines: list[str], *, size: float = 10, leading: float = 12) -> "Pdf":
        """Lines one under the other."""
        for number, line in enumerate(lines):
            self.text(x, y - number * leading, line, size=size)
        return self

    def draw(self, operators: str) -> "Pdf":
        """Anything else, e.g. `PICTURE`."""
        self.pages[-1].append(operators)
        return self

    def data(self) -> bytes:
        """The file."""
        objects: dict[int, bytes] = {}
        first = 10
        kids = [first + 2 * index for index in range(len(self.pages))]
        for number, page in zip(kids, self.pages, strict=True):
            objects[number] = (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate {self.rotate} "
                f"/Contents {number + 1} 0 R /Resources << /Font "
                f"<< /F1 3 0 R /F2 4 0 R /F3 5 0 R >> >> >>"
            ).encode()
            objects[number + 1] = stream("\n".join(page).encode("cp1252", "replace"), compressed=self.compressed)
        objects |= self._fixed(kids)
        objects |= self._outline(first + 2 * len(self.pages), kids)
        return assembled(objects, "/Root 1 0 R /Info 9 0 R" + self._password(objects))

    def _fixed(self, kids: list[int]) -> dict[int, bytes]:
        outlines = "/Outlines 7 0 R" if self.outline else ""
        listed = " ".join(f"{each} 0 R" for each in kids)
        return {
            1: f"<< /Type /Catalog /Pages 2 0 R {outlines} >>".encode(),
            2: f"<< /Type /Pages /Count {len(kids)} /Kids [{listed}] >>".encode(),
            3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            4: b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
            5: b"<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-H /DescendantFonts [6 0 R] "
            b"/ToUnicode 8 0 R >>",
            6: b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /DW 500 /CIDSystemInfo << /Registry (Adobe) "
            b"/Ordering (Identity) /Supplement 0 >> >>",
            8: stream(TO_UNICODE, compressed=False),
            9: b"<< /Title <FEFF" + self.title.encode("utf-16-be").hex().encode() + b"> >>",
        }

    def _outline(self, at: int, kids: list[int]) -> dict[int, bytes]:
        """A flat chain under each parent; levels count from 1."""
        if not self.outline:
            return {}
        numbers = [at + index for index in range(len(self.outline))]
        parents, above = [], {0: 7}
        for number, (level, _, _) in zip(numbers, self.outline, strict=True):
            parents.append(above[level - 1])
            above[level] = number
        objects = {7: self._links(7, parents, numbers, "/Type /Outlines")}
        for index, (number, (_, title, page)) in enumerate(zip(numbers, self.outline, strict=True)):
            siblings = [each for each, parent in zip(numbers, parents, strict=True) if parent == parents[index]]
            place = siblings.index(number)
            near = f"/Prev {siblings[place - 1]} 0 R " if place else ""
            near += f"/Next {siblings[place + 1]} 0 R " if place + 1 < len(siblings) else ""
            head = f"/Title ({title}) /Parent {parents[index]} 0 R {near}/Dest [{kids[page]} 0 R /Fit]"
            objects[number] = self._links(number, parents, numbers, head)
        return objects

    def _links(self, number: int, parents: list[int], numbers: list[int], head: str) -> bytes:
        inside = [each for each, parent in zip(numbers, parents, strict=True) if parent == number]
        ends = f"/First {inside[0]} 0 R /Last {inside[-1]} 0 R /Count {len(inside)}" if inside else ""
        return f"<< {head} {ends} >>".encode()

    def _password(self, objects: dict[int, bytes]) -> str:
        if not self.encrypted:
            return ""
        number = max(objects) + 1
        objects[number] = PASSWORD.encode()
        return f" /Encrypt {number} 0 R /ID [<00> <00>]"


def stream(data: bytes, *, compressed: bool = True) -> bytes:
    """A stream object."""
    packed = zlib.compress(data) if compressed else data
    how = "/Filter /FlateDecode " if compressed else ""
    return f"<< {how}/Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"


def assembled(objects: dict[int, bytes], trailer: str) -> bytes:
    """A file of numbered objects with its table of places."""
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {}
    for number in sorted(objects):
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + objects[number] + b"\nendobj\n"
    table = len(out)
    size = max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
    out += b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer.encode(), table)
    return bytes(out)
