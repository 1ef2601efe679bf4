"""What full-text search looks at: the text, what stands above it, and words that its tokenizer would not see.

The tokenizer splits at everything that is no letter or digit, folds accents, stems and drops stop words (English).
Scripts without spaces get pairs of characters, as in Lucene's CJK analyzer; letters in composed form and the parts of
names in code are added as words. Pure.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from sutazai.sdk.document import Chunk, DocumentRecord
from sutazai.sdk.scripts import UNSPACED

MAX_QUERY: Final = 10_000
_UNSPACED: Final = re.compile(f"[{UNSPACED}]+")
_HUMPS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_CAMEL: Final = re.compile(r"\b[A-Za-z]*[a-z0-9][A-Z][A-Za-z0-9]*\b")


def searched(record: DocumentRecord, chunk: Chunk) -> tuple[str, str, str]:
    """What is indexed for a chunk, in three parts: what stands above its text, the text, and words that are added."""
    parts = dict.fromkeys(part for part in (record.title, *chunk.headings, chunk.symbol, chunk.lead) if part)
    above = "".join(f"{part}\n" for part in parts)
    whole = above + chunk.text
    added = [*_composed(whole), *_pairs(whole), *(_parts(whole) if record.language else [])]
    return above, chunk.text, "\n" + " ".join(added) if added else ""


def asked(query: str) -> str:
    """The words to look for. Any text is a query; marks and operators mean nothing."""
    text = unicodedata.normalize("NFKC", query[:MAX_QUERY])
    return " ".join([text, *_pairs(text)]) if any(each.isalnum() for each in text) else ""


def _composed(text: str) -> Iterable[str]:
    normal = unicodedata.normalize("NFKC", text)
    if normal == text:
        return []
    there = set(text.split())
    return dict.fromkeys(word for word in normal.split() if word not in there)


def _pairs(text: str) -> Iterable[str]:
    return [one + two for run in _UNSPACED.findall(text) for one, two in pairwise(run)]


def _parts(text: str) -> Iterable[str]:
    return dict.fromkeys(part for name in _CAMEL.findall(text) for part in _HUMPS.findall(name))
