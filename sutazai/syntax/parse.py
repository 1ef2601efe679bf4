"""Parses text with tree-sitter. The only room that knows tree-sitter; others get `Tree` and `Node` from here.

Bounded: text over `MAX_CHARS` or out of `bounds` is refused, parsing ends after `MAX_SECONDS`, and trees are walked
without recursion, since their depth is the author's to choose. A parser is made anew for each text, so no two threads
ever share one.
"""

import importlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tree_sitter import Language, Node, Parser

from sutazai.errors.syntax import SourceTooLarge, SourceTooTangled, SyntaxUnavailable
from sutazai.syntax.bounds import beyond_parsing
from sutazai.syntax.languages import LANGUAGES
from sutazai.syntax.positions import Positions, utf8

__all__ = ["MAX_CHARS", "MAX_SECONDS", "Node", "Tree", "parse", "trails", "walk"]

MAX_CHARS: Final = 1_000_000
MAX_SECONDS: Final = 10.0
_LONE_RETURN: Final = re.compile(rb"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed text. `source` is the UTF-8 text that the byte offsets of nodes count in."""

    root: Node
    source: bytes
    language: str
    positions: Positions

    @property
    def has_error(self) -> bool:
        """Whether any part of the text does not fit the grammar."""
        return self.root.has_error

    def first_error(self) -> tuple[int, int] | None:
        """The 1-based line and column of the first place that does not fit the grammar, None if all does."""
        broken = walk(self.root, into=lambda node: node.has_error)
        at = next((node.start_byte for node in broken if node.is_error or node.is_missing), None)
        return None if at is None else self.positions.line_column(self.positions.from_byte(at))

    def text_of(self, node: Node) -> str:
        """The source text of a node."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")


def parse(text: str, language: str) -> Tree:
    """The tree of a text. Broken syntax gives a tree too, with error nodes in it.

    Raises:
        SyntaxUnavailable: there is no grammar for the language, or it is not installed.
        SourceTooLarge: the text is longer than `MAX_CHARS`.
        SourceTooTangled: no parser may be given the text, or it took longer than `MAX_SECONDS`.
    """
    if len(text) > MAX_CHARS:
        raise SourceTooLarge(len(text), MAX_CHARS)
    if reason := beyond_parsing(text, language):
        raise SourceTooTangled(reason)
    source = utf8(text)
    # Grammars take a lone carriage return for a blank: the rest of the file would belong to the first comment.
    root = _parsed(_LONE_RETURN.sub(b"\n", source), _grammar(language))
    return Tree(root, source, language, Positions(text))


def _parsed(source: bytes, grammar: Language) -> Node:
    until = time.monotonic() + MAX_SECONDS

    def late(_offset: int, _broken: bool) -> bool:
        return time.monotonic() > until

    try:
        return Parser(grammar).parse(lambda at, _: source[at:], progress_callback=late).root_node
    except ValueError as error:  # what it says of a parse that was stopped
        raise SourceTooTangled(f"more ways to read it than {MAX_SECONDS:.0f} s allow") from error


def _grammar(language: str) -> Language:
    known = LANGUAGES.get(language)
    if known is None or known.grammar is None:
        raise SyntaxUnavailable(language)
    module, function = known.grammar
    try:
        return Language(getattr(importlib.import_module(module), function)())
    except ImportError as error:
        raise SyntaxUnavailable(language) from error


def _everything(node: Node) -> bool:  # noqa: ARG001 (the form of a filter)
    return True


def walk(node: Node, into: Callable[[Node], bool] = _everything) -> Iterator[Node]:
    """A node and all nodes under it, in the order of the text.

    Args:
        node: where to start.
        into: asked of each node: whether to go on with its children.
    """
    return (here for here, _ in trails(node, into))


def trails(node: Node, into: Callable[[Node], bool] = _everything) -> Iterator[tuple[Node, list[Node]]]:
    """As `walk`, each node with its ancestors from the start downwards: one list, changed as the walk goes on."""
    cursor, trail, down = node.walk(), list[Node](), True
    while True:
        if down:
            here = cursor.node or node
            yield here, trail
            if down := into(here) and cursor.goto_first_child():
                trail.append(here)
        elif cursor.goto_next_sibling():
            down = True
        elif cursor.goto_parent():
            trail.pop()
        else:
            return
