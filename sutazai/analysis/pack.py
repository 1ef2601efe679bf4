"""Rule packs: tables of rules as TOML files beside this module, read when an engine first needs them.

Owns the form of a pack. A pack is data: nothing in it is ever run.

Each table is a rule. Its name is the id; `title`, `category`, `severity`, `confidence`, `cwe`, `description`, `bad` and
`good` are what they are in `Rule`, `page` is the help page (default: the page of the first CWE), `message` what a
finding says (default: the title). For ruff, `ruff` lists its codes. For patterns, `match` and `constraints` are a rule
of ast-grep; a file is parsed only if it holds one of `hints`, one of `also`, a match of `evidence`, and the second text
of `joined` right after a name that its first, a pattern, finds anywhere (where given); `not_in_tests` leaves test code
out. Each of `flows` has a `match` that captures `$TEXT`, and a `text`: a pattern on what that may hold (see `built`),
with the words of `text_patterns`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from sutazai.sdk.finding import Category, Severity
from sutazai.sdk.rule import Rule

_FOLDER: Final = Path(__file__).parent / "packs"
_CWE_PAGE: Final = "https://cwe.mitre.org/data/definitions/{}.html"


@dataclass(frozen=True, slots=True)
class PackRule:
    """A rule of a pack.

    Attributes:
        confidence: how sure a finding of this rule is, 0 to 1.
        message: one sentence without full stop.
        data: the whole table, for the keys of the engine.
    """

    rule: Rule
    confidence: float
    message: str
    data: Mapping[str, Any]


@cache
def read_pack(name: str, *, language: str = "python") -> Mapping[str, PackRule]:
    """The rules of a pack by id, in the order of the file; read once.

    Args:
        name: file name without its ending.
        language: our name of the language its examples are in, where a rule names none.
    """
    import tomllib  # noqa: PLC0415 (loaded only when used)

    tables = tomllib.loads(_path(name).read_text(encoding="utf-8"))
    return {rule_id: _rule(rule_id, table, language) for rule_id, table in tables.items()}


def digest(names: Sequence[str]) -> str:
    """Changes whenever one of the packs changes."""
    state = hashlib.blake2b(digest_size=6)
    for name in names:
        state.update(_path(name).read_bytes())
    return state.hexdigest()


def cwe_page(cwe: Sequence[int]) -> str:
    """The public page about the first of these classes, empty for none."""
    return _CWE_PAGE.format(cwe[0]) if cwe else ""


def _path(name: str) -> Path:
    return _FOLDER / f"{name}.toml"


def _rule(rule_id: str, table: Mapping[str, Any], language: str) -> PackRule:
    cwe = tuple(table.get("cwe", ()))
    rule = Rule(
        id=rule_id,
        title=table["title"],
        category=Category(table["category"]),
        severity=Severity(table["severity"]),
        cwe=cwe,
        description=table["description"],
        bad=table["bad"],
        good=table["good"],
        language=table.get("language", language),
        help_url=table.get("page") or cwe_page(cwe),
    )
    return PackRule(rule, table["confidence"], table.get("message", table["title"]), table)
