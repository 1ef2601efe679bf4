"""A unit as its syntax tree in offsets of its text, and the edits that are found on it. Asks no model."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sutazai.syntax.parse import Node, Tree

_SKIPPED: Final = re.compile(r"comment|^type$|^type_|annotation|decorator|import|^string_content$|modifier")


@dataclass(frozen=True, slots=True)
class Slip:
    """An edit that would be a fault's cure: code-point offsets in the unit's text, and the text to stand there."""

    start: int
    end: int
    replacement: str
    rule: str


@dataclass(frozen=True, slots=True)
class Site:
    """A place to ask at: the text up to `cut` is the prompt, what a model says next decides between the slips.

    Attributes:
        gap: whether a statement begins here, before which another may be missing.
    """

    cut: int
    slips: tuple[Slip, ...]
    gap: bool = False


class Walk:
    """Goes through a tree in the order of the text; knows how to turn a node into offsets and text."""

    def __init__(self, text: str, tree: Tree) -> None:
        self.text = text
        self.tree = tree

    def span(self, node: Node) -> tuple[int, int]:
        """Code-point offsets of a node."""
        places = self.tree.positions
        return places.from_byte(node.start_byte), places.from_byte(node.end_byte)

    def spelled(self, node: Node) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def nodes(self) -> Iterator[Node]:
        """Every node but those of comments, types, imports and the like."""
        waiting = [self.tree.root]
        while waiting:
            node = waiting.pop()
            if not (_SKIPPED.search(node.type) and node.is_named):
                yield node
                # `is not` is one operator to us, though the grammar gives it two children.
                waiting.extend(reversed(node.children if node.is_named else []))
