"""Turns what ruff prints into findings of ours: rule, place, quote and simple fixes.

Owns the reading of ruff's JSON lines. Must never trust a place in them: the text decides whether it exists.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sutazai.analysis.pack import PackRule
from sutazai.analysis.places import Places
from sutazai.sdk.finding import Edit, Finding, Fix, Location
from sutazai.sdk.source import SourceFile

SYNTAX_ERROR: Final = "invalid-syntax"
UNREADABLE: Final = "E902"
_MOST_EDITS: Final = 4
_MISSING_NAME: Final = "py-undefined-name"
_MOST_MISSING_NAMES: Final = 3
_MODE: Final = re.compile(r"`0o([0-7]{3,5})`")
# Where a value stands in SQL (not the name of a table or column), a placeholder could stand: no reason to build text.
_SQL_VALUE: Final = re.compile(
    r"(?:[=<>(,]|\b(?:like|in|values|limit|offset|between)\b)[ \t(]{0,8}[\\'\"%]{0,4}[ \t]{0,4}"
    r"(?:%s|%d|%\(|\{|[\"'][ \t\r\n]{0,40}[+%]|[\"'][ \t]{0,8}\.format)",
    re.IGNORECASE,
)
_NUMBER_KEY: Final = re.compile(r"literal `-?[0-9]")
_REFINED: Final = {"S608": (_SQL_VALUE, 0.6), "F601": (_NUMBER_KEY, 0.45)}
# ruff calls everything in ftplib unencrypted, the encrypted client too.
_ENCRYPTED_FTP: Final = "FTP_TLS("
_OTHERS_MAY_WRITE: Final = 0o002
_NAME: Final = re.compile(r"`(\w+)`")

# "seems safe": only literals in the command, so nobody outside has a say in it. An import of pdb stops nothing.
_HARMLESS: Final = ("seems safe", "Import for")
# Where names are made at run time, ruff cannot know them; telling them missing would be a guess.
_DYNAMIC: Final = (
    *("globals()", "vars()", "exec(", "import *", "__getattr__", "__builtins__", "builtins.", "_convert_"),
    *("global_enum",),
)
_NEEDS_STATIC_NAMES: Final = frozenset({"F821", "F822"})


def finding_of(
    entry: Mapping[str, Any], source: SourceFile, places: Places, rules: Mapping[str, PackRule]
) -> Finding | None:
    """The finding that one entry of ruff's output means, None for what we do not report.

    Args:
        entry: one object of ruff's JSON.
        source: the file it is about.
        places: of the text of `source`.
        rules: ours by code of ruff.
    """
    known = rules.get(str(entry.get("code")))
    if known is None or _is_noise(entry, source.text):
        return None
    span = _span(entry, places)
    if span is None:
        return None
    start, end = places.quotable(*span)
    if _ENCRYPTED_FTP in source.text[start:end]:
        return None
    return Finding(
        rule=known.rule.id,
        category=known.rule.category,
        severity=known.rule.severity,
        confidence=_confidence(entry, known, source.text[start:end]),
        cwe=known.rule.cwe,
        location=places.location(source.path, start, end),
        quote=source.text[start:end],
        message=_sentence(entry, known),
        explanation=known.rule.description,
        fix=_fix(entry.get("fix"), source, places),
        engines=("ruff",),
    )


def without_fragments(findings: Sequence[Finding], text: str) -> list[Finding]:
    """The findings, but those of missing names where `text` is a piece of a larger file: many, or nothing imported."""
    missing = {each.quote for each in findings if each.rule == _MISSING_NAME}
    whole = len(missing) <= _MOST_MISSING_NAMES and (len(missing) <= 1 or "import " in text)
    return [each for each in findings if whole or each.rule != _MISSING_NAME]


def syntax_reason(entry: Mapping[str, Any]) -> str:
    """Why a file with a syntax error was not analysed."""
    line = entry.get("location", {}).get("row", 1)
    return f"syntax error at line {line}: {_first_line(entry.get('message'))}"


def _is_noise(entry: Mapping[str, Any], text: str) -> bool:
    message = str(entry.get("message"))
    if entry["code"] in _NEEDS_STATIC_NAMES and _may_exist(message, text):
        return True
    mode = _MODE.search(message) if entry["code"] == "S103" else None
    if mode is not None and not int(mode[1], 8) & _OTHERS_MAY_WRITE:
        return True
    return any(each in message for each in _HARMLESS)


def _may_exist(message: str, text: str) -> bool:
    if any(each in text for each in _DYNAMIC):
        return True
    name = _NAME.search(message)
    return name is not None and f"del {name[1]}" in text


def _confidence(entry: Mapping[str, Any], known: PackRule, quote: str) -> float:
    pattern, refined = _REFINED.get(entry["code"], (None, 0.0))
    if pattern is None or not pattern.search(f"{entry.get('message')}\n{quote}"):
        return known.confidence
    return refined


def _span(entry: Mapping[str, Any], places: Places) -> tuple[int, int] | None:
    start = _offset(entry.get("location"), places)
    end = _offset(entry.get("end_location"), places)
    if start is None or end is None or start >= end:
        return None
    return start, end


def _offset(place: Any, places: Places) -> int | None:
    if not isinstance(place, dict):
        return None
    return places.offset(int(place.get("row", 0)), int(place.get("column", 0)))


def _first_line(message: object) -> str:
    lines = str(message or "").strip().splitlines()
    return lines[0].rstrip(".") if lines else "no reason given"


def _sentence(entry: Mapping[str, Any], known: PackRule) -> str:
    return known.message if "message" in known.data else _first_line(entry.get("message"))


def _fix(fix: Any, source: SourceFile, places: Places) -> Fix | None:
    if not isinstance(fix, dict) or fix.get("applicability") != "safe":
        return None
    entries: Sequence[Any] = fix.get("edits") or ()
    edits = [_edit(each, source, places) for each in entries[: _MOST_EDITS + 1]]
    kept = tuple(each for each in edits if each is not None)
    if not kept or len(kept) != len(entries):
        return None
    return Fix(description=_first_line(fix.get("message")), edits=kept, source="rule")


def _edit(edit: Mapping[str, Any], source: SourceFile, places: Places) -> Edit | None:
    start, end = _offset(edit.get("location"), places), _offset(edit.get("end_location"), places)
    if start is None or end is None or start > end:
        return None
    where: Location = places.location(source.path, start, end)
    return Edit(location=where, replacement=str(edit.get("content", "")))
