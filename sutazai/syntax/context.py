"""The little that a reader of one function needs from the rest of its file: nothing more, for more makes reviews worse.

Imports the unit uses, the head of its class, and the signatures of functions of the same file that it calls.
"""

import re
from typing import Final

from sutazai.syntax.outline import Definition, Outline
from sutazai.syntax.parse import Node, Tree
from sutazai.syntax.shapes import SHAPES

_MAX_LINES: Final = 40
_MAX_CHARS: Final = 200
_WORD: Final = re.compile(r"\w+")
_CALLED: Final = re.compile(r"(\w+)\s*(?:<[\w\s,]*>)?\(")
# A word that another part of a path or an alias follows binds nothing itself.
_BOUND: Final = re.compile(r"(?<!\w)([A-Za-z_$][\w$]*)(?!\w)(?!\s*(?:\.|::|\\|/|as\b|=>))")


class Surroundings:
    """Gives the context of units of one file."""

    def __init__(self, tree: Tree, found: Outline) -> None:
        self._tree = tree
        self._imports = [(node, self._bound(node)) for node in found.imports]
        self._signatures = self._all_signatures(found)

    def of(self, text: str, definition: Definition | None) -> str:
        """The context of a unit, at most 40 lines.

        Args:
            text: of the unit.
            definition: the function of the unit, None for a module body, which holds its imports itself.
        """
        words = set(_WORD.findall(text))
        if definition is None:
            lines = self._called(text, words, "")
        else:
            lines = [*self._imported(words), *self._class_head(definition)]
            lines += self._called(text, words, definition.symbol)
        return "\n".join(list(dict.fromkeys(lines))[:_MAX_LINES])

    def _imported(self, words: set[str]) -> list[str]:
        lines = (self._import_line(node, names, words) for node, names in self._imports)
        return [line for line in lines if line]

    def _import_line(self, node: Node, names: dict[str, str], words: set[str]) -> str:
        used = [text for name, text in names.items() if name in words]
        if not used:
            return ""
        if self._tree.language == "python":
            module = node.child_by_field_name("module_name")
            head = f"from {self._tree.text_of(module)} import" if module else "import"
            return _one_line(f"{head} {', '.join(used)}")
        return _one_line(self._tree.text_of(node))

    def _bound(self, node: Node) -> dict[str, str]:
        """The names an import binds, each with the text that binds it."""
        if self._tree.language == "python":
            return dict(self._bound_python(each) for each in node.children_by_field_name("name"))
        text = re.sub(SHAPES[self._tree.language].lead_in, " ", self._tree.text_of(node))
        return {name: name for name in _BOUND.findall(text)}

    def _bound_python(self, node: Node) -> tuple[str, str]:
        alias = node.child_by_field_name("alias")
        text = self._tree.text_of(node)
        return self._tree.text_of(alias) if alias else text.partition(".")[0].strip(), text

    def _class_head(self, definition: Definition) -> list[str]:
        return [self._head(definition.owner)] if definition.owner else []

    def _called(self, text: str, words: set[str], symbol: str) -> list[str]:
        # Where a call needs no parentheses any word may be one.
        names = words if self._tree.language in {"ruby", "bash"} else set(_CALLED.findall(text))
        calls = names & self._signatures.keys()
        found = [(each, line) for name in calls for each, line in self._signatures[name] if each.symbol != symbol]
        return [line for each, line in sorted(found, key=lambda pair: pair[0].start)]

    def _all_signatures(self, found: Outline) -> dict[str, list[tuple[Definition, str]]]:
        signatures: dict[str, list[tuple[Definition, str]]] = {}
        for each in found.definitions:
            if each.outermost:
                name = each.symbol.rpartition(".")[2]
                signatures.setdefault(name, []).append((each, self._head(each)))
        return signatures

    def _head(self, definition: Definition) -> str:
        """A definition up to its body, on one line."""
        node = definition.node
        body = node.child_by_field_name("body")
        end = body.start_byte if body else node.end_byte
        raw = self._tree.source[node.start_byte : min(end, node.start_byte + 4 * _MAX_CHARS)]
        text = raw.decode("utf-8", "replace")
        return _one_line(text if body else text.partition("\n")[0])


def _one_line(text: str) -> str:
    flat = " ".join(text.split()).rstrip("{ ")
    return flat if len(flat) <= _MAX_CHARS else flat[: _MAX_CHARS - 1] + "…"
