"""Mutable defaults: `None` in the head, and a guard that makes a fresh value for each call."""

import re
from typing import Final

from sutazai.review.fixes.site import Rewrite, Site, joined
from sutazai.syntax.parse import Node

_FRESH: Final = re.compile(r"\[\s*\]|\{\s*\}|(?:list|dict|set)\(\s*\)")
# A default that remembers from call to call is sometimes meant: then it is called so.
_MEMORY: Final = re.compile(r"^_|cache|memo|seen|registry", re.IGNORECASE)
_PARAMETERS: Final = ("default_parameter", "typed_default_parameter")


def none_for_mutable(site: Site) -> Rewrite | None:
    """`def f(a=[])` → `a=None` and `if a is None: a = []`, where the body begins on a line of its own."""
    parameter = site.around(*_PARAMETERS)
    value = parameter.child_by_field_name("value") if parameter else None
    name = parameter.child_by_field_name("name") if parameter else None
    if parameter is None or value is None or name is None or not _FRESH.fullmatch(site.text(value)):
        return None
    function = parameter.parent.parent if parameter.parent else None
    first = _first_statement(site, function) if function and function.type == "function_definition" else None
    typed = _optional(site, parameter)
    if first is None or typed is None or _MEMORY.search(site.text(name)):
        return None
    indent, step = site.indent_of(first), _step(site, function, first)
    variable = site.text(name)
    guard = f"if {variable} is None:\n{indent}{step}{variable} = {site.text(value)}\n{indent}"
    changes = (site.replace(value, "None"), site.span(first.start_byte, first.start_byte, guard))
    return joined("make a fresh value for each call", typed, changes)


def _first_statement(site: Site, function: Node) -> Node | None:
    """The first statement of the body after its docstring, if it begins a line of its own."""
    body = function.child_by_field_name("body")
    statements = [each for each in body.named_children if each.type != "comment"] if body else []
    if statements and [each.type for each in statements[0].named_children] == ["string"]:
        statements = statements[1:]
    if not statements or site.text(statements[0]).strip() == "...":
        return None
    first = statements[0]
    line, column = site.tree.positions.line_column(site.tree.positions.from_byte(first.start_byte))
    return None if site.tree.positions.line_text(line)[: column - 1].strip() else first


def _step(site: Site, function: Node | None, first: Node) -> str:
    """One level of indentation, as the function has it."""
    outer = site.indent_of(function) if function else ""
    inner = site.indent_of(first)
    return inner[len(outer) :] if inner.startswith(outer) and len(inner) > len(outer) else "    "


def _optional(site: Site, parameter: Node) -> tuple[()] | tuple | None:  # type: ignore[type-arg]
    """What makes the annotation allow None: nothing without one, `| None` where the file may use it, else None."""
    annotation = parameter.child_by_field_name("type")
    if annotation is None:
        return ()
    text, whole = site.text(annotation), site.text(site.root)
    if "None" in text or "Optional" in text or text == "Any":
        return ()
    modern = "from __future__ import annotations" in whole or "| None" in whole
    if not modern or text[:1] in {"'", '"'}:
        return None
    return (site.span(annotation.end_byte, annotation.end_byte, " | None"),)
