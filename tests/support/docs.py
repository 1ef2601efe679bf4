"""What stands in the Markdown pages of the repository: blocks, links, headings and calls of our own commands."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(
    r"^(?P<fence>`{3,})(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=fence)[ ]*$", re.MULTILINE | re.DOTALL
)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_PIPES = {"|", "&&", "||", ";", ">", "<", ">>"}


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, what its fence says, and its text."""

    page: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """For messages and names of tests."""
        return f"{self.page}:{self.line}"


def pages(*, written_by_hand: bool = False) -> list[str]:
    """The pages, as paths relative to the root; those of rules are one like the other, so only two are taken."""
    found = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
    rules = [each for each in found if each.startswith("docs/reference/rules/")]
    by_hand = [each for each in found if not each.startswith("docs/reference/")]
    chosen = by_hand if written_by_hand else [each for each in found if each not in rules] + rules[:2]
    return ["README.md", *chosen]


def text_of(page: str) -> str:
    """The page's text."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, *languages: str) -> list[Block]:
    """The fenced blocks of these languages."""
    text = text_of(page)
    return [
        Block(page, text.count("\n", 0, match.start()) + 1, match["language"], match["text"])
        for match in _FENCE.finditer(text)
        if match["language"] in languages
    ]


def all_blocks(*languages: str) -> list[Block]:
    """The fenced blocks of all pages."""
    return [block for page in pages() for block in blocks(page, *languages)]


def links(page: str) -> list[str]:
    """What the page links to, in the order of the text."""
    return _LINK.findall(_SPAN.sub("code", _FENCE.sub("", text_of(page))))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        stem = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = next(n for n in range(len(text)) if (f"{stem}-{n}" if n else stem) not in found)
        found.add(f"{stem}-{number}" if number else stem)
    return found


def calls(page: str) -> list[list[str]]:
    """Every call of our command line on a page, in console blocks and in code spans, without the leading `sutazai`."""
    lines = [line.removeprefix("$ ") for block in blocks(page, "console") for line in block.text.splitlines()]
    spans = [each for each in _SPAN.findall(_FENCE.sub("", text_of(page))) if each.startswith("sutazai ")]
    return [call for line in [*lines, *spans] for call in calls_of(line)]


def calls_of(line: str) -> Iterator[list[str]]:
    """The calls in one line of shell."""
    call: list[str] | None = None
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    for word in [*lexer, ";"]:
        if word in _PIPES:
            if call is not None:
                yield call
            call = None
        elif call is not None:
            call.append(word)
        elif word == "sutazai" or word.endswith("/sutazai"):
            call = []
