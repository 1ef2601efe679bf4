"""Which functions serve requests, and which of their parameters come from outside: told by decorators and types."""

import re
from typing import Final

from sutazai.analysis.taint.code import Attr, Call, Const, Expr, Function, Name
from sutazai.analysis.taint.frame import Route

_ROUTES: Final = frozenset(
    {"route", "get", "post", "put", "delete", "patch", "api_route", "websocket", "head", "options"}
)
_PART: Final = re.compile(r"[<{](?:(\w+)(?:\([^)]*\))?:)?(\w+)(?::(\w+))?[>}]")
_NUMBERS: Final = frozenset({"int", "float", "uuid"})
_HARMLESS: Final = re.compile(
    r"\b(int|float|bool|UUID|datetime|date|Decimal|Literal|Enum|Session|AsyncSession|Connection)\b"
)
_REQUEST: Final = re.compile(r"(^|[.\s\[\"'])(Http)?Request\b")
_OBJECTS: Final = re.compile(r"\b(Response|BackgroundTasks|WebSocket|SecurityScopes|Depends|HTTPConnection)\b")
_APPLICATION: Final = re.compile(
    r"(?i)app|api|bp|blueprint|router|route|view|server|web|site|^[a-z]$|main|auth|admin|bottle"
)


def route_of(function: Function, text: str) -> Route | None:
    """The route a function serves, None if it serves none.

    Args:
        function: with its decorators.
        text: the source of its module: which framework is imported decides what is done with what it returns.
    """
    for decorator in function.decorators:
        call = decorator if isinstance(decorator, Call) else None
        func = call.func if call is not None else decorator
        name, owner = _named(func)
        if name not in _ROUTES or (owner == "" and name != "route") or (owner and not _APPLICATION.search(owner)):
            continue
        if call is None and name != "route":
            continue
        first = call.args[0].value if call is not None and call.args else None
        rule = first.value if isinstance(first, Const) and isinstance(first.value, str) else ""
        page = "fastapi" not in text or _answers_html(call)
        return Route(rule, page and "aiohttp" not in text)
    return None


def _named(func: Expr) -> tuple[str, str]:
    if isinstance(func, Attr):
        obj = func.obj
        return func.name, obj.id if isinstance(obj, Name) else obj.name if isinstance(obj, Attr) else "?"
    return (func.id, "") if isinstance(func, Name) else ("", "")


def _answers_html(call: Call | None) -> bool:
    classes = [arg.value for arg in (call.args if call is not None else []) if arg.name == "response_class"]
    return any(_named(each)[0] == "HTMLResponse" for each in classes)


def parts_of(rule: str) -> dict[str, frozenset[str]]:
    """The parameters in a route's rule, with the kinds of sinks that their converters make them harmless to."""
    found: dict[str, frozenset[str]] = {}
    for before, name, after in _PART.findall(rule):
        converter = before or after
        if converter in _NUMBERS:
            found[name] = frozenset({"*"})
        elif converter != "path":
            found[name] = frozenset({"path"})
        else:
            found[name] = frozenset()
    return found


def is_request(annotation: str) -> bool:
    """Whether a parameter of this type is the request itself."""
    return _REQUEST.search(annotation) is not None


def is_harmless(annotation: str, default: Expr | None) -> bool:
    """Whether a parameter of this type cannot carry text from outside."""
    if _HARMLESS.search(annotation) or _OBJECTS.search(annotation):
        return True
    return isinstance(default, Call) and _named(default.func)[0] in ("Depends", "Security", "Inject")
