"""Figures as Markdown tables. Decides nothing: what is not known is a dash."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Figures = Mapping[str, Any]


def of_set(figures: Figures, *, per_cwe: bool = False) -> str:
    """The table of one labelled set, and with `per_cwe` one table a tool by class of fault."""
    paired = bool(figures["pairs"])
    head = ["tool", "P", "R", "F1", "J"]
    head += ["caught", "both", "silent", "reversed"] if paired else []
    head += ["findings", "files not analysed", "seconds", "x bandit"]
    rows = [_row(each, len(head), paired=paired) for each in figures["rows"]]
    pairs = f", {figures['pairs']} pairs" if paired else ""
    parts = [f"{figures['set']}: {figures['files']} files, {figures['cases']} cases{pairs}", table(head, rows)]
    if per_cwe:
        parts += [f"{each['tool']}\n\n{_by_kind(each['per_cwe'])}" for each in figures["rows"] if "per_cwe" in each]
    return "\n\n".join(parts)


def of_tree(figures: Figures) -> str:
    """Times and findings per rule on a big tree."""
    times = [_timed(each) for each in figures["runs"]]
    rules = [[each["rule"], each["severity"], each["findings"], _code(each["example"])] for each in figures["rules"]]
    return "\n\n".join(
        [
            f"{figures['tree']}: {figures['files']:,} files, {figures['lines']:,} lines of Python",
            table(["run", "files not analysed", "seconds", "x bandit"], times),
            table(["rule", "severity", "findings", "for example"], rules),
        ]
    )


def of_planted(figures: Figures) -> str:
    """What a model found of planted faults."""
    head = ["model", "right functions", "planted faults", "found", "false alarms", "seconds a function"]
    row = [
        figures["model"],
        figures["functions"],
        figures["faults"],
        _percent(figures["recall"]),
        _percent(figures["false_alarm_rate"]),
        _shown(figures["seconds_a_function"], 1),
    ]
    return table(head, [row])


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; numbers in text form, bars escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)


def _row(figures: Figures, width: int, *, paired: bool) -> list[object]:
    timed = [_shown(figures["seconds"], 1), _shown(figures["ratio"], 2)]
    if "problem" in figures:
        return [figures["tool"], figures["problem"], *["-"] * (width - 4), *timed]
    j = figures["j"]
    row: list[object] = [figures["tool"], *(_shown(figures[each], 3) for each in ("precision", "recall", "f1"))]
    row.append("-" if j is None else f"{j:+.3f}")
    if paired:
        row += _pairs(figures["pairs"])
    return [*row, figures["findings"], figures["unanalysed"], *timed]


def _timed(run: Figures) -> list[object]:
    return [run["run"], run["problem"] or run["unanalysed"], _shown(run["seconds"], 2), _shown(run["ratio"], 3)]


def _pairs(pairs: Mapping[str, int]) -> list[str]:
    caught = f"{pairs['caught']} ({pairs['caught'] / sum(pairs.values()):.1%})"
    return [caught, *(str(pairs[each]) for each in ("both", "silent", "reversed"))]


def _by_kind(kinds: Mapping[str, Figures]) -> str:
    rows = [
        [
            f"CWE-{kind}" if kind.isdecimal() else kind or "any",
            *(each[name] for name in ("tp", "fp", "fn", "tn")),
            *(_shown(each[name], 3) for name in ("precision", "recall")),
        ]
        for kind, each in kinds.items()
    ]
    return table(["class", "TP", "FP", "FN", "TN", "P", "R"], rows)


def _shown(number: float | None, digits: int) -> str:
    return "-" if number is None else f"{number:.{digits}f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`" if text else "-"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
