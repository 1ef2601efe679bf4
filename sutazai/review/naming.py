"""Names what is around findings: the innermost function or class. Never decides what is reported.

Telling takes a parse of the file, so the names are kept in the cache, and nobody asks for more than will be read.
"""

import asyncio
import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import Cache
from sutazai.sdk.source import SourceFile

_Names = Mapping[int, str]


async def named(findings: Sequence[Finding], files: Sequence[SourceFile], cache: Cache | None) -> list[Finding]:
    """The findings, those in `files` with the symbol around their first line where they had none.

    Args:
        findings: of any files.
        files: those that may be parsed.
        cache: where names are kept; None: every file is parsed.
    """
    lines: dict[str, set[int]] = defaultdict(set)
    for each in findings:
        if not each.symbol:
            lines[each.location.path].add(each.location.start_line)
    wanted = {_key(each, lines[each.path]): each for each in files if each.path in lines}
    known = _loaded(await cache.get_many(list(wanted))) if cache is not None and wanted else {}
    missing = {key: each for key, each in wanted.items() if key not in known}
    if missing:
        fresh = await asyncio.to_thread(_told, missing, lines)
        if cache is not None:
            await cache.put_many({key: json.dumps(names) for key, names in fresh.items()})
        known |= fresh
    names = {each.path: known[key] for key, each in wanted.items()}
    return [_with_symbol(each, names.get(each.location.path, {})) for each in findings]


def _with_symbol(finding: Finding, names: _Names) -> Finding:
    symbol = finding.symbol or names.get(finding.location.start_line, "")
    return finding if symbol == finding.symbol else finding.but(symbol=symbol)


def _told(files: Mapping[str, SourceFile], lines: Mapping[str, set[int]]) -> dict[str, _Names]:
    from sutazai.syntax.units import enclosing_symbols  # noqa: PLC0415 (tree-sitter only where there are findings)

    return {key: enclosing_symbols(each.text, each.language, lines[each.path]) for key, each in files.items()}


def _key(source: SourceFile, lines: set[int]) -> str:
    parts = (source.language, ",".join(map(str, sorted(lines))), source.text)
    return "symbols/1:" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _loaded(texts: Mapping[str, str]) -> dict[str, _Names]:
    return {key: names for key, text in texts.items() if (names := _parsed(text)) is not None}


def _parsed(text: str) -> _Names | None:
    """What the cache keeps; None for what somebody else wrote there."""
    try:
        return {int(line): str(symbol) for line, symbol in json.loads(text).items()}
    except (ValueError, AttributeError):
        return None
