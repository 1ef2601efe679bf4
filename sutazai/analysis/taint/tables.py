"""Sources, sinks and sanitisers as data: TOML tables beside this module, one a framework, read on first use.

Projects and plugins add rows of their own (`sutazai.sdk.taint`), which know no patterns and no kinds of sinks.

A name is dotted as the code would write it with full imports: `os.path.join`; `()` stands for the result of a call,
`[]` for storing under a key. `*.execute` is that method of anything, `receiver` a pattern for what it is called on.
`~pattern` matches the last part of a name nobody knows.

- source: `kind`, `confidence`, `note`; a `bare` one taints only what it is handed to whole.
- sink: `kind`, `args` (positions and names, `*` for all), `form` (which check decides), `weak` (confidence where only a
  parameter of the function reaches it), `needs` (arguments that must be true), `confidence` (a factor).
- clean: what a call makes harmless, by `kinds` of sinks, `*` for all.
- pass: calls that hand data on; an unknown call hands it on too, with some doubt.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sutazai.analysis.taint.worth import Worth
from sutazai.sdk.finding import Category, Severity
from sutazai.sdk.rule import Rule

if TYPE_CHECKING:
    from sutazai.sdk.taint import TaintTable

FOLDER: Final = Path(__file__).parent / "tables"
_CWE_PAGE: Final = "https://cwe.mitre.org/data/definitions/{}.html"
_SECTIONS: Final = ("source", "sink", "clean", "pass")
EVERYTHING: Final = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table for one name."""

    role: str
    name: str
    kind: str = ""
    kinds: frozenset[str] = EVERYTHING
    args: tuple[int | str, ...] = ("*",)
    form: str = ""
    confidence: float = 1.0
    weak: float = 0.0
    note: str = ""
    bare: bool = False
    needs: tuple[str, ...] = ()
    receiver: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sink: its rule, what a finding says, and whether data of the machine's own user counts."""

    rule: Rule
    message: str
    local: bool
    doubt: float


@dataclass(slots=True)
class Tables:
    """Every row, by name.

    Attributes:
        worth: which texts can hold anything that these tables report.
    """

    kinds: dict[str, Kind] = field(default_factory=dict)
    worth: Worth = field(default_factory=Worth)
    rows: list[Row] = field(default_factory=list)
    _exact: dict[tuple[str, str], Row] = field(default_factory=dict)
    _ends: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    _patterns: dict[str, list[tuple[re.Pattern[str], Row]]] = field(default_factory=dict)
    _known: dict[tuple[str, str], Row | None] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Takes a row; a later one of the same name and role wins."""
        self.rows.append(row)
        if row.name.startswith("~"):
            self._patterns.setdefault(row.role, []).append((re.compile(row.name[1:]), row))
        elif row.name.startswith("*."):
            self._ends.setdefault((row.role, _last(row.name)), []).insert(0, row)
        else:
            self._exact[row.role, row.name] = row

    def find(self, role: str, ref: str) -> Row | None:
        """The row for what the code calls `ref`, None if the tables do not know it."""
        key = (role, ref)
        if key not in self._known:
            self._known[key] = self._found(role, ref)
        return self._known[key]

    def _found(self, role: str, ref: str) -> Row | None:
        exact = self._exact.get((role, ref))
        if exact is not None:
            return exact
        last = _last(ref)
        ends = [row for row in self._ends.get((role, last), ()) if _fits(row, ref)]
        if ends:
            return max(ends, key=lambda row: (len(row.name), row.receiver is not None))
        return next((row for pattern, row in self._patterns.get(role, ()) if pattern.search(last)), None)


def _last(ref: str) -> str:
    return ref.removesuffix("()").rpartition(".")[2].lstrip("?")


def _fits(row: Row, ref: str) -> bool:
    end = row.name[1:]
    if not (ref.endswith(end) or ref == "?" + end[1:]):
        return False
    return row.receiver is None or row.receiver.search(ref[: -len(end)]) is not None


def load_tables(extra: "Sequence[TaintTable]" = ()) -> Tables:
    """The shipped tables, and rows of others, which win where both name the same."""
    tables = Tables(worth=worth_of(extra))
    for path in sorted(FOLDER.glob("*.toml")):
        _read(tables, path)
    for table in extra:
        for role, entries in table.model_dump(by_alias=True).items():
            for entry in entries:
                for name in entry["names"]:
                    tables.add(_row(role, name, {"kind": "request", **entry} if role == "source" else entry))
    return tables


def worth_of(extra: "Sequence[TaintTable]") -> Worth:
    """Which texts can hold anything that is reported; reads no table."""
    return Worth(_words(extra, "source"), _words(extra, "sink"))


def _words(extra: "Sequence[TaintTable]", role: str) -> tuple[str, ...]:
    """What stands in a text that uses one of the names: their last parts."""
    rows = (row for table in extra for row in getattr(table, role))
    return tuple(sorted({_last(name.removesuffix("[]")) for row in rows for name in row.names}))


def _read(tables: Tables, path: Path) -> None:
    data = _parsed(path)
    for role in _SECTIONS:
        for entry in data.get(role, ()):
            for name in entry["names"]:
                tables.add(_row(role, name, entry))
    for name, entry in data.get("kind", {}).items():
        tables.kinds[name] = _kind(entry)


@cache
def _parsed(path: Path) -> Mapping[str, Any]:
    import tomllib  # noqa: PLC0415 (loaded only when used)

    return tomllib.loads(path.read_text(encoding="utf-8"))


def _row(role: str, name: str, entry: Mapping[str, Any]) -> Row:
    receiver = entry.get("receiver")
    return Row(
        role=role,
        name=name,
        kind=entry.get("kind", ""),
        kinds=frozenset(entry.get("kinds", EVERYTHING)),
        args=tuple(entry.get("args", ("*",))),
        form=entry.get("form", ""),
        confidence=entry.get("confidence", 1.0),
        weak=entry.get("weak", 0.0),
        note=entry.get("note", ""),
        bare=entry.get("bare", False),
        needs=tuple(entry.get("needs", ())),
        receiver=re.compile(receiver) if receiver else None,
    )


def _kind(entry: Mapping[str, Any]) -> Kind:
    cwe: Sequence[int] = entry["cwe"]
    rule = Rule(
        id=entry["rule"],
        title=entry["title"],
        category=Category.SECURITY,
        severity=Severity(entry["severity"]),
        cwe=tuple(cwe),
        description=entry["description"],
        bad=entry["bad"],
        good=entry["good"],
        help_url=_CWE_PAGE.format(cwe[0]),
    )
    return Kind(rule, entry["message"], entry.get("local", False), entry.get("doubt", 1.0))
