"""A quick look at text, before it is parsed or followed: whether anything the engine reports can be in it.

Substrings come first and patterns only after one was found: a pattern over all text would cost more than the parser.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sutazai.analysis.hints import Hints

_REQUEST_HINTS: Final = (
    "request", "Request", ".recv", "FieldStorage", ".rfile", "get_argument", "_argument(", "websocket", "@app.",
    "@route(", ".route(", "@router.", "@api.", "@bp.", "@blueprint.", "bottle", ".create(", ".chat(", ".generate(",
    ".generate_content(", "completion(", "invoke(", ".text_generation(", "pipeline(",
)  # fmt: skip
_REQUESTS: Final = re.compile(
    r"request[.)\[,]|request\s*:|Request\b|\.recv(?:from)?\(|FieldStorage|\.rfile\b|\.get_(?:query_|body_)?arguments?\(|"
    r"websocket|@\w[\w.]*\.(?:route|get|post|put|delete|patch|api_route)\(|@route\(|"
    r"\.(?:completions|messages|responses|ChatCompletion)\.create\(|\.(?:chat|generate|generate_content|a?completion|"
    r"chat_completion|text_generation|a?invoke)\(|\bpipeline\("
)
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
    "where ", "WHERE ", "select\n", "SELECT\n",
)  # fmt: skip
_QUERIES: Final = re.compile(
    r"""["'](?:\\n)?\s*(?:select\s|insert\s+(?:into|or|ignore)|update\s+[\w{%`"\[.]+\s+set|update\s|delete\s+from|replace\s+into|where\s|
    (?:create|drop|alter)\s+(?:table|database|user|index|view|role|schema))""",
    re.IGNORECASE | re.VERBOSE,
)
_EXECUTE_HINTS: Final = ("execute", "query", "Query", "sql", "fetch", ".exec(", ".raw(", ".select(", "_exec")
_FUNCTION: Final = re.compile(r"\n(?=[ \t]*(?:async[ \t]+)?def[ \t])")
_BUILT_HINTS: Final = ("%", ".format", "f'", 'f"', "+", ".join(", "F'", 'F"')


_FAMILIES: Final = (_REQUEST_HINTS, _COMMAND_HINTS, _LOCAL_HINTS, _QUERY_HINTS, _EXECUTE_HINTS, _BUILT_HINTS)


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
        return self._has_source(text, self._present(text))

    def parsing(self, text: str) -> bool:
        """Whether a whole file can hold anything to report: where no stranger comes in, one function must."""
        present = self._present(text)
        if self._has_source(text, present):
            return True
        if not self._may_end(text, present):
            return False
        return any(self._may_end(part, _those_in(part, present)) for part in _FUNCTION.split(text))

    def reading(self, text: str) -> bool:
        """Whether a text can hold anything that the engine reports."""
        present = self._present(text)
        return self._has_source(text, present) or self._may_end(text, present)

    def _present(self, text: str) -> frozenset[str]:
        return self._hints.of(text)

    @cached_property
    def _hints(self) -> Hints:
        words = (*self.sources, *self.sinks, *(hint for family in _FAMILIES for hint in family))
        return Hints(each for each in words if each)

    def _has_source(self, text: str, present: frozenset[str]) -> bool:
        if not present.isdisjoint(_REQUEST_HINTS) and _REQUESTS.search(text):
            return True
        return not present.isdisjoint(self.sources)

    def _may_end(self, text: str, present: frozenset[str]) -> bool:
        """Whether data can come to a sink here."""
        if not present.isdisjoint(self.sinks):
            return True
        built = not present.isdisjoint(_BUILT_HINTS)
        called = built or not present.isdisjoint(_LOCAL_HINTS)
        if called and not present.isdisjoint(_COMMAND_HINTS) and _COMMANDS.search(text):
            return True
        asked = built and not present.isdisjoint(_QUERY_HINTS) and not present.isdisjoint(_EXECUTE_HINTS)
        return asked and _QUERIES.search(text) is not None


def _those_in(text: str, words: Iterable[str]) -> frozenset[str]:
    return frozenset(each for each in words if each in text)
