"""Cuts a passage into the stretches that can bear a sentence: sentences, and rows of tables with the table's head.

Owns the borders and which stretches are orders to a model instead of content. Offsets are those of the passage's text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sutazai.rag.citations_terms import Term, terms

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[<`*_]*[^\Wa-z_])|(?<=[\u3002\uff01\uff1f])\s*")
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|approx|ca|no|nr|vs|mr|mrs|ms|dr|prof|st|fig|sec|art|para|p|pp|vol|ed|inc|ltd|co"
    r"|abs|bzw|evtl|exkl|geb|ggf|hrsg|inkl|sog|vgl|zzgl|mme|mlle|sr|sra|srta|dra|n\u00fam|p\u00e1g"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)|(?<!\d )(?<!\d)\b[A-Z])\.\Z",
    re.IGNORECASE,
)
_MONTH: Final = (
    r"(?:Jan|J\u00e4n|Feb|M\u00e4r|Apr|Mai\b|Jun|Jul|Aug|Sept|Okt|Nov|Dez)"  # languages that write "3. Juni"
)
_DAY: Final = re.compile(r"(?<!\d)\d{1,2}\.\Z")
_ITEM: Final = re.compile(rf"\s*(?:[-*+\u2022\u2013]|\d{{1,3}}[.)](?!\s+{_MONTH})|[a-z][.)])\s+")
_RULE: Final = re.compile(r"[\s|:+=-]*-[\s|:+=-]*")
_ROW: Final = re.compile(r"\s*\|.*\|\s*$|[^\n]*\S\s+\|\s+\S|[^\n]*\S *\t+ *\S")
_VALUE: Final = re.compile(r"[-+]?[\d.,:%\s]*\d[\d.,:%\s]*\D{0,6}")
_DOCSTRING: Final = re.compile(r"^[ \t]*[rR]?(\"\"\"|\'\'\').*?\1[ \t]*(?:\n|\Z)", re.MULTILINE | re.DOTALL)
_QUOTES_BEFORE: Final = re.compile(r"[ \t]*[rR]?(?:\"\"\"|\'\'\')")
_QUOTES_BEHIND: Final = re.compile(r"(?:\"\"\"|\'\'\')\s*\Z")
_LEAST_CELLS: Final = 2

_TURN: Final = re.compile(
    r"<[|\u00a6]|\[/?INST\]|<</?SYS>>|</?s>|<(?:start|end)_of_turn>|^\W*(?:system|assistant|user|human|developer)\W*:",
    re.IGNORECASE | re.MULTILINE,
)
_ORDER: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,40}\b(?:instruction|prompt|rule|direction|guideline)"
    r"|\byou are (?:now|no longer)\b|\byou are [A-Z]?\w*(?:bot|gpt)\b"
    r"|\bnew (?:system )?(?:rule|instruction|prompt)s?\s*:"
    r"|\b(?:answer|reply|respond)\s+(?:every|each|all|only|always|to (?:every|each|all))\b"
    r"|\b(?:ai|llm|chatbot|language model|assistant)s?\b[^.!?\n]{0,40}"
    r"\b(?:must|should|shall|always|never|append|add|say|tell|reply|answer|respond|reading|ignore|include|write)\b"
    r"|\b(?:append|add|include|insert|put|write)\b[^!?\n]{0,160}\b(?:to|in|into|at the end of)"
    r" (?:the|your|every|each|all) (?:answer|repl|response)"
    r"|\bthe (?:user|reader) (?:wants|must|should)\b|\btell the user\b|\bdo not (?:cite|mention)\b"
    r"|\b(?:maintenance|developer|debug|jailbreak|god) mode\b|\bsystem prompt\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Stretch:
    """A sentence or a table row of a passage.

    Attributes:
        start: where it begins in the passage's text.
        end: where it ends.
        text: verbatim.
        block: number of its paragraph or table: only stretches of one block are read together.
        cells: of a table row, else empty.
        head: the cells of the table's first row, where there is one above.
        is_order: it tells a model what to do: it bears nothing.
    """

    start: int
    end: int
    text: str
    block: int
    cells: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    is_order: bool = False

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """Its terms, those of the table's head not among them."""
        return terms(self.text)

    @cached_property
    def head_terms(self) -> tuple[Term, ...]:
        """The terms of the table's head."""
        return terms(" | ".join(self.head))

    @property
    def shown(self) -> str:
        """As a model reads it: on one line, a row with the name of each column."""
        if not self.cells or not self.head:
            return " ".join(self.text.split())
        named = [f"{head} {cell}".strip() for head, cell in zip(self.head[1:], self.cells[1:], strict=False)]
        return f"{self.cells[0]}: " + "; ".join(each for each in named if each)


