"""Reads labelled sets and lays their files out. A set is `NAME.csv` (the truth) beside `NAME.jsonl` (the files).

The table: `id,path,start,end,cwe,label,pair,side,note`. Label 1 is faulty; empty start and end mean the whole file;
pairs are one piece of code before and after its fix. The files: one JSON object a line, `path` and `text`. Must never
write outside the folder it was given, whatever the paths say.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled place. `span` is None for a whole file; `cwe` is None where every finding counts."""

    id: str
    path: str
    span: tuple[int, int] | None
    cwe: int | None
    kind: str
    faulty: bool
    pair: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Cases and the files they are about, text by path."""

    name: str
    cases: tuple[Case, ...]
    files: dict[str, str]

    @property
    def pairs(self) -> int:
        """How many cases come as two, before and after a fix."""
        return len({each.pair for each in self.cases if each.pair})

    def first(self, limit: int) -> "LabelledSet":
        """The set cut down to so many pairs or single cases; 0 means all."""
        if not limit:
            return self
        chosen = set(list(dict.fromkeys(each.pair or each.id for each in self.cases))[:limit])
        cases = tuple(each for each in self.cases if (each.pair or each.id) in chosen)
        paths = {each.path for each in cases}
        return LabelledSet(self.name, cases, {path: text for path, text in self.files.items() if path in paths})

    def lay_out(self, folder: Path) -> None:
        """Writes the files under `folder`, each exactly as its text says.

        Raises:
            ValueError: a path leads out of the folder.
        """
        for path, text in self.files.items():
            target = folder / _inside(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="")


def labelled_sets(folder: Path, only: str = "") -> Iterator[LabelledSet]:
    """The sets of a folder by name; with `only`, the one of that name."""
    for truth in sorted(folder.glob("*.csv")):
        texts = truth.with_suffix(".jsonl")
        if texts.is_file() and only in {"", truth.stem}:
            yield LabelledSet(truth.stem, tuple(cases_of(truth.read_text(encoding="utf-8"))), _files(texts))


def cases_of(table: str) -> Iterator[Case]:
    """The rows of a table of truths."""
    for row in csv.DictReader(table.splitlines()):
        start, end = _number(row["start"]), _number(row["end"])
        yield Case(
            id=row["id"],
            path=row["path"],
            span=None if start is None else (start, end or start),
            cwe=_number(row["cwe"]),
            kind=row["cwe"],
            faulty=row["label"] == "1",
            pair=row.get("pair") or "",
            side=row.get("side") or "",
        )


def _files(texts: Path) -> dict[str, str]:
    with texts.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return {each["path"]: each["text"] for each in records}


def _inside(path: str) -> PurePosixPath:
    relative = PurePosixPath(path)
    if relative.is_absolute() or ".." in relative.parts:
        raise ValueError(path)
    return relative


def _number(text: str | None) -> int | None:
    return int(text) if text and text.strip().isdecimal() else None
