"""SQL with placeholders: values leave the text and become parameters, in the style of the driver that the file imports.

Only values move: a hole that may be a name, a list or a piece of SQL makes the rewrite unsure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sutazai.review.fixes.pieces import Built, Hole, Literal, as_format, as_text, built
from sutazai.review.fixes.site import Rewrite, Site, arguments, joined
from sutazai.syntax.parse import Node

# Top-level modules of drivers and their placeholder; another database module in the file makes the driver unsure.
_STYLES: Final[Mapping[str, str]] = {
    "sqlite3": "?",
    "aiosqlite": "?",
    "psycopg": "%s",
    "psycopg2": "%s",
    "MySQLdb": "%s",
    "pymysql": "%s",
    "mysql": "%s",
}
_OTHERS: Final = frozenset(
    {
        "sqlalchemy",
        "asyncpg",
        "databases",
        "duckdb",
        "pyodbc",
        "cx_Oracle",
        "oracledb",
        "mariadb",
        "django",
        "peewee",
        "records",
    }
)
_IN_BUILDING: Final = frozenset(
    {"binary_operator", "parenthesized_expression", "concatenated_string", "attribute", "call"}
)
# A value stands after a comparison, LIMIT or OFFSET; after anything else a name could be meant.
_BEFORE_A_VALUE: Final = re.compile(r"(?i)(?:[=<>]|\b(?:like|limit|offset|between))\s*$")
_IN_VALUES: Final = re.compile(r"(?i)\bvalues\s*\((?:[^()']|'[^']*')*$")
_NOT_A_VALUE: Final = re.compile(
    r"(?i)(col|column|columns|field|fields|table|sql|clause|expr|where|order|query|schema|names?_list)s?$"
)
_ODD: Final = re.compile(r"--|/\*|[\"`]\s*$")


@dataclass(slots=True)
class _Query:
    """The statement as it is read: the changes of its text so far, and the parameters in order."""

    changes: list[tuple[int, int, str]] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)


def parameters_for_values(site: Site) -> Rewrite | None:
    """`execute(f"… WHERE a = '{a}'")` → `execute("… WHERE a = ?", (a,))`, where driver and values are certain."""
    style, expression = _style(site), _expression(site)
    if style is None or expression is None:
        return None
    argument = _executed(site, expression)
    text = built(site, expression)
    if argument is None or text is None or not text.holes:
        return None
    query = _Reader(site, text, style).read()
    if query is None:
        return None
    listed = ", ".join(query.parameters) + ("," if len(query.parameters) == 1 else "")
    changes = [site.span(*each) for each in _without_inner(query.changes, text.drop)]
    given = site.span(argument.end_byte, argument.end_byte, f", ({listed})")
    return joined("hand the values over as parameters", changes, given)


def _without_inner(
    changes: Sequence[tuple[int, int, str]], drop: Sequence[tuple[int, int]]
) -> list[tuple[int, int, str]]:
    """All changes; what is dropped anyway inside of a replaced span is not dropped twice."""
    outer = [each for each in drop if not any(start <= each[0] and each[1] <= end for start, end, _ in changes)]
    return [*changes, *((start, end, "") for start, end in outer)]


def _style(site: Site) -> str | None:
    modules = site.modules()
    styles = {_STYLES[each] for each in modules if each in _STYLES}
    return styles.pop() if len(styles) == 1 and not modules & _OTHERS else None


def _expression(site: Site) -> Node | None:
    """The whole text-building expression of the finding, which may be the expression itself or the call around it."""
    node = site.node()
    if node is not None and _is_execute(site, node):
        found = arguments(node)
        return _assigned(site, found[0][0]) if found else None
    around = _IN_BUILDING | {"string", "interpolation"}
    while node is not None and node.parent is not None and node.parent.type in around:
        if node.parent.type == "call" and node.type != "attribute":
            break
        node = node.parent
    return node


def _assigned(site: Site, argument: Node) -> Node | None:
    """What the statement right before puts into the variable; the argument itself where it is none."""
    if argument.type != "identifier":
        return argument
    statement = site.statement(argument)
    before = statement.prev_named_sibling if statement else None
    assignment = before.named_child(0) if before is not None and before.named_child_count else None
    target = assignment.child_by_field_name("left") if assignment is not None else None
    same = target is not None and site.text(target) == site.text(argument)
    return assignment.child_by_field_name("right") if assignment is not None and same else None


def _executed(site: Site, expression: Node) -> Node | None:
    """The argument of `execute` that the expression is, or the variable that only the next statement executes."""
    parent = expression.parent
    if parent is not None and parent.type == "argument_list":
        return expression if _is_execute(site, parent.parent) else None
    target = parent.child_by_field_name("left") if parent and parent.type == "assignment" else None
    statement = parent.parent if parent else None
    following = statement.next_named_sibling if statement else None
    if target is None or target.type != "identifier" or statement is None or following is None:
        return None
    uses = site.uses(site.text(target), site.scope(statement))
    if len(uses) != 2 or uses[0] != target or uses[1].start_byte >= following.end_byte:  # noqa: PLR2004 (one of each)
        return None
    listed = uses[1].parent
    return uses[1] if listed and listed.type == "argument_list" and _is_execute(site, listed.parent) else None


def _is_execute(site: Site, call: Node | None) -> bool:
    function = call.child_by_field_name("function") if call and call.type == "call" else None
    name = function.child_by_field_name("attribute") if function and function.type == "attribute" else None
    found = arguments(call) if call is not None else None
    if name is None or found is None or site.text(name) != "execute":
        return False
    return len(found[0]) == 1 and not found[1]


class _Reader:
    """Reads the statement from its beginning and puts a placeholder where a value stands."""

    def __init__(self, site: Site, text: Built, style: str) -> None:
        self._site = site
        self._text = text
        self._style = style
        self._query = _Query()
        self._seen = ""  # the statement so far, placeholders as `?`
        self._quoted: list[str | Hole] | None = None  # what the quotes that are open hold
        self._from = 0
        self._unsure = False

    def read(self) -> _Query | None:
        for piece in self._text.pieces:
            fine = self._literal(piece) if isinstance(piece, Literal) else self._hole(piece)
            if not fine:
                return None
        sure = self._quoted is None and not self._unsure and not _ODD.search(self._seen) and not self._clashes()
        return self._query if sure else None

    def _clashes(self) -> bool:
        """Whether the text holds what the driver would take for a placeholder of its own."""
        plain = re.sub(r"'[^']*'", "''", self._seen)
        return self._style == "?" and (
            plain.count("?") != len(self._query.parameters) or re.search(r":\w", plain) is not None
        )

    def _literal(self, piece: Literal) -> bool:
        at = piece.start
        for each in piece.text:
            size = len(each.encode())
            if each == "'":
                self._quote(at, at + size)
            elif self._quoted is not None:
                self._quoted.append(each)
            else:
                self._seen += each
            if each == "%" and self._style == "%s":
                self._query.changes.append((at, at + size, "%%"))
            at += size
        return True

    def _quote(self, start: int, end: int) -> None:
        if self._quoted is None:
            self._quoted, self._from = [], start
            return
        held, self._quoted = self._quoted, None
        holes = [each for each in held if isinstance(each, Hole)]
        if not holes:
            self._seen += f"'{''.join(map(str, held))}'"
            return
        # What stood inside of the quotes is a parameter now: a doubled percent sign there would be one too many.
        self._query.changes = [each for each in self._query.changes if each[0] < self._from]
        parameter = self._parameter(held, holes)
        self._unsure = self._unsure or parameter is None
        self._placeholder(self._from, end, parameter or "")

    def _parameter(self, held: Sequence[str | Hole], holes: Sequence[Hole]) -> str | None:
        return as_text(self._site, holes[0]) if len(held) == 1 else as_format(held)

    def _hole(self, hole: Hole) -> bool:
        if self._quoted is not None:
            self._quoted.append(hole)
            return not self._text.close or hole is not self._text.pieces[-1]
        is_value = _BEFORE_A_VALUE.search(self._seen) or _IN_VALUES.search(self._seen)
        if not is_value or _NOT_A_VALUE.search(hole.code) or hole.is_text:
            return False
        end = self._text.close if hole is self._text.pieces[-1] else ""
        self._placeholder(hole.start, hole.end, hole.code, end)
        return True

    def _placeholder(self, start: int, end: int, parameter: str, close: str = "") -> None:
        self._query.changes.append((start, end, self._style + close))
        self._query.parameters.append(parameter)
        self._seen += "?"
