"""What of a chunk is turned into a vector: its text, and in front of it what a reader would know from the page.

The title, the headings and the lead are embedded with each chunk and stored with none.
"""

from typing import Final

from sutazai.rag.pieces import TokenSpans
from sutazai.sdk.document import Chunk

_HEAD_CHARS: Final = 400
_TITLE_CHARS: Final = 300


def embedded_text(chunk: Chunk, title: str, spans: TokenSpans, max_tokens: int) -> str:
    """The text to embed, no longer than the embedder takes: the prefix gives way, its beginning first.

    Args:
        chunk: what is embedded.
        title: of its document; the name where it has none.
        spans: tells where tokens begin and end.
        max_tokens: the longest text the embedder takes.
    """
    prefix = _prefix(chunk, title)
    room = max_tokens - len(spans(chunk.text))
    while prefix and room > 0:
        prefix = _last_tokens(prefix, room, spans)
        text = f"{prefix}\n{chunk.text}"
        over = len(spans(text)) - max_tokens
        if over <= 0:
            return text
        room -= over
    return chunk.text


def _prefix(chunk: Chunk, title: str) -> str:
    """The lines that the chunk does not begin with anyway."""
    head = chunk.text[:_HEAD_CHARS]
    path = dict.fromkeys((title[:_TITLE_CHARS], *chunk.headings))
    lines = [" > ".join(each for each in path if each and each not in head), chunk.symbol, chunk.lead]
    return "\n".join(each for each in lines if each)


def _last_tokens(text: str, count: int, spans: TokenSpans) -> str:
    found = spans(text)
    return text if len(found) <= count else text[found[-count][0] :]
