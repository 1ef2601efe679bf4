"""Cuts what a model writes into sentences while it comes, and makes each one harmless. Judges nothing.

What is shown is plain text on one line: no escapes, no invisible characters, no images, no links behind words.
"""

import re
import unicodedata
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from sutazai.rag.citations_stretches import is_abbreviated
from sutazai.sdk.chat import ChatRequest, Usage
from sutazai.sdk.ports import ChatModel

_BORDER: Final = re.compile(r"\n+|(?:[.!?\u3002]|[.!?][\"')])\s+(?=[^\s\[])|\]\s+(?=[^\Wa-z_])")
_ITEM: Final = re.compile(r"(?:^|\n)\s*\d{1,2}[.)]\s*\Z")
_NUMBERS: Final = r"\d{1,3}(?:\s*(?:,|and|-)\s*\d{1,3})*"
_MARK: Final = re.compile(
    rf"\s*\[(?:(?:source|sentence|passage|no\.?)s?\s*)?{_NUMBERS}\]|\s*\((?:source|sentence|passage|no\.?)s?\s*{_NUMBERS}\)",
    re.IGNORECASE,
)
_PHRASE: Final = re.compile(
    r"^(?:according to|as stated in|based on|in) (?:the )?(?:sentences?|passages?|sources?)\s*\d*\s*(?:,|:)?\s*"
    r"|,?\s*(?:and (?:it|this) )?(?:rests on|as stated in|according to|based on|from|in) (?:the )?"
    r"(?:sentences?|passages?|sources?)(?:\s+(?:number\s+)?\d*)?(?=[.!?]?$)"
    r"|,?\s*(?:(?:and )?(?:it|this) rests on|as stated in|according to|based on)(?=[.!?]?$)",
    re.IGNORECASE,
)
_VERDICT: Final = re.compile(r"^(?:yes|no)\s*[,.:;]\s*", re.IGNORECASE)
_IMAGE: Final = re.compile(r"!\[[^\]]*\]\([^)]*\)?")
_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)?")
_TAG: Final = re.compile(r"</?[A-Za-z!][^<>]{0,500}>")
_MARKUP: Final = re.compile(r"\*\*|^#{1,6}\s+|^>\s+|`{3}\w*")
_ITEM_OR_UNDERSCORES: Final = re.compile(r"^\s*(?:[-*+\u2022]|\d{1,2}[.)])\s+|__")
_SILENCE: Final = re.compile(
    r"\b(?:documents?|passages?|sentences?|sources?|text|context|information|it)\b[^.]{0,60}\b(?:do|does|did|is|are)"
    r"(?: not|n't)\b[^.]{0,30}\b(?:tell|say|mention|contain|provide|specif|state|answer|include|given|available|give)"
    r"|\bnot in the documents\b|\bno (?:information|mention|sentence|passage|document)\b"
    r"|\bnot (?:explicitly )?(?:mentioned|specified|provided|stated|given|available)\b"
    r"|\b(?:cannot|can't) (?:be )?(?:answer|determine)"
    r"|\b(?:i|we) (?:do not|don't) know\b|\bunknown\b",
    re.IGNORECASE,
)
_ENDED: Final = re.compile(r"[.!?\u3002\]][\"')]*\s*\Z")
_LONGEST: Final = 600
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a model: its words without marks, and the numbers it cites."""

    text: str
    cites: tuple[int, ...] = ()

    @property
    def is_silence(self) -> bool:
        """Whether it says that the documents do not tell."""
        return bool(_SILENCE.search(self.text))


class Sentences:
    """Takes a reply piece by piece and gives each sentence once it is whole."""

    def __init__(self) -> None:
        self._rest = ""

    def add(self, text: str) -> list[Sentence]:
        """The sentences that are whole now."""
        self._rest += text
        found = []
        start = 0
        for border in _BORDER.finditer(self._rest):
            part = self._rest[start : border.end()]
            is_open = is_abbreviated(part) or _ITEM.search(part)
            if "\n" in border.group() or not is_open:
                found.append(part)
                start = border.end()
        self._rest = self._rest[start:]
        return _sentences(found)

    def end(self, *, broke_off: bool = False) -> list[Sentence]:
        """What is left; of a reply that broke off only if it ends as a sentence does."""
        rest, self._rest = self._rest, ""
        return [] if broke_off and not _ENDED.search(rest) else _sentences([rest])


async def said(chat: ChatModel, request: ChatRequest, spent: Callable[[Usage], None]) -> AsyncGenerator[Sentence, None]:
    """The sentences of a reply as they become whole; what the reply cost goes to `spent`.

    Raises:
        ModelError: the model could not answer, or not to the end.
    """
    sentences, finish = Sentences(), None
    async with aclosing(chat.stream(request)) as stream:
        async for chunk in stream:
            spent(chunk.usage)
            finish = chunk.finish or finish
            for each in sentences.add(chunk.text):
                yield each
    for each in sentences.end(broke_off=finish != "stop"):
        yield each


def _sentences(parts: list[str]) -> list[Sentence]:
    return [sentence for part in parts if (sentence := sentence_of(part)).text]


def sentence_of(part: str) -> Sentence:
    """A piece of a reply as a harmless sentence."""
    line = _ITEM_OR_UNDERSCORES.sub("", harmless(part[: 4 * _LONGEST])[:_LONGEST])
    cites = tuple(int(number) for mark in _MARK.findall(line) for number in re.findall(r"\d+", mark))
    line = re.sub(r"\s+([.,;:!?])", r"\1", _MARK.sub("", line)).strip()
    line = _PHRASE.sub("", line)
    line = _VERDICT.sub("", line)
    line = line if line.count('"') >= _PAIR else line.strip(" \"'")
    line = " ".join(line.split())
    line = line[:1].upper() + line[1:]
    if re.search(r"\w", line) is None:
        line = ""
    elif line[-1] not in ".!?\u3002":
        line = line.rstrip(",;: ") + "."
    return Sentence(line, tuple(dict.fromkeys(cites)))


def harmless(text: str) -> str:
    """A text on one line without markup: no links behind words, no images, no tags, no control characters."""
    line = visible_line(text)
    return _MARKUP.sub("", _TAG.sub("", _LINK.sub(r"\1", _IMAGE.sub("", line))))


def visible_line(text: str) -> str:
    """A text on one line without control and format characters: no escape sequence, no turned or hidden text."""
    kept = (each if each in "\n\t" or unicodedata.category(each)[0] != "C" else " " for each in text)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())
