"""The few symbols of text output, with a form for terminals that know only ASCII, and the styles of severities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sutazai.sdk.finding import Severity

if TYPE_CHECKING:
    from rich.console import Console

STYLES: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
    Severity.INFO: "bold blue",
}


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Symbols by their use."""

    bar: str = "│"
    marked: str = "┃"
    dot: str = "·"
    more: str = "…"
    hidden: str = "••••"
    quotes: str = "“”"

    def quoted(self, words: str) -> str:
        """The words between quotation marks."""
        return f"{self.quotes[0]}{words}{self.quotes[1]}"


def glyphs(console: "Console") -> Glyphs:
    """The symbols that this console can show."""
    ascii_only = Glyphs(bar="|", marked=">", dot="-", more="...", hidden="****", quotes='""')
    return ascii_only if console.options.ascii_only else Glyphs()
