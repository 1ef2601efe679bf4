"""A quick look at text, before it is parsed or followed: whether anything the engine reports can be in it.

Substrings come first and patterns only after one was found: a pattern over all text would cost more than the parser.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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


@dataclass(frozen=True, slots=True)
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
        if _any(_REQUEST_HINTS, text) and _REQUESTS.search(text):
            return True
        return _any(self.sources, text)

    def parsing(self, text: str) -> bool:
        """Whether a whole file can hold anything to report: where no stranger comes in, one function must."""
        if self.has_source(text):
            return True
        return self._may_end(text) and any(self._may_end(part) for part in _FUNCTION.split(text))

    def reading(self, text: str) -> bool:
        """Whether a text can hold anything that the engine reports."""
        return self.has_source(text) or self._may_end(text)

    def _may_end(self, text: str) -> bool:
        """Whether data can come to a sink here."""
        if _any(self.sinks, text):
            return True
        built = _any(_BUILT_HINTS, text)
        if _any(_COMMAND_HINTS, text) and (built or _any(_LOCAL_HINTS, text)) and _COMMANDS.search(text):
            return True
        return built and _any(_QUERY_HINTS, text) and _any(_EXECUTE_HINTS, text) and _QUERIES.search(text) is not None


def _any(hints: Sequence[str], text: str) -> bool:
    return any(hint in text for hint in hints)
