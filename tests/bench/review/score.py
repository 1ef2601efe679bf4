"""Counts what a reviewer found against the truth. Pure: no file, no process.

A case is found where a finding of a fitting CWE lies in its file, and on its lines if it has any. A finding may serve
several cases. Where a figure would divide by zero it is None, never a number.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from tests.bench.review.families import family
from tests.bench.review.labelled import Case


@dataclass(frozen=True, slots=True)
class Alarm:
    """One place that a tool points at."""

    path: str
    start: int
    end: int
    cwes: frozenset[int]
    rule: str


@dataclass(slots=True)
class Tally:
    """Cases by what they are (faulty or not) and whether something was found there."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    def count(self, *, faulty: bool, found: bool) -> None:
        """One more case."""
        name = ("t" if faulty == found else "f") + ("p" if found else "n")
        setattr(self, name, getattr(self, name) + 1)

    @property
    def precision(self) -> float | None:
        """Share of flagged cases that are faulty."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        """Share of faulty cases that are flagged."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 if nothing faulty was found."""
        return 2 * self.tp / (2 * self.tp + self.fp + self.fn) if self.tp else 0.0

    @property
    def false_positive_rate(self) -> float | None:
        """Share of sound cases that are flagged."""
        return _share(self.fp, self.fp + self.tn)

    @property
    def j(self) -> float | None:
        """Youden's J: recall minus the share of sound cases that are flagged; 0 is what guessing gives."""
        rate, recall = self.false_positive_rate, self.recall
        return None if rate is None or recall is None else recall - rate

    def figures(self) -> dict[str, float | None]:
        """Counts and shares, as they are saved."""
        shares = {"precision": self.precision, "recall": self.recall, "f1": self.f1, "j": self.j}
        return {**asdict(self), **{name: None if each is None else round(each, 4) for name, each in shares.items()}}


@dataclass(slots=True)
class Pairs:
    """Code before and after a fix. `caught`: flagged before, silent after; `reversed`: the other way round."""

    caught: int = 0
    both: int = 0
    silent: int = 0
    reversed: int = 0

    def count(self, *, before: bool, after: bool) -> None:
        """One more pair."""
        name = {(True, False): "caught", (True, True): "both", (False, False): "silent"}.get(
            (before, after), "reversed"
        )
        setattr(self, name, getattr(self, name) + 1)

    @property
    def all(self) -> int:
        """How many pairs there are."""
        return self.caught + self.both + self.silent + self.reversed


@dataclass(slots=True)
class Score:
    """What a tool achieved on a set. `kinds` holds the tallies by CWE as the labels name it."""

    tally: Tally = field(default_factory=Tally)
    pairs: Pairs = field(default_factory=Pairs)
    kinds: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))


def score(cases: Sequence[Case], alarms: Iterable[Alarm]) -> Score:
    """How well `alarms` fit the truth."""
    by_path = _by_path(alarms, {each.path for each in cases})
    found = {each.id: any(_fits(alarm, each) for alarm in by_path.get(each.path, ())) for each in cases}
    result = Score()
    for case in cases:
        for tally in (result.tally, result.kinds[case.kind]):
            tally.count(faulty=case.faulty, found=found[case.id])
    for sides in _paired(cases).values():
        if {"before", "after"} <= set(sides):
            result.pairs.count(before=found[sides["before"]], after=found[sides["after"]])
    return result


def settled(path: str, known: Iterable[str] | Mapping[str, object]) -> str | None:
    """The path of the set that a tool means: tools put folders of their own in front."""
    parts = path.split("/")
    return next((tail for at in range(len(parts)) if (tail := "/".join(parts[at:])) in known), None)


def _by_path(alarms: Iterable[Alarm], paths: set[str]) -> dict[str, list[Alarm]]:
    sorted_out: dict[str, list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        path = settled(alarm.path, paths)
        if path is not None:
            sorted_out[path].append(alarm)
    return sorted_out


def _fits(alarm: Alarm, case: Case) -> bool:
    if case.cwe is not None and not alarm.cwes & family(case.cwe):
        return False
    return case.span is None or (alarm.start <= case.span[1] and case.span[0] <= alarm.end)


def _paired(cases: Iterable[Case]) -> dict[str, dict[str, str]]:
    pairs: dict[str, dict[str, str]] = defaultdict(dict)
    for case in cases:
        if case.pair:
            pairs[case.pair][case.side] = case.id
    return pairs


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
