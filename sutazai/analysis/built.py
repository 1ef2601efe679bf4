"""What text an argument holds: literals as they are, names followed back, and every other value between two marks.

Owns how strings are put together in the languages of the packs: `"a " + x`, `` `a ${x}` ``, `fmt.Sprintf("a %s", x)`
and `sb.append(x)` all give `a ⟦x⟧`. Must never decide what is a fault: that a rule does, by a pattern on such a text.

A value that cannot bring anything foreign stands as `0`.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Final

from sutazai.analysis.assignments import Assignments, Span, Write, functions, span
from sutazai.analysis.harmless import is_from_request, is_harmless, is_number, was_compared

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_OPEN, _CLOSE, _HARMLESS = "⟦", "⟧", "0"
_MOST_TEXTS: Final = 6
_LONGEST: Final = 4_000
# In one file: bounds for texts made to be slow.
_MOST_STEPS: Final = 5_000
_MOST_SECONDS: Final = 4.0
_DEEPEST: Final = 24
_STRINGS: Final = frozenset(
    (
        "string",
        "string_literal",
        "interpreted_string_literal",
        "raw_string_literal",
        "template_string",
        "encapsed_string",
        "heredoc",
        "heredoc_body",
        "nowdoc",
        "nowdoc_body",
        "interpolated_string_expression",
        "verbatim_string_literal",
        "concatenated_string",
        "chained_string",
        "subshell",
        "shell_command_expression",
    )
)
_CONTENT: Final = re.compile(r"(fragment|content|escape_sequence|nowdoc_string)$")
_SILENT: Final = frozenset(("interpolation_start", "interpolation_brace", "heredoc_start", "heredoc_end", "comment"))
_LEAF_LITERAL: Final = re.compile(r"""^[$@]*(?:[rR]?#*"+|`)(.*?)(?:"+#*|`)$""", re.DOTALL)
_WRAPPERS: Final = frozenset(
    (
        "parenthesized_expression",
        "parenthesized_statements",
        "argument",
        "await_expression",
        "reference_expression",
        "template_substitution",
        "interpolation",
        "expression_list",
        "as_expression",
        "non_null_expression",
        "satisfies_expression",
        "pointer_expression",
        "begin_block",
        "try_expression",
    )
)
_CHOICES: Final = frozenset(("ternary_expression", "conditional_expression", "conditional"))
_NAMES: Final = frozenset(("identifier", "variable_name", "shorthand_property_identifier"))
_SAME: Final = re.compile(  # a call that gives the text of what it is called on, or of its one argument
    r"(?:\.(?:toString|to_string|to_owned|to_s|ToString|trim|Trim|strip|chomp|squish|freeze|as_str|into|clone|String|html_safe"
    r"|unwrap|dup|b)"
    r"|(?:^|\.|::|^new )(?:StringBuilder|StringBuffer|String|String::from|String\.valueOf|str|strings\.TrimSpace|trim"
    r"|Html\.Raw|template\.HTML|string))$"
)
_FORMAT: Final = re.compile(
    r"(?:^|\.|::)(?:Sprintf|sprintf|vsprintf|snprintf|String\.format|[sS]tring\.Format|util\.format|format|formatted)!?$"
)
_PERCENT: Final = re.compile(r"%(?:\d+\$)?[-+0 #]*[\d*]*(?:\.[\d*]+)?(?:ll?|z|h)?([a-zA-Z])")
_BRACES: Final = re.compile(r"\{(\w*)[^{}]*\}")
_SIDES: Final = 3
_MEMBER_OF: Final = frozenset((".", "->", "::", "?.", "&."))
_FUNCTION: Final = re.compile(r"function|lambda|closure|^block|func_literal")
_NUMBERS: Final = frozenset("dioxXufFeEgGcbtp")


class Texts:
    """The texts of the arguments of one file; nothing is read before the first question.

    Attributes:
        is_cut: the file took more steps or seconds than there are: what was asked after that is not known.
    """

    def __init__(self, root: "SgNode", language: str) -> None:
        self._root = root
        self._language = language
        self._known: dict[tuple[Span, str], list[str]] = {}
        self._steps = 0
        self._seconds = 0.0
        self.is_cut = False

    @cached_property
    def _source(self) -> str:
        return self._root.text()

    @cached_property
    def _assignments(self) -> Assignments:
        return Assignments(self._root, self._language)

    def of(self, node: "SgNode", depth: int = 0) -> list[str]:
        """The texts that `node` may hold, the likeliest first."""
        if not depth:
            begun = time.monotonic()
            try:
                return self._of(node, depth)
            finally:
                self._seconds += time.monotonic() - begun
        return self._of(node, depth)

    def _of(self, node: "SgNode", depth: int) -> list[str]:
        key = (span(node), node.kind())
        if key not in self._known:
            self._steps += 1
            self.is_cut = self.is_cut or self._steps > _MOST_STEPS or self._seconds > _MOST_SECONDS
            far = depth > _DEEPEST or self.is_cut
            self._known[key] = [_HARMLESS] if far else self._read(node, depth)
        return self._known[key]

    def _read(self, node: "SgNode", depth: int) -> list[str]:
        kind = node.kind()
        if kind in _WRAPPERS:
            inner = [each for each in node.named_children() if each.kind() not in _SILENT]
            return self.of(inner[0], depth + 1) if inner else [""]
        if kind in _CHOICES:
            return [text for each in node.named_children()[-2:] for text in self.of(each, depth + 1)][:_MOST_TEXTS]
        return self._reader(node, kind)(node, depth)

    def _reader(self, node: "SgNode", kind: str) -> "Callable[[SgNode, int], list[str]]":
        if kind in _NAMES:
            return self._name
        if kind in _STRINGS or kind == "heredoc_beginning":
            return self._string
        if kind in ("binary_expression", "binary"):
            return self._binary
        if node.field("arguments") is not None or kind in ("macro_invocation", "call"):
            return self._call
        return lambda other, depth: [self._value(other, depth)]

    def _name(self, node: "SgNode", depth: int) -> list[str]:
        name = node.text()
        inside = next(functions(node))
        before = self._source[inside[0] : node.range().start.index]
        if was_compared(name, before) or is_number(name.lstrip("$"), self._source[slice(*inside)][:_LONGEST]):
            return [_HARMLESS]
        ways = self._assignments.reaching(name, node)
        if not ways:
            asked = is_from_request(name, before)
            return [_marked(f"request.query.{name}" if asked else name)]
        return [text for way in ways for text in self._way(way, depth)][:_MOST_TEXTS] or [_HARMLESS]

    def _way(self, way: Sequence[Write], depth: int) -> list[str]:
        texts = [self._written(write, depth) for write in way]
        return _joined(texts)

    def _written(self, write: Write, depth: int) -> list[str]:
        if write.member:
            return [_marked(self._code(write.value, depth) + write.member)]
        return self.of(write.value, depth + 1)

    def _string(self, node: "SgNode", depth: int) -> list[str]:
        if node.kind() == "heredoc_beginning":
            body = next((each.next() for each in (node, *node.ancestors()) if _is_heredoc(each.next())), None)
            return self.of(body, depth + 1) if body is not None else [_HARMLESS]
        children = node.children()
        if not children:
            found = _LEAF_LITERAL.match(node.text())
            return [_plain(found[1] if found else node.text())]
        return _joined([self._part(each, depth) for each in children])

    def _part(self, node: "SgNode", depth: int) -> list[str]:
        kind = node.kind()
        if _CONTENT.search(kind):
            return [_plain(node.text())]
        if not node.is_named() or kind in _SILENT:
            return [""]
        return self.of(node, depth + 1)

    def _binary(self, node: "SgNode", depth: int) -> list[str]:
        parts = node.children()
        if len(parts) != _SIDES:
            return [self._value(node, depth)]
        left, sign, right = parts
        if sign.kind() in ("+", "."):
            return _joined([self.of(left, depth + 1), self.of(right, depth + 1)])
        if sign.kind() == "%" and left.kind() == "string":
            values = right.named_children() if right.kind() == "array" else [right]
            return self._filled(left, values, _PERCENT, depth)
        return [self._value(node, depth)]

    def _call(self, node: "SgNode", depth: int) -> list[str]:
        called, receiver, values = _call_of(node)
        if _FORMAT.search(called):
            at = next((number for number, each in enumerate(values) if each.kind() in _STRINGS), None)
            if at is not None:
                form = _BRACES if called.endswith(("format!", "tring.Format")) and "%" not in called else _PERCENT
                form = _PERCENT if called == "String.format" else form
                return self._filled(values[at], values[at + 1 :], form, depth)
            if receiver is not None and receiver.kind() in _STRINGS:
                return self._filled(receiver, values, _PERCENT, depth)
        if _SAME.search(called):
            if receiver is not None and not values:
                return self.of(receiver, depth + 1)
            if len(values) == 1:
                return self.of(values[0], depth + 1)
        return [self._value(node, depth)]

    def _filled(self, form: "SgNode", values: Sequence["SgNode"], places: re.Pattern[str], depth: int) -> list[str]:
        """The form with the texts of the values in its places, in their order."""
        (text, *_) = self.of(form, depth + 1)
        rest = iter(values)
        parts: list[list[str]] = []
        last = 0
        for place in places.finditer(text):
            parts.append([text[last : place.start()]])
            parts.append(self._filling(place, rest, form, depth, percent=places is _PERCENT))
            last = place.end()
        return _joined([*parts, [text[last:]]])

    def _filling(
        self, place: re.Match[str], rest: Iterator["SgNode"], form: "SgNode", depth: int, *, percent: bool
    ) -> list[str]:
        if not percent and place[1] and not place[1].isdigit():
            return self._named(place[1], form, depth)
        value = next(rest, None)
        if value is None or (percent and place[1] in _NUMBERS):
            return [_HARMLESS]
        return self.of(value, depth + 1)

    def _named(self, name: str, use: "SgNode", depth: int) -> list[str]:
        """A name that stands in the literal itself: `format!("{name}")`."""
        function = self._source[slice(*next(functions(use)))]
        if is_number(name, function[:_LONGEST]) or name.isupper():
            return [_HARMLESS]
        ways = self._assignments.reaching(name, use)
        return [text for way in ways for text in self._way(way, depth)][:_MOST_TEXTS] or [_marked(name)]

    def _value(self, node: "SgNode", depth: int) -> str:
        return _marked(self._code(node, depth))

    def _code(self, node: "SgNode", depth: int) -> str:
        """The expression as it is written, its names followed back."""
        text, (start, end) = node.text(), span(node)
        if depth > _DEEPEST or len(text) > _LONGEST:
            return text[:_LONGEST]
        pieces, last = [], start
        for each in _names_in(node):
            at, after = span(each)
            pieces += [self._source[last:at], self._inserted(each, depth)]
            last = after
        return "".join((*pieces, self._source[last:end]))[:_LONGEST]

    def _inserted(self, node: "SgNode", depth: int) -> str:
        texts = self.of(node, depth + 1)
        text = next((each for each in texts if _OPEN in each), texts[0])
        if text == _HARMLESS:
            return "checked()"
        if text.startswith(_OPEN) and text.endswith(_CLOSE) and text.count(_OPEN) == 1:
            return text[1:-1]
        return f'"{text.replace(_OPEN, "").replace(_CLOSE, "")}"'


def _is_heredoc(node: "SgNode | None") -> bool:
    return node is not None and node.kind() == "heredoc_body"


def _names_in(node: "SgNode") -> Iterator["SgNode"]:
    """The names of variables in an expression, in their order; what stands behind a dot names a member."""
    for number, each in enumerate(children := node.children()):
        if each.kind() in _NAMES:
            before = children[number - 1].kind() if number else ""
            after = children[number + 1].kind() if number + 1 < len(children) else ""
            if before not in _MEMBER_OF and not after.startswith("argument"):
                yield each
        elif not _FUNCTION.search(each.kind()):
            yield from _names_in(each)


def _call_of(node: "SgNode") -> tuple[str, "SgNode | None", list["SgNode"]]:
    """What is called, on what, and with which arguments."""
    if node.kind() == "macro_invocation":
        tree = node.named_children()[-1]
        return f"{node.named_children()[0].text()}!", None, _unpacked(tree.named_children())
    function = node.field("function") or node.field("name") or node.field("method") or node.field("constructor")
    receiver = node.field("object") or node.field("receiver")
    inner = function.field("object") or function.field("value") or function.field("operand") if function else None
    inner = inner or (function.field("expression") if function else None)
    arguments = node.field("arguments")
    called = function.text() if function else node.text().partition("(")[0]
    if receiver is not None:
        called = f"{receiver.text()}.{called}"
    values = [each for each in arguments.named_children() if each.kind() != "comment"] if arguments else []
    return called, receiver or inner, _unpacked(values)


def _unpacked(values: Sequence["SgNode"]) -> list["SgNode"]:
    return [each.named_children()[-1] if each.kind() == "argument" else each for each in values]


def _joined(parts: Sequence[Sequence[str]]) -> list[str]:
    texts = [""]
    for part in parts:
        texts = ["".join(pair)[:_LONGEST] for pair in product(texts, part)][:_MOST_TEXTS]
    return texts


def _marked(code: str) -> str:
    return _HARMLESS if is_harmless(code) else f"{_OPEN}{_plain(code)}{_CLOSE}"


def _plain(text: str) -> str:
    return text.replace(_OPEN, "").replace(_CLOSE, "")
