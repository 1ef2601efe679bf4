"""Reads the functions of this folder and the faults that can be planted into them. Never runs them.

A fault is one edit that changes what a function does (a test runs each against examples). They were drawn by mutation
operators of their own, not by the probe's classes: dropped statements and conditions, swapped arguments, wrong
variables and defaults are among them.
"""

import json
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from sutazai.sdk.source import Segment, SourceFile, Unit
from sutazai.syntax.units import units


@dataclass(frozen=True, slots=True)
class Fault:
    """One edit that makes a function wrong.

    Attributes:
        file: name of the file in this folder.
        symbol: dotted name of the function.
        kind: which mutation it is.
        start: code-point offset in the file.
        written: what stands there in the right function.
        replacement: what stands there in the wrong one.
    """

    file: str
    symbol: str
    kind: str
    start: int
    written: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A right function, and the faults that can be planted into it."""

    unit: Unit
    faults: tuple[Fault, ...]

    def planted(self, fault: Fault) -> Unit:
        """The function with the fault."""
        text = self.unit.text
        at = fault.start - self.unit.segments[0].start
        text = text[:at] + fault.replacement + text[at + len(fault.written) :]
        return replace(self.unit, text=text, segments=(Segment(0, len(text), self.unit.start_line),))

    def lines(self, fault: Fault) -> frozenset[int]:
        """The 1-based lines of the planted function on which a finding counts as found.

        A dropped line is noticed on the line before or after.
        """
        at = fault.start - self.unit.segments[0].start
        line = self.unit.text.count("\n", 0, at) + 1
        if fault.written.endswith("\n") and not fault.replacement:
            return frozenset({line - 1, line})
        return frozenset(range(line, line + fault.replacement.strip("\n").count("\n") + 1))


def samples() -> list[Sample]:
    """Every function of this folder, in the order of files and text."""
    folder = resources.files(__package__)
    faults = [Fault(**entry) for entry in _entries(folder.joinpath("faults.json").read_text("utf-8"))]
    found = []
    for name in sorted({fault.file for fault in faults}):
        source = SourceFile(name, folder.joinpath(name).read_text("utf-8"), "python")
        for unit in units(source):
            fitting = tuple(each for each in faults if (each.file, each.symbol) == (name, unit.symbol.split(":")[-1]))
            if fitting:
                found.append(Sample(unit, fitting))
    return found


def _entries(text: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(text)
    return entries
