"""What a sentence says, term by term: numbers, units, names, codes, links and words, in forms that can be compared.

Owns when two spellings mean the same: case, accents of the font, thousands separators, numbers in words. Never guesses
at meaning: two words are the same only by their letters.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil
from typing import Final, Literal

from sutazai.rag.citations_tables import MONTHS, NUMBERS, ORDINALS, SCALES, STOP_WORDS, TENS, UNITS

Kind = Literal["number", "unit", "name", "code", "link", "word"]

_FOLDED: Final = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2212": "-", "\u2013": "-"}
)
_LEAST_STEM: Final = 4
_SHARED: Final = 0.8
_THOUSAND_DIGITS: Final = 3
_TOKEN: Final = re.compile(
    r"(?P<link>(?:https?://|www\.)[^\s<>\"')\]|]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<date>(?<![\w-])\d{4}-\d\d-\d\d(?![\w-]))"
    r"|(?P<code>(?<!\w)(?!\d{1,3}(?:\.\d{3})+(?![\d.]))\d+(?:\.\d+){2,}\b|(?<![^\W\d_])[^\W\d]\w*(?:[-._]\w+)*)"
    r"|(?P<number>(?:(?<![\w.,)-])-)?\d{1,3}(?:[,.'\u00a0\u202f ]\d{3})+(?:[.,]\d+)?(?!\d)"
    r"|(?:(?<![\w.,)-])-)?\d+(?:[.,:]\d+)?)"
    r"|(?P<unit>[%\u20ac$\u00a3\u00b0]\s?[CF]?\b|[%\u20ac$\u00a3])"
)
_SPELLED: Final = re.compile(rf"\b({'|'.join(TENS)})[- ]({'|'.join(list(NUMBERS)[1:10])})\b", re.IGNORECASE)
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?:]|\A\W+)[\s\"'(\[]*$")
_INITIALS: Final = 2
_ORDINAL_ENDS: Final = frozenset({"st", "nd", "rd", "th"})


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a text: `shown` as it stands there, `forms` as it is compared, `place` its offset."""

    kind: Kind
    shown: str
    forms: frozenset[str]
    place: int = 0

    @property
    def is_specific(self) -> bool:
        """Whether it must occur in a source as it is: everything but plain words."""
        return self.kind != "word"


def plain(text: str) -> str:
    """The text with compatible characters, quotes and dashes written one way, and soft hyphens left out."""
    return unicodedata.normalize("NFKC", text).translate(_FOLDED).replace("\u00ad", "")


def terms(text: str) -> tuple[Term, ...]:
    """The terms of a text in order, without stop words."""
    text = _SPELLED.sub(lambda found: str(TENS[found[1].casefold()] + NUMBERS[found[2].casefold()]), plain(text))
    found: list[Term] = []
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "code" and found and _scale_of(token, text, found[-1]):
            found[-1] = _scaled(found[-1], SCALES[token.group().casefold()])
        else:
            found += _taken(token, text, found)
    return tuple(found)


def _scale_of(token: re.Match[str], text: str, last: Term) -> bool:
    is_behind = last.kind == "number" and not text[_end(last, text) : token.start()].strip(" ")
    return is_behind and token.group().casefold() in SCALES


def _taken(token: re.Match[str], text: str, before: Sequence[Term]) -> Iterator[Term]:
    kind, shown, place = token.lastgroup, token.group(), token.start()
    if kind == "date":
        yield from _date(shown, place)
    elif kind == "link":
        yield Term("link", shown, frozenset({shown.rstrip(".,;:!?").casefold()}), place)
    elif kind == "unit":
        yield Term("unit", shown, frozenset({UNITS.get(shown.replace(" ", ""), shown)}), place)
    elif kind == "number":
        yield Term("number", shown, _values(shown), place)
    else:
        yield from _worded(shown, place, text, before)


def _date(shown: str, place: int) -> Iterator[Term]:
    year, month, day = shown.split("-")
    name = MONTHS.get(int(month), month)
    yield Term("number", day, frozenset({str(int(day))}), place)
    yield Term("name", name, frozenset({name}), place)
    yield Term("number", year, frozenset({year}), place)


