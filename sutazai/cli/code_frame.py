"""The code of a finding with line numbers and a mark under what is meant, cropped to the width it has.

Shows text of others only after it was made visible; never shows the line of a secret.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from sutazai.cli.glyphs import Glyphs
from sutazai.review.formats.untrusted import shown_quote, visible
from sutazai.sdk.finding import Category, Finding, Location

MAX_LINES: Final = 8
_TAB: Final = "    "


@dataclass(frozen=True, slots=True)
class _Line:
    """A line cut where the mark begins and ends; `mark` is empty on a line of context."""

    number: int
    before: str
    mark: str
    after: str


def frame(
    finding: Finding, source: str | None, *, room: int, hidden: Collection[int], glyphs: Glyphs
) -> Iterator[Text]:
    """The lines of the frame, at most `room` cells each.

    Args:
        finding: what to show.
        source: the text of its file, for a line of context on each side; without it the quote alone is shown.
        room: cells of the console.
        hidden: numbers of lines that hold a secret.
        glyphs: the symbols to draw with.
    """
    if finding.category is Category.SECRET:
        return
    lines = _of_source(finding.location, source) if source is not None else []
    lines = lines or _of_quote(finding)
    if not lines:
        return
    digits = len(str(lines[-1].number))
    several = sum(bool(line.mark) for line in lines) > 1
    left = _left(lines, room - digits - 3)
    for line in lines:
        bar = glyphs.marked if several and line.mark else glyphs.bar
        gutter = Text(f"{line.number:>{digits}} {bar} ", style="bold blue" if line.mark else "dim")
        code = Text(glyphs.hidden, style="dim") if line.number in hidden else _code(line)
        yield Text.assemble(gutter, _cropped(code, left, room - len(gutter), glyphs))
        if source is not None and line.mark and not several and line.number not in hidden:
            offset, length = cell_len(line.before) - left, max(1, cell_len(line.mark))
            caret = Text(" " * offset + "^" * length, style="bold red")
            caret.truncate(room - len(gutter))
            yield Text.assemble((f"{'':>{digits}} {glyphs.bar} ", "dim"), caret)
    left_out = finding.location.end_line - finding.location.start_line + 1 - MAX_LINES
    if left_out > 0:
        yield Text(f"{'':>{digits}} {glyphs.bar} {glyphs.more} {left_out} more lines", style="dim")


def _of_source(place: Location, source: str) -> list[_Line]:
    lines = source.replace("\r\n", "\n").split("\n")
    if place.end_line > len(lines) or place.end_line < place.start_line:
        return []
    last = min(place.end_line, place.start_line + MAX_LINES - 1)
    numbers = range(max(1, place.start_line - 1), min(len(lines), last + (last == place.end_line)) + 1)
    cut = [_cut(number, lines[number - 1], place) for number in numbers]
    return [line for line in cut if line.mark or (line.before + line.after).strip()]


def _cut(number: int, text: str, place: Location) -> _Line:
    if not place.start_line <= number <= place.end_line:
        return _Line(number, _shown(text), "", "")
    indent = len(text) - len(text.lstrip())
    begin = place.start_column - 1 if number == place.start_line else indent
    end = max(place.end_column - 1, begin) if number == place.end_line else len(text)
    return _Line(number, _shown(text[:begin]), _shown(text[begin:end]) or " ", _shown(text[end:]))


def _of_quote(finding: Finding) -> list[_Line]:
    quote = shown_quote(finding)
    lines = quote.replace("\r\n", "\n").split("\n")[:MAX_LINES] if quote.strip() else []
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    common = min([*indents, finding.location.start_column - 1])
    first = " " * (finding.location.start_column - 1 - common if len(lines) > 1 else 0)
    texts = [line if index == 0 else line[common:] for index, line in enumerate(lines)]
    start = finding.location.start_line
    return [_Line(start + index, "" if index else first, _shown(text) or " ", "") for index, text in enumerate(texts)]


def _shown(text: str) -> str:
    return visible(text.replace("\r", "\u240d")).replace("\t", _TAB)


def _code(line: _Line) -> Text:
    return Text.assemble((line.before, "" if line.mark else "dim"), (line.mark, "bold"), line.after)


def _left(lines: list[_Line], room: int) -> int:
    """Cells to cut from the left of every line so that the mark can be seen."""
    marked = next((line for line in lines if line.mark), lines[0])
    begin, end = cell_len(marked.before), cell_len(marked.before) + cell_len(marked.mark)
    return 0 if end <= room or begin <= room // 3 else begin - room // 4


def _cropped(code: Text, left: int, room: int, glyphs: Glyphs) -> Text:
    if left:
        index = taken = 0
        while taken < left and index < len(code.plain):
            taken += cell_len(code.plain[index])
            index += 1
        code = code[index:] if index < len(code.plain) else Text()
    code.rstrip()
    if code.cell_len > room:
        code.truncate(max(1, room - len(glyphs.more)))
        code.append(glyphs.more, style="dim")
    return code
