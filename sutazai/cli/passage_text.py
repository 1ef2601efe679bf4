"""Passages and sources as text: where they stand, their words, and how their score came about.

Text of documents is printed as it is seen, never as it would steer a terminal or as markup.
"""

import re
from collections.abc import Sequence
from textwrap import dedent
from typing import Final

from rich.text import Text

from sutazai.cli.page import Page
from sutazai.rag.report import Passage, ScoreParts, Source
from sutazai.review.formats.untrusted import name, one_line, visible

LINES: Final = 8
_AS_IN_THE_FILE: Final = frozenset({"", "code", "text", "markdown", "rst"})
"""Formats whose lines are those of the file: in others a line number would lead nowhere."""
_FULL_LINE: Final = 50
_BEGINS: Final = re.compile(r"\s|[-*+•>|#$`=~:]|\d+[.)]")
_QUOTE_CELLS: Final = 300
_INDENT: Final = 4


def place(passage: Passage) -> str:
    """Where a passage stands: its document with the page, or with the lines of code and other plain text."""
    where = name(passage.name)
    if passage.page:
        return f"{where}, {_pages(passage)}"
    if not passage.start_line or passage.format not in _AS_IN_THE_FILE:
        return where
    last = f"-{passage.end_line}" if passage.end_line > passage.start_line else ""
    return f"{where}:{passage.start_line}{last}"


def _pages(passage: Passage) -> str:
    several = passage.end_page > passage.page
    return f"pages {passage.page}-{passage.end_page}" if several else f"page {passage.page}"


def under(passage: Passage) -> str:
    """The headings above a passage, or the function or class that it belongs to; empty where there is neither."""
    return one_line(passage.symbol) or " > ".join(one_line(each) for each in passage.headings)


def head(number: str, passage: Passage, page: Page) -> Text:
    """The line over a passage."""
    text = Text.assemble((f"{number} ", "bold"), (place(passage), "bold cyan"))
    above = under(passage)
    return text.append(f" {page.glyphs.dot} {above}", style="dim") if above else text


def show_passages(page: Page, passages: Sequence[Passage], *, lines: int = LINES) -> None:
    """Every passage with its number; of the text at most `lines` lines, 0 for all."""
    for number, passage in enumerate(passages, 1):
        page.text(head(f"{number}.", passage, page), hanging=_INDENT)
        _words(page, passage, lines)
        if passage.also_in:
            page.text(f"also in {', '.join(name(each) for each in passage.also_in)}", indent=_INDENT, style="dim")
        if passage.parts is not None:
            page.text(score_text(passage.score, passage.parts, page.glyphs.dot), indent=_INDENT, style="dim")
        page.blank()


def _words(page: Page, passage: Passage, limit: int) -> None:
    lines = _lines(page, passage)
    shown = lines[:limit] if limit else lines
    for line in shown:
        page.line(line, _INDENT)
    _more(page, len(lines) - len(shown))


def _more(page: Page, count: int) -> None:
    if count > 0:
        page.text(f"{page.glyphs.more} {count} more line{'s' * (count > 1)}", indent=_INDENT, style="dim")


def _lines(page: Page, passage: Passage) -> list[Text]:
    """The words in lines that fit: code keeps its lines, other text is filled and wrapped."""
    is_code = passage.symbol or passage.format == "code"
    lines = visible(dedent(passage.text) if is_code else passage.text).replace("\t", "    ").strip("\n").split("\n")
    if is_code:
        return [page.cropped(Text(line), _INDENT) for line in lines]
    return [part for line in _filled(lines) for part in page.wrapped(Text(line), _INDENT)]


def _filled(lines: Sequence[str]) -> list[str]:
    """Lines that only broke where their page ended, joined; blank ones left out."""
    filled: list[str] = []
    goes_on = False
    for line in lines:
        words = " ".join(line.split())
        if goes_on and words and not _BEGINS.match(line):
            filled[-1] += f" {words}"
        elif words:
            filled.append(words)
        goes_on = len(line) >= _FULL_LINE and not _BEGINS.match(line)
    return filled


def score_text(score: float, parts: ScoreParts, dot: str) -> str:
    """How a score came about, in one line."""
    words = f"words: rank {parts.text_rank} ({parts.text_score:.2f})" if parts.text_rank else "words: not found"
    meaning = f"meaning: rank {parts.vector_rank} ({parts.vector_score:.2f})"
    found = [words, meaning if parts.vector_rank else "meaning: not found"]
    if parts.covered:
        found.append(f"covers {parts.covered:.0%}")
    found.append(f"fused {parts.fused:.3f}")
    if parts.reranked is not None:
        found.append(f"reranked {parts.reranked:.3f}")
    return f" {dot} ".join([f"score {score:.3f}", *found])


def show_sources(page: Page, sources: Sequence[Source], *, quotes: bool = True) -> None:
    """The numbered sources of an answer, each with the words that it rests on."""
    if not sources:
        return
    page.text("Sources", style="bold")
    for source in sources:
        page.text(head(f"[{source.number}]", source.passage, page), hanging=_INDENT)
        for quote in source.quotes if quotes else ():
            if source.passage.symbol and "\n" in quote:
                _code(page, source.passage, quote)
                continue
            words = one_line(quote)
            cut = words[:_QUOTE_CELLS] + (page.glyphs.more if len(words) > _QUOTE_CELLS else "")
            page.text(page.glyphs.quoted(cut), indent=_INDENT, style="italic dim")


def _code(page: Page, passage: Passage, quote: str) -> None:
    """Quoted lines of code, indented among themselves as in the file."""
    line_start = passage.text.rfind("\n", 0, max(0, passage.text.find(quote))) + 1
    before = passage.text[line_start : max(line_start, passage.text.find(quote))]
    lines = visible(dedent((before if before.isspace() else "") + quote)).replace("\t", "    ").split("\n")
    for line in lines[:LINES]:
        page.line(page.cropped(Text(line, style="italic dim"), _INDENT), _INDENT)
    _more(page, len(lines) - LINES)


def sources_text(sources: Sequence[Source]) -> str:
    """The numbered sources, one a line, for keeping them with a conversation."""
    return "\n".join(
        f"[{each.number}] {place(each.passage)}" + (f" - {above}" if (above := under(each.passage)) else "")
        for each in sources
    )
