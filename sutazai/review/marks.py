"""Marks that a person left for other tools: `# noqa: S608` of ruff and flake8, `# nosec` and `# nosec B608` of bandit.

Whoever wrote one has looked at that line for that class of fault, so no engine of ours asks again. Owns what each code
is about. A bare `# noqa` says nothing of security (mostly it is there for a long line): it holds for ruff alone.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sutazai.review.merge import classes
from sutazai.review.suppress import comment_test
from sutazai.sdk.finding import Category, Finding
from sutazai.sdk.source import LINE_END, SourceFile

_MARK: Final = re.compile(
    r"\#\s{0,8}(?:noqa\s{0,4}:\s{0,4}(?P<noqa>[A-Z]{1,8}[0-9]{1,4}(?:[,\s]{1,4}[A-Z]{1,8}[0-9]{1,4}){0,20})"
    r"|nosec(?![\w-])[:\s]{0,4}(?P<nosec>(?:B[0-9]{3}(?!\w)[,\s]{0,4}){0,20})(?P<name>[a-z0-9]+_\w+)?)",
    re.IGNORECASE,
)
_HINTS: Final = ("noqa", "nosec")
_CODE: Final = re.compile(r"\b[SB]([0-9]{3})\b", re.IGNORECASE)
_MAX_IN_A_LINE: Final = 4
_LONGEST_REASON: Final = 200
_ABOUT_SECURITY: Final = frozenset({Category.SECURITY, Category.SECRET})

# What is behind the `S` of ruff is what is behind the `B` of bandit.
CWES_OF_CODES: Final[Mapping[str, tuple[int, ...]]] = {
    number: cwe
    for numbers, cwe in (
        (("102", "307"), (94, 95)),
        (("103",), (732,)),
        (("104",), (605, 668)),
        (("105", "106", "107"), (259, 321, 798)),
        (("108",), (377,)),
        (("110", "112"), (390, 703)),
        (("113",), (400,)),
        (("201",), (94, 489)),
        (("202",), (22,)),
        (("301", "302", "403", "506"), (502,)),
        (("303", "304", "305", "324"), (327, 328)),
        (("306",), (367, 377)),
        (("308", "702", "703", "704"), (79,)),
        (("310",), (22, 918)),
        (("311",), (330, 338)),
        (("312", "321", "508", "509"), (319,)),
        (("313", "314", "315", "316", "317", "318", "319", "320"), (611, 776)),
        (("323", "501", "507"), (295,)),
        (("502", "503", "504"), (327,)),
        (("505",), (326,)),
        (("602", "603", "604", "605", "606", "609"), (78,)),
        (("608", "610", "611"), (89,)),
        (("612",), (94,)),
        (("701",), (79, 94)),
    )
    for number in numbers
}


@dataclass(slots=True)
class Mark:
    """A mark of another tool; `about` are classes of faults (CWE), None: everything about security."""

    path: str
    line: int
    about: frozenset[int] | None
    reason: str
    used: bool = False

    def covers(self, finding: Finding) -> bool:
        """Whether whoever wrote this has judged what the finding says."""
        at = finding.location
        here = at.path == self.path and at.start_line <= self.line <= at.end_line
        return (
            here
            and finding.category in _ABOUT_SECURITY
            and (self.about is None or not self.about.isdisjoint(classes(finding.cwe)))
        )


def marks_of(sources: Mapping[str, SourceFile], findings: Iterable[Finding]) -> list[Mark]:
    """The marks on the lines of findings, in Python files."""
    lines: dict[str, set[int]] = defaultdict(set)
    for each in findings:
        lines[each.location.path].update(range(each.location.start_line, each.location.end_line + 1))
    return [mark for path, wanted in lines.items() if path in sources for mark in _marks(sources[path], wanted)]


def _marks(source: SourceFile, wanted: set[int]) -> Iterator[Mark]:
    if source.language != "python" or not _hinted(source.text.lower()):
        return
    lines = LINE_END.split(source.text)
    found = [
        (number, match)
        for number in sorted(wanted)
        if number <= len(lines)
        for match in islice(_MARK.finditer(lines[number - 1]), _MAX_IN_A_LINE)
    ]
    if not found:
        return
    in_comment = comment_test(source)
    for number, match in found:
        about = _about(match)
        if about != frozenset() and in_comment(number, match.start() + 1):
            reason = match.string[match.start() :].lstrip("# \t")
            yield Mark(source.path, number, about, reason[:_LONGEST_REASON].strip())


def _hinted(lower: str) -> bool:
    return any(each in lower for each in _HINTS)


def _about(match: re.Match[str]) -> frozenset[int] | None:
    codes = match["noqa"] or match["nosec"]
    if not codes:
        # Bandit knows its tests by name too; we do not, and then it is not about everything either.
        return None if match["name"] is None else frozenset()
    return classes(cwe for number in _CODE.findall(codes) for cwe in CWES_OF_CODES.get(number, ()))
