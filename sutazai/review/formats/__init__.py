"""A report as text in the formats that other tools read. Every format is a pure function of the report.

Nothing here writes a file, knows a terminal or decides what is reported; a format is loaded when it is first used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Final, Protocol

from sutazai.review.report import ReviewReport


class Render(Protocol):
    """Turns a report into the text of one format, ending with a newline."""

    def __call__(self, report: ReviewReport, *, show_suppressed: bool = False) -> str:
        """The whole text; suppressed findings only where asked for."""


@dataclass(frozen=True, slots=True)
class _Lazy:
    module: str

    def __call__(self, report: ReviewReport, *, show_suppressed: bool = False) -> str:
        render: Render = import_module(self.module).render
        return render(report, show_suppressed=show_suppressed)


FORMATS: Final[Mapping[str, Render]] = MappingProxyType(
    {
        name: _Lazy(f"{__name__}.{module}")
        for name, module in {
            "json": "as_json",
            "jsonl": "as_jsonl",
            "sarif": "sarif",
            "markdown": "markdown",
            "github": "github",
            "gitlab": "gitlab",
            "junit": "junit",
        }.items()
    }
)
