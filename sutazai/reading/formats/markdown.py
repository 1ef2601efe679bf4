"""Markdown, verbatim, with its headings and tables marked by where they stand in the source."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sutazai.reading.decoding import decode_text
from sutazai.reading.draft import Draft, clean
from sutazai.reading.encodings import note_losses

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FRONT_TITLE: Final = re.compile(r"^title[ \t]*:[ \t]*(\S.*)$", re.MULTILINE)
_LINK: Final = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\s+\"[^\"]*\")?\)|\[[^\[\]]*\])")
_MARKS: Final = re.compile(r"(\*\*|__|\*|_|~~|`+)(?=\S)(.+?)(?<=\S)\1")
_WORD_MARKS: Final = re.compile(r"(?<!\w)(__|_)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_ANCHOR: Final = re.compile(r"\s*\{[#.:][^{}]*\}\s*$|<a [^<>]*>|</a>", re.IGNORECASE)
_LONGEST: Final = 1_000


def parse(data: bytes, draft: Draft) -> None:
    """Reads Markdown."""
    text = decode_text(data)
    write_markdown(text, draft, block_reader())
    note_losses(data, text, draft)


def block_reader() -> "MarkdownIt":
    """A reader of blocks: what stands inside of a line takes most of the time, and could be made to take all of it."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 (loaded only when used)

    reader = MarkdownIt("commonmark").enable("table")
    reader.core.ruler.enableOnly(["normalize", "block"])
    return reader


def write_markdown(text: str, draft: Draft, reader: "MarkdownIt") -> None:
    """Writes Markdown into a draft as it stands.

    The draft's title becomes what the head of the text says, else its first heading of level 1.
    """
    text = clean(text)
    base = draft.verbatim(text)
    front = _FRONT_MATTER.match(text)
    if front is not None and (found := _FRONT_TITLE.search(front[1])):
        draft.title = draft.title or found[1].strip().strip("\"'")
    starts = [0, *(at.end() for at in re.finditer("\n", text)), len(text)]
    # The head becomes empty lines: it would be read as a heading, and the lines after it keep their numbers.
    source = text if front is None else "\n" * front[0].count("\n") + text[front.end() :]
    for token, content in _marked(source, reader):
        first, last = token.map or (0, 0)
        if token.type == "table_open":
            draft.mark_table(base + starts[first], base + starts[min(last, len(starts) - 1)] - 1)
            continue
        level, title = int(token.tag[1:]), plain_title(content)
        draft.mark_heading(level, title, base + starts[first])
        if level == 1:
            draft.title = draft.title or title


def plain_title(source: str) -> str:
    """A heading's text without the marks of Markdown."""
    text = _LINK.sub(r"\1", _ANCHOR.sub("", source[:_LONGEST]))
    for _ in range(2):
        text = _MARKS.sub(lambda at: at[0] if "_" in at[1] else at[2], text)
        text = _WORD_MARKS.sub(r"\2", text)
    return _ESCAPED.sub(r"\1", text).strip()


def _marked(source: str, reader: "MarkdownIt") -> Iterator[tuple["Token", str]]:
    """The tokens that begin headings and tables, with the headings' text."""
    tokens = reader.parse(source)
    for index, token in enumerate(tokens):
        if token.type in {"heading_open", "table_open"}:
            yield token, tokens[index + 1].content if token.type == "heading_open" else ""
