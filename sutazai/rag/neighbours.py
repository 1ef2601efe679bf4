"""From small to big: passages are searched small and read together with what stands around them.

Owns how much of a document goes along, and that no word counts twice. Must never cross a heading to widen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sutazai.rag.borders import Strength, borders
from sutazai.rag.pieces import TokenSpans
from sutazai.rag.report import Passage
from sutazai.rag.together import together
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.document import Chunk

_REACH: Final = 2
"""How many chunks before and after a passage may go along."""
_LEAST_PART: Final = 20


async def with_neighbours(
    passages: Sequence[Passage], context: AgentContext, *, collection: str, tokens: int, reach: int = _REACH
) -> list[Passage]:
    """Passages as long as a budget allows: as given, then widened by what stands before and after, best ones first.

    The passage at which the budget ends is cut at a border; what it still holds is verbatim. Passages that touch or
    overlap become one, in the place of the better one, whose id, score and `also_in` it keeps.

    Args:
        passages: best first; the first is taken whatever its length, the rest while they fit.
        context: gives the documents and the embedder, whose tokens are counted.
        collection: where the passages come from.
        tokens: the budget; a word that two passages share counts once.
        reach: how many chunks on each side; 0 packs without widening.
    """
    if not passages:
        return []
    library, embedder = await context.documents(), await context.embedder()
    await embedder.open()
    selection = _Selection(tokens, embedder.token_spans)
    around = await together(
        [
            library.chunks(collection, each.document, max(0, each.ordinal - reach), each.ordinal + reach)
            for each in passages
        ]
    )
    for given, chunks in zip(passages, around, strict=True):
        selection.know(given, chunks)
    selection.take_given()
    for distance in range(1, reach + 1):
        selection.widen(distance)
    return selection.joined()


@dataclass(slots=True)
class _Selection:
    """Which chunks of which documents are taken. A key is a document and an ordinal."""

    room: int
    spans: TokenSpans
    known: dict[tuple[str, int], Chunk] = field(default_factory=dict)
    given: list[Passage] = field(default_factory=list)
    taken: dict[tuple[str, int], int] = field(default_factory=dict)

    def know(self, given: Passage, chunks: Sequence[Chunk]) -> None:
        self.given.append(given)
        self.known.update({(each.document, each.ordinal): each for each in chunks})

    def take_given(self) -> None:
        for rank, each in enumerate(self.given):
            key = (each.document, each.ordinal)
            if key in self.known and not self._take(key, rank, anyway=not self.taken) and self._take_part(key, rank):
                return

    def widen(self, distance: int) -> None:
        for rank, each in enumerate(self.given):
            here = (each.document, each.ordinal)
            if here in self.taken:
                for step in (1, -1):
                    self._widen(here, step, distance, rank)

    def _widen(self, here: tuple[str, int], step: int, distance: int, rank: int) -> None:
        """Takes the chunk at a distance, if those between are taken and all stand under one heading."""
        document, ordinal = here
        key, before = (document, ordinal + step * distance), (document, ordinal + step * (distance - 1))
        if key in self.known and before in self.taken and _place(self.known[key]) == _place(self.known[here]):
            self._take(key, rank)

    def _take(self, key: tuple[str, int], rank: int, *, anyway: bool = False) -> bool:
        """Whether a chunk is taken, now or before."""
        if key in self.taken:
            return True
        cost = len(self.spans(self._fresh(key)))
        if cost > self.room and not anyway:
            return False
        self.room -= cost
        self.taken[key] = rank
        return True

    def _take_part(self, key: tuple[str, int], rank: int) -> bool:
        """Takes what fits of a chunk, next to what is taken of its document, and with it the rest of the room."""
        chunk, fresh = self.known[key], self._fresh(key)
        if self.room < _LEAST_PART:
            return True
        if chunk.text.endswith(fresh):
            part = _head(chunk, len(chunk.text) - len(fresh), fresh, self.spans(fresh)[self.room - 1][1])
        elif chunk.text.startswith(fresh):
            part = _tail(chunk, self.spans(fresh)[-self.room][0])
        else:
            return False  # both neighbours are taken: a part between them would leave a hole
        self.known[key] = part
        self.taken[key], self.room = rank, 0
        return True

    def _fresh(self, key: tuple[str, int]) -> str:
        """What of a chunk no taken neighbour holds."""
        document, ordinal = key
        chunk = self.known[key]
        before = [self.known[each].end for each in ((document, ordinal - 1),) if each in self.taken]
        after = [self.known[each].start for each in ((document, ordinal + 1),) if each in self.taken]
        start, end = max([chunk.start, *before]), min([chunk.end, *after])
        return chunk.text[start - chunk.start : max(start, end) - chunk.start]

    def joined(self) -> list[Passage]:
        runs = sorted(self._runs(), key=lambda run: min(self.taken[key] for key in run))
        return [self._passage(run) for run in runs]

    def _runs(self) -> Iterator[list[tuple[str, int]]]:
        run: list[tuple[str, int]] = []
        for key in sorted(self.taken):
            if run and not self._follows(run[-1], key):
                yield run
                run = []
            run.append(key)
        if run:
            yield run

    def _follows(self, before: tuple[str, int], key: tuple[str, int]) -> bool:
        document, ordinal = before
        return key == (document, ordinal + 1) and _place(self.known[before]) == _place(self.known[key])

    def _passage(self, run: Sequence[tuple[str, int]]) -> Passage:
        best = self.given[min(self.taken[key] for key in run)]
        chunks = [self.known[key] for key in run]
        first, last = chunks[0], chunks[-1]
        return best.model_copy(
            update={
                "start": first.start,
                "end": last.end,
                "start_line": first.start_line,
                "end_line": last.end_line,
                "page": first.page,
                "end_page": last.end_page,
                "text": _text(chunks),
            }
        )


def _head(chunk: Chunk, shared: int, fresh: str, most: int) -> Chunk:
    text = chunk.text[: shared + _end_of_part(fresh, most)].rstrip()
    lines = text.count("\n")
    return replace(chunk, text=text, end=chunk.start + len(text), end_line=chunk.start_line + lines)


def _tail(chunk: Chunk, start: int) -> Chunk:
    line = chunk.start_line + chunk.text.count("\n", 0, start)
    return replace(chunk, text=chunk.text[start:], start=chunk.start + start, start_line=line)


def _end_of_part(text: str, most: int) -> int:
    """The last good border up to `most`; without one in its last fifth, `most` itself: the rest of a budget is used."""
    good = [at for at, strength in borders(text, 0, most, ()) if strength >= Strength.SENTENCE and at > most * 4 // 5]
    return max(good, default=most)


def _place(chunk: Chunk) -> tuple[tuple[str, ...], str]:
    return chunk.headings, chunk.symbol


def _text(chunks: Sequence[Chunk]) -> str:
    """The text of neighbours as one; offsets into it hold, since chunks leave out nothing but blanks."""
    text, before = chunks[0].text, chunks[0]
    for chunk in chunks[1:]:
        gap = chunk.start - before.end
        if gap > 0:
            breaks = min(gap, max(0, chunk.start_line - before.end_line))
            text += "\n" * breaks + " " * (gap - breaks) + chunk.text
        else:
            text += chunk.text[-gap:]
        before = chunk
    return text
