"""Text for people, wrapped to the width that a console has. It must be harmless already, but for `rest`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from rich.text import Text

from sutazai.cli import output
from sutazai.cli.glyphs import Glyphs, glyphs
from sutazai.review.formats.untrusted import visible

if TYPE_CHECKING:
    from rich.console import Console

TEXT_CELLS: Final = 100
LEAST_CELLS: Final = 10


class Page:
    """Prints lines on a console.

    Attributes:
        glyphs: the symbols that the console can show.
    """

    def __init__(self, console: "Console") -> None:
        self.glyphs: Glyphs = glyphs(console)
        self._console = console

    @property
    def room(self) -> int:
        """Cells of one line of running text."""
        return min(self._console.width, TEXT_CELLS)

    def text(self, text: Text | str, *, indent: int = 0, hanging: int = 0, style: str = "") -> None:
        """Wrapped text without trailing blanks, every line after the first `hanging` cells deeper."""
        whole = Text(text, style=style) if isinstance(text, str) else text
        for number, line in enumerate(self.wrapped(whole, indent + hanging)):
            self.line(line, indent + (hanging if number else 0))

    def labelled(self, label: Text | str, text: str, *, width: int, indent: int = 0) -> None:
        """A label of `width` cells, and beside it wrapped text."""
        head = Text(label) if isinstance(label, str) else label
        head.pad_right(max(0, width - head.cell_len))
        for number, line in enumerate(self.wrapped(Text(text), indent + width) or [Text()]):
            self.line(line if number else head + line, indent + (width if number else 0))

    def wrapped(self, text: Text, indent: int = 0) -> list[Text]:
        """The text in lines that fit behind `indent` cells."""
        lines = list(text.wrap(self._console, max(LEAST_CELLS, self.room - indent), overflow="fold"))
        for line in lines:
            line.rstrip()
        return lines

    def line(self, line: Text, indent: int = 0) -> None:
        """One line as it is."""
        self._console.print(Text(" " * indent) + line, no_wrap=True, overflow="ignore", crop=False, highlight=False)

    def cropped(self, line: Text, indent: int = 0) -> Text:
        """The line cut where the console ends."""
        room = max(LEAST_CELLS, self._console.width - indent)
        if line.cell_len > room:
            line.truncate(room - len(self.glyphs.more))
            line.append(self.glyphs.more, style="dim")
        return line

    def rest(self, text: str, shown: str) -> None:
        """What was not shown yet of a text of others. Where it is not what was shown, it counts and is shown whole."""
        whole, before = text.strip(), shown.strip()
        left = whole.removeprefix(before) if before else whole
        if before:
            self.blank()
        if not left.strip():
            return
        for line in visible(left.strip()).split("\n"):
            indent = len(line) - len(line.lstrip())
            self.text(line.strip(), indent=min(indent, self.room // 3))
        self.blank()

    def blank(self) -> None:
        """An empty line."""
        self._console.print()


def written(draw: Callable[[Page], None], *, file: str = "") -> None:
    """Writes what `draw` puts on a page to stdout, or into `file`."""
    console = output.console(file=file)
    with console.capture() as captured:
        draw(Page(console))
    output.write(captured.get(), file=file)
