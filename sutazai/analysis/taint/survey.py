"""Goes through the files of a project one by one; what one of them does to the engine never costs the others."""

import logging
from collections.abc import Callable, Sequence

from sutazai.analysis.taint.entry import analyse
from sutazai.analysis.taint.frame import Budget, OutOfBudget
from sutazai.analysis.taint.lower_expressions import TooDeep
from sutazai.analysis.taint.machine import Machine
from sutazai.analysis.taint.project import Project
from sutazai.analysis.taint.report import Reporting
from sutazai.analysis.taint.tables import Tables
from sutazai.errors.base import SutazAIError
from sutazai.sdk.finding import Finding, Location
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.source import Skipped, SourceFile


def survey(
    files: Sequence[SourceFile],
    tables: Tables,
    *,
    steps: int,
    seconds: float,
    begun: Callable[[int], None] | None = None,
) -> AnalyzerReport:
    """What reaches a sink in `files`, and the files that could not be followed.

    Args:
        files: one project.
        tables: sources, sinks and sanitisers.
        steps: expressions that are evaluated for one file at most.
        seconds: how long one file may take.
        begun: is given the number of each file before it is followed.
    """
    project = Project(files, tables.worth)
    findings: dict[tuple[str, Location], Finding] = {}
    failed: list[Skipped] = []
    for at, source in enumerate(files):
        if not tables.worth.parsing(source.text):
            continue
        if begun is not None:
            begun(at)
        try:
            for finding in _found(source, project, tables, Budget(steps, seconds)):
                known = findings.get((finding.rule, finding.location))
                if known is None or known.confidence < finding.confidence:
                    findings[finding.rule, finding.location] = finding
        except Exception as error:
            logging.getLogger(__name__).debug("taint failed on %s", source.path, exc_info=True)
            failed.append(Skipped(source.path, _reason(error)))
    return AnalyzerReport(tuple(findings.values()), tuple(failed))


def _reason(error: Exception) -> str:
    if isinstance(error, TooDeep | RecursionError):
        return "nested too deep"
    if isinstance(error, OutOfBudget):
        return "too much to follow within the limits of one file"
    return error.message if isinstance(error, SutazAIError) else f"{type(error).__name__}: {error}"


def _found(source: SourceFile, project: Project, tables: Tables, budget: Budget) -> list[Finding]:
    machine = Machine(tables, project, budget)
    module = project.module_of(source)
    module.started = False
    analyse(machine, module)
    reporting = Reporting(project.text_and_tree)
    return [reporting.finding(hit, tables.kinds[hit.kind]) for hit in machine.found()]
