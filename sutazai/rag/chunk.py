"""Cuts a document into chunks along its structure. Pure: the same document gives the same chunks.

A chunk is a verbatim stretch; all chunks together hold everything that is not blank. A cut is made at the strongest
border near the end of what fits, and the next chunk takes up a little of what came before, from a border too.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from sutazai.rag.borders import Strength, borders
from sutazai.rag.pieces import Pieces, TokenSpans
from sutazai.rag.sections import Section, sections
from sutazai.sdk.document import Chunk, ParsedDocument

CHUNK_TOKENS: Final = 200
OVERLAP_TOKENS: Final = 50
_LEAD_CHARS: Final = 300
_ID_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long chunks are.

    Attributes:
        tokens: of the longest chunk.
        overlap: tokens that neighbours share at most; never more than a third of a chunk.
        max_tokens: of the embedder; an eighth is kept free for titles and headings.
    """

    tokens: int = CHUNK_TOKENS
    overlap: int = OVERLAP_TOKENS
    max_tokens: int = 256

    @property
    def longest(self) -> int:
        """The tokens of the longest chunk, with room for what is embedded in front of it."""
        return max(1, min(self.tokens, self.max_tokens - self.max_tokens // 8))


def chunked(document: ParsedDocument, key: str, name: str, spans: TokenSpans, sizes: Sizes) -> tuple[Chunk, ...]:
    """The chunks of a document in order; none where it is blank.

    Args:
        document: its text, with headings, pages and tables.
        key: the document's id.
        name: of the document.
        spans: tells where tokens begin and end, as an embedder does.
        sizes: how long the chunks are.
    """
    described = _Describer(document, key)
    chunks = []
    for section in sections(document, name):
        for start, end in _Cutter(document, section, spans, sizes).cut():
            chunks.append(described.chunk(section, start, end))
    return tuple(chunks)


class _Cutter:
    """Cuts one section. Works on indexes of pieces; `_strengths` and `_places` name the borders among them."""

    def __init__(self, document: ParsedDocument, section: Section, spans: TokenSpans, sizes: Sizes) -> None:
        self._text, self._section, self._spans = document.text, section, spans
        self._pieces = Pieces(document.text, section.start, section.end, spans)
        self._longest = sizes.longest
        self._overlap = 0 if section.cuts else min(sizes.overlap, self._longest // 3)
        self._places: list[int] = []
        self._strengths: list[int] = []
        self._note_borders(document)

    def _note_borders(self, document: ParsedDocument) -> None:
        if len(self._pieces) <= self._longest:
            return
        for offset, strength in self._found_borders(document):
            index = self._pieces.index(offset)
            if self._places and self._places[-1] == index:
                self._strengths[-1] = max(self._strengths[-1], strength)
            else:
                self._places.append(index)
                self._strengths.append(strength)

    def _found_borders(self, document: ParsedDocument) -> Iterator[tuple[int, int]]:
        section = self._section
        if not section.cuts:
            yield from borders(self._text, section.start, section.end, document.tables)
            return
        statements = set(section.cuts)
        for start in _line_starts(self._text, section.start, section.end):
            yield start, self._of_line(start) if start in statements else Strength.LINE

    def _of_line(self, start: int) -> int:
        """How well a cut before a statement suits: the less it is indented, the better."""
        line = self._text[start : start + 200]
        return 1000 - (len(line) - len(line.lstrip()))

    def cut(self) -> Iterator[tuple[int, int]]:
        """Where each chunk begins and ends, blanks at both ends left out."""
        first, count = 0, len(self._pieces)
        while first < count:
            last = self._shortened(first, self._end(first, count))
            span = self._trimmed(first, last)
            if span is not None:
                yield span
            first = last if last >= count else self._next_start(first, last)

    def _end(self, first: int, count: int) -> int:
        left = count - first
        if left <= self._longest:
            return count
        room = self._longest
        if left < 2 * room - self._overlap:  # two chunks of like length instead of a long one and a scrap
            room = max((left + self._overlap + 1) // 2, room * 3 // 4)
        return self._best(first + room // 2 + 1, first + room)

    def _best(self, low: int, high: int) -> int:
        """The strongest border from `low` to `high`, the last of equals; without any the end of a word."""
        inside = range(bisect_left(self._places, low), bisect_right(self._places, high))
        if inside:
            return self._places[max(inside, key=lambda at: (self._strengths[at], at))]
        words = (index for index in range(high, low - 1, -1) if self._pieces.begins_word(index))
        return next(words, high)

    def _shortened(self, first: int, last: int) -> int:
        """`last`, or less where a word was broken and its parts are more tokens than the whole was."""
        while last - first > 1 and not self._fits(first, last):
            last -= max(1, (last - first) // 4)
        return last

    def _fits(self, first: int, last: int) -> bool:
        whole = self._pieces.begins_word(last) and (first == 0 or self._pieces.begins_word(first))
        return (
            whole or len(self._spans(self._text[self._pieces.start(first) : self._pieces.start(last)])) <= self._longest
        )

    def _next_start(self, first: int, last: int) -> int:
        """Where the next chunk begins: so much before `last` as may be shared, at a border."""
        low = max(first + 1, last - self._overlap)
        if low >= last or not self._pieces.begins_word(last):
            return last
        inside = range(bisect_left(self._places, low), bisect_left(self._places, last))
        good = [at for at in inside if self._strengths[at] >= Strength.LINE]
        if good:
            return self._places[max(good, key=lambda at: (self._strengths[at] >= Strength.SENTENCE, -at))]
        return next((index for index in range(low, last) if self._pieces.begins_word(index)), last)

    def _trimmed(self, first: int, last: int) -> tuple[int, int] | None:
        start = self._section.start if first == 0 else self._pieces.start(first)
        text = self._text[start : self._pieces.start(last)]
        end = start + len(text.rstrip())
        start += len(text) - len(text.lstrip())
        if self._section.cuts:  # the indentation of a program's line belongs to it
            line = self._text.rfind("\n", self._section.start, start) + 1 or self._section.start
            start = line if self._text[line:start].isspace() else start
        return (start, end) if self._text[start:end].strip() else None


def _line_starts(text: str, start: int, end: int) -> Iterator[int]:
    at = text.find("\n", start, end)
    while 0 <= at < end - 1:
        yield at + 1
        at = text.find("\n", at + 1, end)


class _Describer:
    """Gives stretches of a document their ids, pages, lines and leads."""

    def __init__(self, document: ParsedDocument, key: str) -> None:
        self._document, self._key = document, key
        self._line_starts = [0, *_line_starts(document.text, 0, len(document.text) + 1)]
        self._page_starts = [page.start for page in document.pages]
        self._table_starts = [start for start, _ in document.tables]
        self._equals: Counter[bytes] = Counter()
        self._count = 0

    def chunk(self, section: Section, start: int, end: int) -> Chunk:
        text = self._document.text[start:end]
        ordinal, self._count = self._count, self._count + 1
        return Chunk(
            id=self._id(text),
            document=self._key,
            ordinal=ordinal,
            start=start,
            end=end,
            text=text,
            headings=section.headings,
            page=self._page(start),
            end_page=self._page(end - 1),
            start_line=bisect_right(self._line_starts, start),
            end_line=bisect_right(self._line_starts, end - 1),
            symbol=section.symbol,
            lead=self._lead(section, start, text),
        )

    def _id(self, text: str) -> str:
        content = blake2b(text.encode("utf-8", "surrogatepass")).digest()
        self._equals[content] += 1
        number = self._equals[content]
        return blake2b(b"%s\0%s\0%d" % (self._key.encode(), content, number), digest_size=_ID_BYTES).hexdigest()

    def _page(self, offset: int) -> int:
        at = bisect_right(self._page_starts, offset)
        return self._document.pages[at - 1].number if at else 0

    def _lead(self, section: Section, start: int, text: str) -> str:
        if section.lead:
            return "" if section.lead in text else section.lead
        at = bisect_left(self._table_starts, start) - 1
        if at < 0 or start >= self._document.tables[at][1]:
            return ""
        begin, end = self._document.tables[at]
        return self._document.text[begin:end].lstrip().partition("\n")[0].strip()[:_LEAD_CHARS]
