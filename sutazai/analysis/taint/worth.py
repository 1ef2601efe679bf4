"""A quick look at text, before it is parsed or followed: whether anything the engine reports can be in it.

Substrings come first and patterns only after one was found: a pattern over all text would cost more than the parser.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from functools import cached_property, reduce
from operator import or_
from typing import Final

from sutazai.analysis.hints import Hints

# Words of a request, and the form in which they are one. One form at a time: together they would be searched ten times
# as long.
_REQUESTS: Final = tuple(
    (hints, re.compile(form))
    for hints, form in (
        (("request",), r"request(?:[.)\[,]|\s*:)"),
        (("Request",), r"Request\b"),
        ((".recv",), r"\.recv(?:from)?\("),
        (("FieldStorage",), "FieldStorage"),
        ((".rfile",), r"\.rfile\b"),
        (("get_argument", "_argument("), r"\.get_(?:query_|body_)?arguments?\("),
        (("websocket",), "websocket"),
        ((".create(",), r"\.(?:completions|messages|responses|ChatCompletion)\.create\("),
        (
            (".chat(", ".generate(", ".generate_content(", "completion(", "invoke(", ".text_generation("),
            r"\.(?:chat|generate|generate_content|a?completion|chat_completion|text_generation|a?invoke)\(",
        ),
        (("pipeline(",), r"\bpipeline\("),
        ((".namelist(", ".infolist(", ".getmembers(", ".getnames("), r"\.(?:namelist|infolist|getmembers|getnames)\("),
    )
)
_ROUTE_HINTS: Final = ("@app.", "@route(", ".route(", "@router.", "@api.", "@bp.", "@blueprint.", "bottle")
# Looked for wherever any of the hints is: what stands before the dot is the author's to name.
_ROUTE: Final = re.compile(r"@(?:route\(|\w[\w.]*\.(?:route|get|post|put|delete|patch|api_route)\()")
_REQUEST_HINTS: Final = (*_ROUTE_HINTS, *(hint for hints, _ in _REQUESTS for hint in hints))
_COMMAND_HINTS: Final = (
    ".system(", "popen", "Popen", "shell=", "shell =", "getoutput", "check_output(", "check_call(", "subprocess.",
    "ssh_", "_ssh", "cli_", "_cli(", "_cmd", "cmd_", "_command(", "exec_command", "sudo", ".shell(", "adb", "Cmd(",
    "Command(", "SSH(", "remote", ".run(", "bash",
)  # fmt: skip
_COMMANDS: Final = re.compile(
    r"\bsystem\(|[pP]open|shell\s*=\s*[T\w]|getoutput\(|getstatusoutput\(|check_output\(|check_call\(|subprocess\.\w+\(|"
    r"(?:ssh|SSH|cli|cmd|Cmd|command|Command|sudo|shell|adb|remote|bash)\w*\(|\.(?:run|sudo|execute|pull|push)\("
)
_LOCAL_HINTS: Final = ("input(", "argv", "environ", "getenv", "parse_args", "stdin")
_QUERY_HINTS: Final = (
    "select ", "SELECT ", "Select ", "insert ", "INSERT ", "Insert ", "update ", "UPDATE ", "Update ", "delete ",
    "DELETE ", "Delete ", "replace into", "REPLACE INTO", "create ", "CREATE ", "drop ", "DROP ", "alter ", "ALTER ",
    "where ", "WHERE ", "select\n", "SELECT\n", "savepoint ", "SAVEPOINT ", "rollback to ", "ROLLBACK TO ", "copy ",
    "COPY ", "explain ", "EXPLAIN ", "pragma ", "PRAGMA ", "attach ", "ATTACH ", "comment on ", "COMMENT ON ",
)  # fmt: skip
_QUERIES: Final = re.compile(
    r"""["'](?:\\n)?\s*(?:select\s|insert\s+(?:into|or|ignore)|update\s+[\w{%`"\[.]+\s+set|update\s|delete\s+from|replace\s+into|where\s|
    (?:release\s+)?savepoint\s|rollback\s+to\s|copy\s|explain\s|pragma\s|attach\s+database\s|comment\s+on\s|
    (?:create|drop|alter)\s+[a-z ]*(?:table|database|user|index|view|role|schema|
    stage|format|function|sequence|extension))""",
    re.IGNORECASE | re.VERBOSE,
)
_EXECUTE_HINTS: Final = ("execute", "query", "Query", "sql", "fetch", ".exec(", ".raw(", ".select(", "_exec")
_FUNCTION: Final = re.compile(r"\n(?=[ \t]*(?:async[ \t]+)?def[ \t])")
_NAME: Final = re.compile(r"\s*(?:async[ \t]+)?def[ \t]+(\w+)")
_CALLED: Final = re.compile(r"\b(\w+)\(")
_BUILT_HINTS: Final = ("%", ".format", "f'", 'f"', "+", ".join(", "F'", 'F"')


_FAMILIES: Final = (_REQUEST_HINTS, _COMMAND_HINTS, _LOCAL_HINTS, _QUERY_HINTS, _EXECUTE_HINTS, _BUILT_HINTS)


class Signs(Flag):
    """What a text has of a flow from a source to a sink."""

    SOURCE = auto()
    SINK = auto()
    COMMAND = auto()
    LOCAL = auto()
    QUERY = auto()
    EXECUTE = auto()
    BUILT = auto()


NONE: Final = Signs(0)
_STATEMENT: Final = Signs.BUILT | Signs.QUERY | Signs.EXECUTE
_BROUGHT: Final = Signs.SOURCE | Signs.LOCAL | Signs.QUERY | Signs.BUILT
"""What a call may bring back; a sink is looked at where it stands."""


def may_begin(signs: Signs) -> bool:
    """Whether a request, or other data of a stranger, may come in where these signs are."""
    return bool(signs & Signs.SOURCE)


def may_end(signs: Signs) -> bool:
    """Whether data can come to a sink where these signs are."""
    ran = bool(signs & Signs.COMMAND) and bool(signs & (Signs.BUILT | Signs.LOCAL))
    return ran or bool(signs & Signs.SINK) or signs & _STATEMENT == _STATEMENT


@dataclass(frozen=True)
class Worth:
    """What to look for: what the shipped tables know, and the names that only a project's or a plugin's tables have.

    Attributes:
        sources: last parts of the names of further sources.
        sinks: the same of further sinks.
    """

    sources: tuple[str, ...] = ()
    sinks: tuple[str, ...] = ()

    def has_source(self, text: str) -> bool:
        """Whether a request, or other data of a stranger, may come in here."""
        return self._has_source(text, self._hints.of(text))

    def reading(self, text: str) -> bool:
        """Whether a text can hold anything that the engine reports."""
        signs = self.signs(text)
        return may_begin(signs) or may_end(signs)

    def parsing(self, text: str) -> bool:
        """Whether a whole file can hold anything to report: where no stranger comes in, the signs of one function must.

        What the functions that it calls may bring back, as far as their names tell, counts as its own.
        """
        present = self._hints.of(text)
        signs = self._signs(text, present)
        if may_begin(signs):
            return True
        if not may_end(signs):
            return False
        parts, own = _FUNCTION.split(text), list[Signs]()
        for part in parts:
            own.append(self._signs(part, _those_in(part, present)))
            if may_end(own[-1]):
                return True
        return any(map(may_end, with_called(parts, own)))

    def signs(self, text: str) -> Signs:
        """The signs of a text."""
        return self._signs(text, self._hints.of(text))

    @cached_property
    def _hints(self) -> Hints:
        words = (*self.sources, *self.sinks, *(hint for family in _FAMILIES for hint in family))
        return Hints(each for each in words if each)

    def _has_source(self, text: str, present: frozenset[str]) -> bool:
        if not present.isdisjoint(self.sources):
            return True
        forms = (form for hints, form in _REQUESTS if not present.isdisjoint(hints))
        asked = not present.isdisjoint(_REQUEST_HINTS)
        return asked and (_ROUTE.search(text) is not None or any(form.search(text) for form in forms))

    def _signs(self, text: str, present: frozenset[str]) -> Signs:
        found = {
            Signs.SOURCE: self._has_source(text, present),
            Signs.SINK: not present.isdisjoint(self.sinks),
            Signs.COMMAND: not present.isdisjoint(_COMMAND_HINTS) and _COMMANDS.search(text),
            Signs.LOCAL: not present.isdisjoint(_LOCAL_HINTS),
            Signs.QUERY: not present.isdisjoint(_QUERY_HINTS) and _QUERIES.search(text),
            Signs.EXECUTE: not present.isdisjoint(_EXECUTE_HINTS),
            Signs.BUILT: not present.isdisjoint(_BUILT_HINTS),
        }
        return reduce(or_, (sign for sign, there in found.items() if there), NONE)


def with_called(texts: Sequence[str], signs: Sequence[Signs]) -> list[Signs]:
    """The signs of functions, and what the functions that they call may bring back: by name, two calls deep."""
    by_name: dict[str, Signs] = {}
    for text, own in zip(texts, signs, strict=True):
        if (name := _NAME.match(text)) is not None:
            by_name[name[1]] = by_name.get(name[1], NONE) | own & _BROUGHT
    called = [by_name.keys() & _CALLED.findall(text) for text in texts]
    once = [_joined(own, names, by_name) for own, names in zip(signs, called, strict=True)]
    for text, own in zip(texts, once, strict=True):
        if (name := _NAME.match(text)) is not None:
            by_name[name[1]] |= own & _BROUGHT
    return [_joined(own, names, by_name) for own, names in zip(once, called, strict=True)]


def _joined(own: Signs, names: Iterable[str], by_name: Mapping[str, Signs]) -> Signs:
    return reduce(or_, (by_name[each] for each in names), own)


def _those_in(text: str, words: Iterable[str]) -> frozenset[str]:
    return frozenset(each for each in words if each in text)