def stretches(text: str) -> tuple[Stretch, ...]:
    """The stretches of a passage in order."""
    found: list[Stretch] = []
    for number, (start, end) in enumerate(_blocks(text)):
        start, end = _unquoted(text, start, end)  # noqa: PLW2901 (the words without the marks around them)
        block = text[start:end]
        is_turn = bool(_TURN.search(block))
        if _is_table(block):
            found += _rows(block, start, number, is_turn=is_turn)
        else:
            found += [
                Stretch(start + a, start + b, block[a:b], number, is_order=is_turn or bool(_ORDER.search(block[a:b])))
                for a, b in _sentences(block)
            ]
    return tuple(found)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Paragraphs, single list items, tables, and what a docstring says apart from the code around it."""
    docstrings = {at for each in _DOCSTRING.finditer(text) for at in each.span()}
    start: int | None = None
    in_table = False
    for line in re.finditer(r"[^\n]*(?:\n|\Z)", text):
        is_row = bool(_ROW.match(line.group()))
        is_blank = not line.group().strip()
        ends = is_blank or is_row != in_table or line.start() in docstrings
        if start is not None and (ends or (_ITEM.match(line.group()) and not is_row)):
            yield start, line.start()
            start = None
        if not is_blank and start is None:
            start, in_table = line.start(), is_row
    if start is not None:
        yield start, len(text)


def _unquoted(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the quotes at which a docstring begins or ends."""
    begins, ends = _QUOTES_BEFORE.match(text, start, end), _QUOTES_BEHIND.search(text, start, end)
    start = begins.end() if begins else start
    return start, max(start, ends.start()) if ends else end


def _is_table(block: str) -> bool:
    return all(len(_cells(line)) >= _LEAST_CELLS for line in block.strip("\n").split("\n"))


def _cells(line: str) -> tuple[str, ...]:
    bare = line.strip(" \r\n")
    if "|" in bare:
        return tuple(cell.strip() for cell in bare.removeprefix("|").removesuffix("|").split("|"))
    return tuple(cell.strip() for cell in bare.split("\t"))


def _rows(block: str, offset: int, number: int, *, is_turn: bool) -> Iterator[Stretch]:
    lines = [each for each in re.finditer(r"[^\n]+", block) if not _RULE.fullmatch(each.group())]
    head = _cells(lines[0].group()) if lines else ()
    if any(_VALUE.fullmatch(cell) for cell in head[1:]):
        head = ()  # a table cut in two begins with values: its columns have no names here
    for line in lines:
        cells = _cells(line.group())
        start, end = _stripped(block, line.start(), line.end())
        is_order = is_turn or bool(_ORDER.search(line.group()))
        above = head if line is not lines[0] else ()
        yield Stretch(offset + start, offset + end, block[start:end], number, cells, above, is_order)


def _sentences(block: str) -> Iterator[tuple[int, int]]:
    start = 0
    for border in _SENTENCE_END.finditer(block):
        if not is_abbreviated(block[start : border.start()], block[border.end() : border.end() + 4]):
            begin, end = _stripped(block, start, border.end())
            if begin < end:
                yield begin, end
            start = border.end()
    last = _stripped(block, start, len(block))
    if last[0] < last[1]:
        yield last


def is_abbreviated(text: str, behind: str = "") -> bool:
    """Whether a text ends with the full stop of an abbreviation, an initial or a day before its month."""
    bare = text.rstrip("\"')] \n")
    is_day = _DAY.search(bare) is not None and re.match(_MONTH, behind) is not None
    return is_day or _ABBREVIATION.search(bare) is not None


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without blanks and without the mark of a list item."""
    item = _ITEM.match(text, start, end)
    start = item.end() if item else start
    part = text[start:end]
    begin = start + len(part) - len(part.lstrip())
    return begin, max(begin, start + len(part.rstrip()))


def windows(of: Sequence[Stretch], longest: int) -> Iterator[tuple[Stretch, ...]]:
    """Runs of neighbouring stretches of one block that are no orders, short ones first; of a table single rows only."""
    for length in range(1, longest + 1):
        for at in range(len(of) - length + 1):
            run = tuple(of[at : at + length])
            is_one = length == 1 or (not any(each.cells for each in run) and len({each.block for each in run}) == 1)
            if is_one and not any(each.is_order for each in run):
                yield run
