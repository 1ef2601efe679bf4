"""Plain text of any encoding, verbatim."""

from sutazai.reading.decoding import decode_text
from sutazai.reading.draft import Draft
from sutazai.reading.encodings import note_losses


def parse(data: bytes, draft: Draft) -> None:
    """Reads plain text."""
    text = decode_text(data)
    draft.verbatim(text)
    note_losses(data, text, draft)
