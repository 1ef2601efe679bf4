"""Which encoding a text is in, where neither it nor what came with it says so: a guess by what languages look like."""

import re
from typing import Final

from sutazai.reading.draft import Draft

_SAMPLE_BYTES: Final = 32_768
_BEFORE: Final = 1_000
# Those that text without a name is in today; of two that share a script the more usual one.
_LIKELY: Final = (
    "cp1252", "cp1251", "cp1250", "cp932", "euc_jp", "gb18030", "big5", "cp949", "koi8_r", "cp1253",
    "cp1254", "cp1255", "cp1256",
)  # fmt: skip
_USUAL: Final = "cp1252"
# Read as Western text, that of Central Europe has signs inside its words, and letters that the West hardly writes.
_CENTRAL: Final = re.compile(r"[^\W\d_][³¹¿£¥¼¾ªº]+[^\W\d_]|[šžŠŽ]")
_HEBREW: Final = re.compile(rb"[\xe0-\xfa]{2}")
_NOT_HEBREW: Final = re.compile(rb"[\xc0-\xdf\xfb-\xff]")
_EAST_ASIAN: Final = frozenset({"cp932", "euc_jp", "gb18030", "big5", "cp949"})
_TOGETHER: Final = re.compile(rb"[\x80-\xff]{2,}")
_ENOUGH: Final = 20
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_MOSTLY: Final = 20
_LOST: Final = "\ufffd"


def guess_encoding(data: bytes) -> str:
    """The encoding that text most likely is in; it is not UTF-8 as a whole, and has no mark.

    Text that is UTF-8 but for a few bytes counts as that: no other encoding has such sequences by chance.
    """
    sample = _sample(data)
    if _is_damaged_utf8(sample):
        return "utf-8"
    if not _HIGH.search(sample):
        return _USUAL
    from charset_normalizer import from_bytes  # noqa: PLC0415 (loaded only when used)

    best = from_bytes(sample, cp_isolation=list(_LIKELY), enable_fallback=False).best()
    guess = _USUAL if best is None else best.encoding
    if guess in {"cp1250", "cp1254"}:
        return guess if guess == "cp1250" and _CENTRAL.search(sample.decode(_USUAL, "replace")) else _USUAL
    if guess in _EAST_ASIAN and not _stands_together(sample):
        return _USUAL
    if guess in {"cp1251", "koi8_r"} and _looks_hebrew(sample):
        return "cp1255"
    return guess


def note_losses(data: bytes, text: str, draft: Draft) -> None:
    """Notes in a draft how many characters of a decoded text stand for bytes that were none."""
    lost = text.count(_LOST) if _LOST.encode() not in data else 0
    if lost:
        draft.note(f"{lost} places in its text fit no encoding and show as {_LOST}")


def _sample(data: bytes) -> bytes:
    """A stretch that tells: around the first byte beyond ASCII."""
    first = _HIGH.search(data)
    start = max(first.start() - _BEFORE, 0) if first else 0
    return data[start : start + _SAMPLE_BYTES]


def _is_damaged_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", "replace")
    lost = text.count(_LOST)
    whole = sum(each > "\x7f" for each in text) - lost
    return whole > lost * _MOSTLY


def _stands_together(sample: bytes) -> bool:
    """Letters of two bytes follow one another; accents stand alone among plain letters."""
    together = sum(len(each) for each in _TOGETHER.findall(sample))
    return together * 2 >= len(_HIGH.findall(sample))


def _looks_hebrew(sample: bytes) -> bool:
    """Russian of any length has letters from the end of its alphabet, where Hebrew has none."""
    return len(_HEBREW.findall(sample)) >= _ENOUGH and not _NOT_HEBREW.search(sample)
