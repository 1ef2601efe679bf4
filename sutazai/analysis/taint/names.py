"""What the name of a function says about it, where nobody can look inside: sanitisers, tests and look-ups."""

import re
from typing import Final

_EVERY: Final = frozenset({"*"})
_NOTHING: Final[frozenset[str]] = frozenset()
_UNSAFE: Final = re.compile(r"(?i)un_?(safe|escape|quote|clean|sanit|filter)|mark_?safe|decode|is_?safe")
_HTML: Final = re.compile(
    r"(?i)(escape|encode|clean|strip|sanit).*(html|markup|xss|tags)|(html|xss).*(escape|encode|clean|sanit)|antixss"
)
_CLEAN: Final = re.compile(
    r"(?i)sanit|(^|_)clean|[a-z]Clean|escape|(^|_)quote|safe|whitelist|allowlist|valid(ate|ated)?(_|$)|normali[sz]e_(path|name)"
)
_RESULT: Final = re.compile(
    r"(?i)^_*(is|has|can|should|check|verify|count|len|num|hash|digest|exists?|authenticate|authori[sz]e|login|allowed)"
    r"([_A-Z0-9]|$)|(^|_)(hash|digest|checksum|count|length|exists)$"
)
_LOOKUP: Final = re.compile(
    r"(?i)^_*(get|find|fetch|load|look_?up|query|select|search|execute|filter|exclude|first|create|insert|update|"
    r"delete|remove|save|add|put|post|send|patch|set|store|commit|register|open|connect|run|call|commandOutput|results?)"
    r"([_A-Z0-9]|$|by|one|all)"
)
_CHECK: Final = re.compile(
    r"(?i)^_*(validate|verify|check|forbid|reject|refuse)|^_*(ensure|assert|require).*(valid|safe|allowed|clean|plain|format)"
)


def cleaned_by(name: str) -> frozenset[str]:
    """The kinds of sinks that a function of this name makes its argument harmless to."""
    if _UNSAFE.search(name):
        return _NOTHING
    if _HTML.search(name):
        return frozenset({"xss"})
    return _EVERY if _CLEAN.search(name) else _NOTHING


def keeps_nothing(name: str) -> bool:
    """Whether the result of such a function is an answer about its argument, not the argument itself."""
    return _RESULT.search(name) is not None or _LOOKUP.search(name) is not None


def refuses(name: str) -> bool:
    """Whether such a function, called for nothing but its effect, raises on bad input."""
    return _CHECK.search(name) is not None


def tests(name: str) -> bool:
    """Whether such a function tells if its argument is good."""
    return (
        re.search(r"(?i)(is|has)_?.*(safe|valid|allowed|permitted|trusted|ok)|^(allowed|valid|safe|trusted)_", name)
        is not None
    )
