"""Tables as text (CSV, TSV): each record a row."""

import csv
import io
from collections import deque
from typing import Final

from sutazai.reading.decoding import decode_text
from sutazai.reading.draft import Draft, clean

_DELIMITERS: Final = ",;\t|"
_SAMPLE_LINES: Final = 50
_SAMPLE_CHARS: Final = 20_000
_SEPARATOR_LINE: Final = "sep="


def parse(data: bytes, draft: Draft) -> None:
    """Reads a table; what cannot be told apart into cells stays as it stands."""
    text = clean(decode_text(data))
    first, _, rest = text.partition("\n")
    if first.lower().startswith(_SEPARATOR_LINE) and len(first.strip()) == len(_SEPARATOR_LINE) + 1:
        text, delimiter = rest, first[len(_SEPARATOR_LINE)]
    else:
        delimiter = _delimiter(text)
    try:
        # Looked through before anything is written: an error may wait at the end.
        deque(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), maxlen=0)
    except (csv.Error, TypeError, ValueError):
        draft.note("it cannot be told apart into cells and was read as plain text")
        draft.verbatim(text)
        return
    draft.table(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _delimiter(text: str) -> str:
    """What parts the cells: the character that cuts most of the first records into the same number of cells."""
    sample = text[:_SAMPLE_CHARS]
    best, delimiter = (0.0, 0), ","
    for each in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(sample.splitlines(keepends=True)[:_SAMPLE_LINES], delimiter=each) if row]
        except csv.Error:
            continue
        widths = [len(row) for row in rows]
        usual = max(set(widths), key=widths.count) if widths else 1
        score = (widths.count(usual) / len(widths), usual) if usual > 1 else (0.0, 0)
        if score > best:
            best, delimiter = score, each
    return delimiter
