"""Cuts documents into the parts of a summary, along their headings and within a budget. Asks no model.

What no room is left for is named, never dropped in silence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sutazai.rag.report import Passage, Skip
from sutazai.sdk.tokens import estimated_tokens

WORDS_A_SENTENCE: Final = 18
_SHARES: Final = (1.0, 0.85, 0.7, 0.5)
"""Parts cannot be packed without gaps: how much of the room is shared out, until they are few enough."""


@dataclass(frozen=True, slots=True)
class Part:
    """Passages that are summarised in one go, into so many sentences."""

    passages: tuple[Passage, ...]
    sentences: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts in order, and what was left out of them."""

    parts: tuple[Part, ...]
    left_out: tuple[Skip, ...] = ()


def plan(documents: Sequence[Sequence[Passage]], *, words: int, room_tokens: int, most_parts: int) -> Plan:
    """Parts of at most `room_tokens`, together at most `most_parts`.

    Where not everything fits, each section gives its beginning, so that none is missing while there is room.
    """
    sections = [section for passages in documents for section in _sections(passages)]
    for share in _SHARES:
        kept, left_out = _within(sections, round(share * room_tokens * most_parts))
        parts = _joined(kept, room_tokens)
        if len(parts) <= most_parts:
            break
    left_out += [skipped(part, "no room") for part in parts[most_parts:]]
    return Plan(_with_sentences(parts[:most_parts], words), tuple(left_out))


def _sections(passages: Sequence[Passage]) -> list[list[Passage]]:
    """Runs of passages under the same headings."""
    found: list[list[Passage]] = []
    for each in passages:
        if found and (found[-1][-1].headings, found[-1][-1].document) == (each.headings, each.document):
            found[-1].append(each)
        else:
            found.append([each])
    return found


def _within(sections: Sequence[Sequence[Passage]], room: int) -> tuple[list[list[Passage]], list[Skip]]:
    """The first passages of every section, round by round, until the room is used up."""
    taken = [0] * len(sections)
    for depth in range(max(map(len, sections), default=0)):
        for index, section in enumerate(sections):
            cost = _tokens(section[depth : depth + 1])
            if taken[index] == depth < len(section) and cost <= room:
                taken[index] += 1
                room -= cost
    kept = [list(section[:count]) for section, count in zip(sections, taken, strict=True) if count]
    left = [_cut(section, len(section) - n) for section, n in zip(sections, taken, strict=True) if n < len(section)]
    return kept, left


def _cut(section: Sequence[Passage], missing: int) -> Skip:
    whole = missing == len(section)
    return skipped(section, "no room" if whole else f"{missing} of {len(section)} passages: no room")


def skipped(section: Sequence[Passage], reason: str) -> Skip:
    """Names a section that a summary says nothing, or not everything, of."""
    first = section[0]
    return Skip(name=f"{first.name}: {first.headings[-1]}" if first.headings else first.name, reason=reason)


def _joined(sections: Sequence[Sequence[Passage]], room: int) -> list[list[Passage]]:
    """Neighbouring passages of one document, together while they fit."""
    found: list[list[Passage]] = []
    for each in (passage for section in sections for passage in section):
        last = found[-1] if found else []
        if last and last[0].document == each.document and _tokens([*last, each]) <= room:
            last.append(each)
        else:
            found.append([each])
    return found


def _with_sentences(parts: Sequence[Sequence[Passage]], words: int) -> tuple[Part, ...]:
    """The sentences of a summary, shared out by the length of the parts, one each at least."""
    wanted = max(1, round(words / WORDS_A_SENTENCE))
    whole = _tokens(passage for part in parts for passage in part)
    return tuple(Part(tuple(part), max(1, round(wanted * _tokens(part) / max(1, whole)))) for part in parts)


def _tokens(passages: Iterable[Passage]) -> int:
    return sum(estimated_tokens(each.text) for each in passages)