def _values(shown: str) -> frozenset[str]:
    """What a number may mean: `9,500` is 9500 or, with a decimal comma, 9.500."""
    sign, digits = ("-", shown[1:]) if shown.startswith("-") else ("", shown)
    if ":" in digits:
        return frozenset({digits.lstrip("0")})
    joined = re.sub(r"[,.'\u00a0\u202f ](?=\d{3}(?:\D|$))", "", digits)
    head, mark, tail = re.sub("[,.]", "\0", joined).partition("\0")
    whole = {_trimmed(head, tail if mark else "")}
    found = re.fullmatch(r"(\d+)[.,](\d{3})", digits)
    if found:
        whole.add(f"{found[1]}.{found[2]}")
    return frozenset(sign + each for each in whole)


def _trimmed(head: str, tail: str) -> str:
    kept = tail if len(tail) == _THOUSAND_DIGITS else tail.rstrip("0")
    head = head.lstrip("0") or "0"
    return f"{head}.{kept}" if kept else head


def _worded(shown: str, place: int, text: str, before: Sequence[Term]) -> Iterator[Term]:
    """A code, or the words of something with hyphens, each a number, a unit behind one, a name or a word."""
    low = shown.casefold()
    if re.search(r"[\d_]|[^\W\d_]{2}\.[^\W\d_]{2}", shown):
        yield Term("code", shown, frozenset({low, low.removeprefix("v")}), place)
        return
    last = before[-1] if before else None
    for part in re.finditer(r"[^\W_]+", shown):
        last = _word(part.group(), place + part.start(), text, last)
        if last is not None:
            yield last


def _word(word: str, place: int, text: str, last: Term | None) -> Term | None:
    low = word.casefold()
    if last is not None and last.kind == "number" and not text[_end(last, text) : place].strip(" -"):
        if unit := UNITS.get(word) or UNITS.get(low):
            return Term("unit", word, frozenset({unit}), place)
        if low in _ORDINAL_ENDS:
            return None
    if low in NUMBERS or low in ORDINALS:
        return Term("number", word, frozenset({str(NUMBERS.get(low, ORDINALS.get(low)))}), place)
    kind = _kind_of(word, place, text)
    if low in STOP_WORDS and not (word == "May" and kind == "name"):
        return None
    return Term(kind, word, _forms(word), place)


def _end(term: Term, text: str) -> int:
    return term.place + (len(term.shown) if text.startswith(term.shown, term.place) else 0)


def _scaled(number: Term, factor: int) -> Term:
    values = {format(Decimal(each) * factor, "f") for each in number.forms if ":" not in each}
    trimmed = {each.rstrip("0").rstrip(".") if "." in each else each for each in values}
    return replace(number, forms=frozenset(trimmed))


def _kind_of(word: str, place: int, text: str) -> Kind:
    if not word[:1].isupper():
        return "word"
    if len(word) >= _INITIALS and word.isupper():
        return "name"
    starts = _SENTENCE_START.search(text[max(0, place - 8) : place]) if place else True
    followed = re.match(r" [A-Z][a-z]", text[place + len(word) : place + len(word) + 3])
    return "word" if starts and not followed else "name"


def _forms(word: str) -> frozenset[str]:
    low = word.casefold()
    if low in UNITS:
        return frozenset({low, UNITS[low]})
    return frozenset(
        {low, MONTHS.get(low[:3], low) if low.isalpha() and MONTHS.get(low[:3], "").startswith(low) else low}
    )


def same(one: Term, other: Term) -> bool:
    """Whether two terms mean the same: a shared form, or for words and names a shared stem."""
    if one.forms & other.forms:
        return True
    if one.kind not in {"word", "name"} or other.kind not in {"word", "name"}:
        return False
    return any(_same_stem(a, b) for a in one.forms for b in other.forms)


def _same_stem(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _LEAST_STEM:
        return longer in {shorter + "s", shorter + "es"}
    shared = next((n for n, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    return shared >= max(_LEAST_STEM, ceil(_SHARED * len(shorter)))


def occurs(term: Term, among: Sequence[Term]) -> bool:
    """Whether a term is among others."""
    return any(same(term, each) for each in among)
