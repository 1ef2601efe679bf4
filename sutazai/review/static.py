"""The static part of a review: every engine at once over all files, results reused for text that did not change."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from sutazai.errors.base import SutazAIError
from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import Analyzer, AnalyzerReport, Cache
from sutazai.sdk.source import Skipped, SourceFile

_BATCH: Final = 256
Arrived = Callable[[Sequence[Finding]], None]


@dataclass(slots=True)
class StaticResult:
    """What the engines found, and what each could not analyse."""

    findings: list[Finding] = field(default_factory=list)
    failed: list[tuple[str, Skipped]] = field(default_factory=list)


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    findings: tuple[Finding, ...] = ()


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
    result = StaticResult()

    async def one(analyzer: Analyzer) -> None:
        accepted = [each for each in files if analyzer.accepts(each)]
        progressed(len(files) - len(accepted))
        for start in range(0, len(accepted), _BATCH):
            batch = accepted[start : start + _BATCH]
            report = await _survived(analyzer, batch, cache)
            result.findings += report.findings
            result.failed += [(analyzer.name, each) for each in report.failed]
            arrived(report.findings)
            progressed(len(batch))

    async with asyncio.TaskGroup() as group:
        for analyzer in analyzers:
            group.create_task(one(analyzer))
    return result


async def _survived(analyzer: Analyzer, batch: Sequence[SourceFile], cache: Cache | None) -> AnalyzerReport:
    """The engine's report; an engine that breaks fails on its batch, the others go on."""
    try:
        return await _analyzed(analyzer, batch, cache)
    except SutazAIError as error:
        reason = error.message
    except Exception as error:  # noqa: BLE001 (one odd file must not cost the whole review; the report names it)
        reason = f"internal error of {analyzer.name}: {type(error).__name__}: {error}"
    return AnalyzerReport(failed=tuple(Skipped(each.path, reason) for each in batch))


async def _analyzed(analyzer: Analyzer, batch: Sequence[SourceFile], cache: Cache | None) -> AnalyzerReport:
    if cache is None:
        return await analyzer.analyze(batch)
    keys = {each.path: _key(analyzer, each) for each in batch}
    known = _loaded(await cache.get_many(list(keys.values())))
    missing = [each for each in batch if keys[each.path] not in known]
    report = await analyzer.analyze(missing) if missing else AnalyzerReport()
    broken = {each.path for each in report.failed}
    fresh = {keys[each.path]: _dumped(report, each.path) for each in missing if each.path not in broken}
    if fresh:
        await cache.put_many(fresh)
    reused = [finding for key in keys.values() for finding in known.get(key, ())]
    return AnalyzerReport((*reused, *report.findings), report.failed)


def _loaded(texts: dict[str, str]) -> dict[str, tuple[Finding, ...]]:
    known = {}
    for key, text in texts.items():
        try:
            known[key] = _Stored.model_validate_json(text).findings
        except ValidationError:
            continue
    return known


def _dumped(report: AnalyzerReport, path: str) -> str:
    return _Stored(findings=tuple(each for each in report.findings if each.location.path == path)).model_dump_json()


def _key(analyzer: Analyzer, source: SourceFile) -> str:
    parts = (analyzer.name, analyzer.version, source.path, source.language, str(source.is_test), source.text)
    return "static:" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
