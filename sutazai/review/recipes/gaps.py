"""Is a statement missing here? Asked with an empty hole between two statements, where a model can fill holes.

A model that fills holes says at once that there is nothing to fill in, or begins a line. Only the place where the text
alone surprised it most is asked about, and only a line that it is sure of, word by word, and that the unit does not
have yet, counts. Source of the idea: the end token of infilling, Bavarian et al. 2022.
"""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Final

from sutazai.review.recipes import slips
from sutazai.review.recipes.walk import Site, Slip, Walk
from sutazai.sdk.chat import TokenLogprob
from sutazai.syntax.parse import Node, parse

MOST_TOKENS: Final = 40
"""Of a line that is missing; a longer one is none."""

LEAST_SURPRISE: Final = 2.0
"""In nats: what stands there is less likely than about one in seven."""

_PRIOR: Final = 2.5
_LEAST_SURE: Final = -0.8
_JUMP: Final = re.compile(r"\s*(return|raise|break|continue)\b")
_BOUND: Final = re.compile(r"\s*(\w+)\s*(:[^=]*)?=(?!=)")


def cuts(walk: Walk) -> Iterator[int]:
    """Where to ask: before every statement of Python that has a line of its own and follows another or a signature.

    Right behind the head of an `if` or a loop stands what the head is for: hardly anything is missing before that.
    """
    blocks = (node for node in walk.nodes() if node.type == "block" and walk.tree.language == "python")
    for statement in (each for block in blocks for each in _followers(block)):
        start, _ = walk.span(statement)
        if walk.text[start - 1 : start] == " " and not walk.text[line_of(walk.text, start) : start].strip():
            yield start - 1


def _followers(block: Node) -> list[Node]:
    statements = [each for each in block.named_children if _counts(each)]
    of_function = block.parent is not None and block.parent.type == "function_definition"
    return statements if of_function else statements[1:]


def _counts(statement: Node) -> bool:
    string = statement.type == "expression_statement" and statement.named_children[0].type == "string"
    return statement.type != "comment" and not string


def line_of(text: str, cut: int) -> int:
    """Where the line of an offset begins: the place of the hole."""
    return text.rfind("\n", 0, cut) + 1


def surprise(text: str, site: Site, top: Sequence[TokenLogprob]) -> float:
    """How unlikely what stands at `site` is, in nats; where no token begins it, at least as unlikely as the last."""
    written = [each.logprob for each in top if each.token and text.startswith(each.token, site.cut)]
    return -max(written, default=min(each.logprob for each in top))


def missing(top: Sequence[TokenLogprob]) -> float:
    """The log-odds that something is to be filled in, in nats, less a prior: statements are seldom missing."""
    nothing = max((each.logprob for each in top if not each.token), default=min(each.logprob for each in top) - 1)
    blank = sum(math.exp(each.logprob) for each in top if each.token and "\n" in each.token and not each.token.strip())
    something = 1.0 - math.exp(min(0.0, nothing)) - blank
    return math.log(max(something, 1e-9)) - nothing - _PRIOR


def line(text: str, at: int, said: Sequence[TokenLogprob]) -> Slip | None:
    """The insertion of the first line that a model filled in at `at`; None if it is unsure of it or it is no news."""
    filled = ""
    for token in said:
        if token.logprob < _LEAST_SURE:
            return None
        filled += token.token
        if "\n" in token.token:
            break
    first, end, _ = filled.partition("\n")
    known = {each.strip() for each in text.splitlines()}
    if not end or first.strip() in known or not _may_be_missing(first, text, at):
        return None
    slip = Slip(at, at, first + "\n", slips.MISSING)
    breaks = parse(text[:at] + slip.replacement + text[at:], "python").has_error and not parse(text, "python").has_error
    return None if breaks else slip


def _may_be_missing(line: str, text: str, at: int) -> bool:
    """Whether a line is one whole statement that would do something where it stands."""
    if not line.startswith(" ") or line.rstrip().endswith(":") or line.lstrip().startswith(("#", '"')):
        return False
    if _JUMP.match(line):
        return _depth(line) > _depth(text[at:])  # else nothing behind it would ever run
    bound = _BOUND.match(line)
    return bound is None or re.search(rf"\b{bound[1]}\b", text) is not None


def _depth(text: str) -> int:
    return len(text) - len(text.lstrip(" "))
