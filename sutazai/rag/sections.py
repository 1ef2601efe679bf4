"""The stretches of a document that a chunk never crosses: what stands under a heading, or one function of a program."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sutazai.sdk.document import Heading, ParsedDocument


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a document's text.

    Attributes:
        headings: the titles above it, its own included, outermost first.
        symbol: dotted name of the function, for code.
        cuts: where statements begin, for code: the best places for a cut; empty for prose.
        lead: what a reader needs of a function that is cut: its first line.
    """

    start: int
    end: int
    headings: tuple[str, ...] = ()
    symbol: str = ""
    cuts: tuple[int, ...] = ()
    lead: str = ""


def sections(document: ParsedDocument, name: str) -> list[Section]:
    """The sections in order, which together hold everything that is not blank.

    Args:
        document: what was read.
        name: of the document, for the parser of source code.
    """
    if document.format == "code" and document.language:
        from sutazai.rag.code import functions  # noqa: PLC0415 (tree-sitter, only for source code)

        found = functions(document.text, document.language, name)
        if found:
            return found
    return list(_under_headings(document))


def _under_headings(document: ParsedDocument) -> Iterator[Section]:
    """One section for each heading; a heading without text of its own goes with what follows it."""
    end = len(document.text)
    headings = sorted((each for each in document.headings if 0 <= each.start < end), key=lambda each: each.start)
    path: list[Heading] = []
    start, titles = 0, tuple[str, ...]()
    for at, (heading, after) in enumerate(pairwise([*headings, Heading(0, "", end)])):
        if at == 0 and document.text[: heading.start].strip():
            yield Section(0, heading.start)
            start = heading.start
        path = [each for each in path if each.level < heading.level] + [heading]
        titles = tuple(each.title for each in path)
        if after.start == end or _has_body(document.text[heading.start : after.start]):
            yield Section(start, after.start, titles)
            start = after.start
    if not headings and document.text.strip():
        yield Section(0, end)


def _has_body(text: str) -> bool:
    """Whether anything follows the heading's own line; a line of marks under it is part of the heading."""
    _, _, rest = text.strip().partition("\n")
    return any(mark.isalnum() for mark in rest)
