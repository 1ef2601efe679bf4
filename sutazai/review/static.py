"""The static part of a review: every engine at once over all files, results reused for text that did not change."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from sutazai import __version__
from sutazai.errors.base import SutazAIError
from sutazai.review.report import RuleInfo
from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import Analyzer, AnalyzerReport, Cache
from sutazai.sdk.source import Skipped, SourceFile

_BATCH: Final = 256
Arrived = Callable[[Sequence[Finding]], None]


@dataclass(slots=True)
class StaticResult:
    """What the engines found, the rules of that by id, and what each engine could not analyse."""

    findings: list[Finding] = field(default_factory=list)
    rules: dict[str, RuleInfo] = field(default_factory=dict)
    failed: list[tuple[str, Skipped]] = field(default_factory=list)


class _Stored(BaseModel):
    """What the cache keeps of a file. The rules too: reading the tables they stand in takes longer than a review."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    findings: tuple[Finding, ...]
    rules: dict[str, RuleInfo]


async def run_static(
    files: Sequence[SourceFile],
    analyzers: Sequence[Analyzer],
    *,
    cache: Cache | None,
    arrived: Arrived,
    progressed: Callable[[int], None],
) -> StaticResult:
    """Everything the engines find in `files`.

    Args:
        files: of any language; each engine takes what it accepts.
        analyzers: the engines.
        cache: where results of unchanged text are kept; None: nothing is reused.
        arrived: is given the findings of each engine and batch as soon as they are there.
        progressed: is given the number of files that an engine has just finished.
    """

    async def one(analyzer: Analyzer) -> StaticResult:
        accepted, broken = _accepted(analyzer, files)
        progressed(len(files) - len(accepted))
        batches = [accepted[start : start + _BATCH] for start in range(0, len(accepted), _BATCH)]
        turns = asyncio.Semaphore(max(len(batches), 1) if getattr(analyzer, "batches_at_once", False) else 1)

        async def through(batch: Sequence[SourceFile]) -> StaticResult:
            async with turns:
                found = await _survived(analyzer, batch, cache)
            arrived(found.findings)
            progressed(len(batch))
            return found

        parts = await _all(through(each) for each in batches)
        return _joined([StaticResult(failed=[(analyzer.name, each) for each in broken]), *parts])

    return _joined(await _all(one(each) for each in analyzers))


async def _all(parts: Iterable[Coroutine[Any, Any, StaticResult]]) -> list[StaticResult]:
    """Each part, all at once, in their order."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in parts]
    return [each.result() for each in tasks]


def _joined(parts: Iterable[StaticResult]) -> StaticResult:
    result = StaticResult()
    for each in parts:
        result.findings += each.findings
        result.rules |= each.rules
        result.failed += each.failed
    return result


def _accepted(analyzer: Analyzer, files: Sequence[SourceFile]) -> tuple[list[SourceFile], list[Skipped]]:
    """The files that the engine takes, and those on which even this question broke it."""
    accepted, broken = [], []
    for each in files:
        try:
            if analyzer.accepts(each):
                accepted.append(each)
        except Exception as error:  # noqa: BLE001 (as in `_survived`)
            broken.append(Skipped(each.path, _told(analyzer, error)))
    return accepted, broken


async def _survived(analyzer: Analyzer, batch: Sequence[SourceFile], cache: Cache | None) -> StaticResult:
    """What the engine found; an engine that breaks fails on its batch, the others go on."""
    try:
        return await _analyzed(analyzer, batch, cache)
    except Exception as error:  # noqa: BLE001 (one odd file must not cost the whole review; the report names it)
        reason = _told(analyzer, error)
    return StaticResult(failed=[(analyzer.name, Skipped(each.path, reason)) for each in batch])


def _told(analyzer: Analyzer, error: Exception) -> str:
    if isinstance(error, SutazAIError):
        return error.message
    return f"internal error of {analyzer.name}: {type(error).__name__}: {error}"


async def _analyzed(analyzer: Analyzer, batch: Sequence[SourceFile], cache: Cache | None) -> StaticResult:
    keys, known = {}, {}
    if cache is not None:
        scope = _scope(analyzer, batch)
        keys = {each.path: _key(analyzer, each, scope) for each in batch}
        known = _loaded(await cache.get_many(list(keys.values())))
        known = {} if scope and len(known) < len(batch) else known
    missing = [each for each in batch if keys.get(each.path) not in known]
    report = await analyzer.analyze(missing) if missing else AnalyzerReport()
    rules = _rules_of(analyzer, report.findings)
    if cache is not None and missing:
        broken = {each.path for each in report.failed}
        fresh = {keys[each.path]: _dumped(report, rules, each.path) for each in missing if each.path not in broken}
        await cache.put_many(fresh)
    result = StaticResult(list(report.findings), rules, [(analyzer.name, each) for each in report.failed])
    for stored in known.values():
        result.findings += stored.findings
        result.rules |= stored.rules
    return result


def _rules_of(analyzer: Analyzer, findings: Sequence[Finding]) -> dict[str, RuleInfo]:
    """What a reader needs to know of the rules; an engine without findings is not asked: its tables load slowly."""
    if not findings:
        return {}
    known = analyzer.rules
    return {rule: RuleInfo.of(known[rule]) for rule in {each.rule for each in findings} if rule in known}


def _loaded(texts: dict[str, str]) -> dict[str, _Stored]:
    known = {}
    for key, text in texts.items():
        try:
            known[key] = _Stored.model_validate_json(text)
        except ValidationError:
            continue
    return known


def _dumped(report: AnalyzerReport, rules: dict[str, RuleInfo], path: str) -> str:
    findings = tuple(each for each in report.findings if each.location.path == path)
    named = {each.rule for each in findings}
    return _Stored(findings=findings, rules={rule: rules[rule] for rule in named if rule in rules}).model_dump_json()


def _scope(analyzer: Analyzer, batch: Sequence[SourceFile]) -> str:
    """What results depend on beside their own file: all files of the batch, for an engine that follows calls."""
    if not getattr(analyzer, "across_files", False):
        return ""
    digest = hashlib.sha256()
    for each in batch:
        digest.update(f"{each.path}\0{each.text}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _key(analyzer: Analyzer, source: SourceFile, scope: str) -> str:
    parts = (
        __version__,
        analyzer.name,
        analyzer.version,
        scope,
        source.path,
        source.language,
        str(source.is_test),
        source.text,
    )
    return "static/5:" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
