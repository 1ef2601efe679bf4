"""Source code, verbatim: its language is known before, its functions are found by whoever cuts it."""

from sutazai.reading.decoding import decode_text
from sutazai.reading.draft import Draft
from sutazai.reading.encodings import note_losses


def parse(data: bytes, draft: Draft) -> None:
    """Reads source code."""
    text = decode_text(data)
    draft.verbatim(text)
    note_losses(data, text, draft)
