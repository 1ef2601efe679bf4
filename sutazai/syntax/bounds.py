"""What text the parsers must not be given: some of them crash or never end on what no person writes.

Owns these bounds; whoever hands text to a parser asks here first. Must stay cheap on ordinary text.
"""

import re
from collections.abc import Iterator
from typing import Final

from sutazai.sdk.source import LINE_END

# The scanners of these grammars keep every open level in 1024 bytes, and write beyond them when there are more.
_DEEPEST: Final = 200
_LEVELS: Final = {"python": re.compile(r"[ \t]*"), "yaml": re.compile(r"[ \t]*(?:[-?:][ \t]+)*")}
_INDICATOR: Final = re.compile(r"[-?:](?=[ \t])|$")
_DEEP_LINE: Final = re.compile(rf"^[ \t?:-]{{{_DEEPEST},}}", re.MULTILINE)
# At each line the scanner of Python looks ahead to the next line of code.
_LONGEST_RUN: Final = 10_000
_NO_CODE: Final = re.compile(r"[ \t\f]*(?:#|\\?$)")


def beyond_parsing(text: str, language: str) -> str:
    """Why no parser may be given the text, empty where it may."""
    if language in _LEVELS and _too_deep(text, _LEVELS[language]):
        return f"indentation deeper than {_DEEPEST} levels"
    if language == "python" and _too_long_without_code(text):
        return f"more than {_LONGEST_RUN} lines in a row without code"
    return ""


def _too_deep(text: str, beginning: re.Pattern[str]) -> bool:
    if not _DEEP_LINE.search(text.replace("\r", "\n")):
        return False
    levels: list[int] = []
    for line in LINE_END.split(text):
        for column in _columns(line, beginning):
            while levels and levels[-1] >= column:
                levels.pop()
            levels.append(column)
        if len(levels) > _DEEPEST:
            return True
    return False


def _columns(line: str, beginning: re.Pattern[str]) -> Iterator[int]:
    """Where the levels begin that a line opens or goes on with; none in a blank line."""
    opening = beginning.match(line)
    if opening is None or opening.end() == len(line):
        return
    yield from (match.start() for match in _INDICATOR.finditer(opening[0].expandtabs()))


def _too_long_without_code(text: str) -> bool:
    if text.count("\n") + text.count("\r") < _LONGEST_RUN:
        return False
    run = 0
    for line in LINE_END.split(text):
        run = run + 1 if _NO_CODE.match(line) else 0
        if run > _LONGEST_RUN:
            return True
    return False
