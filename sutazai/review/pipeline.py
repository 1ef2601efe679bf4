"""A review from beginning to end. `review` is the one public function; each step lives in a module of its own.

Order: collect, static engines at once, units by risk to the model, merge, suppressions, thresholds, report.
"""

from asyncio import CancelledError
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sutazai.errors.files import TargetError
from sutazai.errors.models import ModelError
from sutazai.errors.review import BaselineMissing
from sutazai.errors.store import StoreError
from sutazai.errors.syntax import SourceUnparsable
from sutazai.review.assemble import Reviewed, assembled
from sutazai.review.demands import PathDemands
from sutazai.review.experience import by_experience
from sutazai.review.fingerprint import fingerprinted
from sutazai.review.marks import marks_of
from sutazai.review.merge import merged
from sutazai.review.naming import named
from sutazai.review.placing import placed
from sutazai.review.redact import Lines, redacted, secret_lines, unquoted
from sutazai.review.report import ReviewReport, Timings
from sutazai.review.request import ReviewRequest
from sutazai.review.static import StaticResult, run_static
from sutazai.review.suppress import (
    baseline_text,
    by_baseline,
    by_comments,
    by_feedback,
    comments_of,
    moved_from,
)
from sutazai.review.unknown_rules import rules_named, unknown_rules
from sutazai.review.weigh import Weighed, asked_for, weighed
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.events import FindingArrived, Note, Progress
from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import Analyzer, Cache, Verdict
from sutazai.sdk.source import Collection, Selection, Skipped, SourceFile, Unit

if TYPE_CHECKING:
    from sutazai.review.model_part import ModelPart, Task
    from sutazai.review.recipes.result import UnitResult


async def review(request: ReviewRequest, context: AgentContext) -> ReviewReport:
    """The report on what `request` names. Findings are emitted as they are found, before they are merged.

    Raises:
        SutazAIError: nothing of what was named can be read, or the request cannot be carried out.
    """
    return (await examine(request, context)).report


@dataclass(frozen=True, slots=True)
class Examined:
    """A review with what it rests on, for features that go on from there.

    Attributes:
        collection: the files, with their text.
        static: everything the engines found, whatever the report leaves out.
    """

    report: ReviewReport
    collection: Collection
    static: tuple[Finding, ...]


async def examine(request: ReviewRequest, context: AgentContext) -> Examined:
    """As `review`, with the files and the raw findings.

    Raises:
        SutazAIError: as `review`.
    """
    work = _Review(request, context)
    report = await work.run()
    return Examined(report, work.collection, tuple(work.static.findings))


@dataclass(slots=True)
class _Stopwatch:
    """Wall seconds since the start, and of each phase."""

    context: AgentContext
    start: float = 0.0
    last: float = 0.0
    first_finding_s: float | None = None
    phases: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start = self.last = self.context.clock.monotonic()

    def lap(self, phase: str) -> None:
        now = self.context.clock.monotonic()
        self.phases[phase], self.last = now - self.last, now

    def finding(self) -> None:
        if self.first_finding_s is None:
            self.first_finding_s = self.context.clock.monotonic() - self.start

    def timings(self) -> Timings:
        total = self.context.clock.monotonic() - self.start
        return Timings(**self.phases, first_finding_s=self.first_finding_s, total_s=total)


class _Review:
    """One review at work. The request's fields are filled in; `None` stands for "not limited"."""

    def __init__(self, request: ReviewRequest, context: AgentContext) -> None:
        self.request = request
        self.context = context
        self.watch = _Stopwatch(context)
        self.demands = PathDemands.of(request)
        self.collection: Collection
        self.static: StaticResult
        self.sources: dict[str, SourceFile] = {}
        self.secret_lines: Lines = frozenset()
        self.claimed: list[Finding] = []

    async def run(self) -> ReviewReport:
        await self._collect()
        analyzers = await self._analyzers()
        self.static = static = await self._run_static(analyzers)
        found = self._identified(static.findings)
        part = await self._model(found) if self.request.model else None
        if part is not None:
            found = self._identified([*self._adjudicated(found, part), *self.claimed])
        self.watch.lap("model_s")
        comments = [comment for source in self.collection.files for comment in comments_of(source)]
        verdicts = await self._verdicts() if found else []
        faults = by_experience(merged(found), verdicts)
        faults = await self._named(by_comments(faults, [*comments, *marks_of(self.sources, faults)]))
        # Fingerprints anew after the merge: they must not depend on what a model said of the same place.
        reported, suppressed = await self._suppressed(redacted(fingerprinted(faults), self.secret_lines), verdicts)
        kept = self._weighed(reported)
        if self.request.write_baseline:
            known = [*reported, *(each for each in suppressed if _by_baseline(each))]
            await self._write_baseline(known, under_thresholds=len(kept.under_thresholds))
        return assembled(
            Reviewed(self.request, self.collection, analyzers, static, part, kept, suppressed, comments),
            timings=self.watch.timings(),
            project_settings=self.context.project_settings,
        )

    async def _collect(self) -> None:
        self.collection = await (await self.context.workspace()).collect(selection_of(self.request))
        self.sources = {each.path: each for each in self.collection.files}
        self.watch.lap("collect_s")

    async def _analyzers(self) -> list[Analyzer]:
        wanted, every = self.request.engines, await self.context.analyzers()
        for note in unknown_rules(rules_named(self.request), every):
            self.context.emit(note)
        return [each for each in every if wanted is None or each.name in wanted]

    async def _run_static(self, analyzers: Sequence[Analyzer]) -> StaticResult:
        done, total = 0, len(self.sources) * len(analyzers)

        def progressed(files: int) -> None:
            nonlocal done
            done += files
            if analyzers:
                each = len(analyzers)
                self.context.emit(Progress(phase="static", done=done // each, total=total // each, unit="files"))

        result = await run_static(
            self.collection.files,
            analyzers,
            cache=await self._cache(),
            arrived=lambda findings: self._arrived(map(unquoted, findings)),
            progressed=progressed,
        )
        self.secret_lines = secret_lines(result.findings)
        self.watch.lap("static_s")
        return result

    def _arrived(self, findings: Iterable[Finding]) -> None:
        """Tells of findings as they come; what they quote is told only where it surely holds no secret."""
        for finding in asked_for(findings, self.sources, self.demands):
            if self.demands.at(finding.location.path).reached_by(finding):
                self.watch.finding()
                self.context.emit(FindingArrived(finding=finding))

    def _identified(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that were asked for, each with symbol and fingerprint."""
        return fingerprinted(asked_for(findings, self.sources, self.demands))

    async def _model(self, found: Sequence[Finding]) -> "ModelPart | None":
        from sutazai.review.model_part import Interviewer, ModelPart  # noqa: PLC0415 (not for a static review)

        tasks = self._tasks(found)
        if not tasks:
            return ModelPart()
        try:
            chat = await self.context.chat()
        except ModelError as error:
            hint = f" → {error.hint}" if error.hint else ""
            self.context.emit(Note(level="warning", text=f"no model: {error.message}{hint}"))
            return ModelPart(units=len(tasks), notice=error.message)
        self.context.emit(Progress(phase="model", done=0, total=len(tasks), unit="units"))
        interviewer = Interviewer(
            chat,
            (await self.context.profiles()).of(chat.info),
            cache=await self._cache(),
            limit_s=self.request.time_limit_s or 0,
            done=self._unit_done,
        )
        try:
            return await interviewer.ask(tasks)
        except CancelledError:
            self._tell_kept(interviewer.part)
            raise

    def _tell_kept(self, part: "ModelPart") -> None:
        """Whoever stops a long review is to know that it need not begin anew."""
        kept = part.reviewed + part.cached
        if self.request.cache and kept:
            text = f"{kept} of {part.units} functions are kept in the cache: the same command goes on from there"
            self.context.emit(Note(text=text))

    def _tasks(self, found: Sequence[Finding]) -> "list[Task]":
        from sutazai.review.model_part import Task  # noqa: PLC0415 (not for a static review)
        from sutazai.syntax.units import units  # noqa: PLC0415

        tasks = []
        for source in self.collection.files:
            ours = [each for each in found if each.location.path == source.path]
            try:
                cut = units(source)
            except SourceUnparsable as error:
                self.static.failed.append(("model", Skipped(source.path, error.message)))
                continue
            for unit in cut:
                if any(source.touches(*lines) for lines in unit.line_spans()):
                    inside = [each for each in ours if unit.holds_line(each.location.start_line)]
                    tasks.append(Task(_about_changes(unit, source), tuple(inside)))
        return tasks

    def _unit_done(self, task: "Task", result: "UnitResult", done: int, total: int) -> None:
        label = f"{task.unit.path}:{task.unit.symbol or 'module'}"
        claims = self._claims(task, result)
        self.claimed += claims
        self._arrived(redacted(claims, self.secret_lines))
        self.context.emit(Progress(phase="model", done=done, total=total, unit="units", label=label))

    def _claims(self, task: "Task", result: "UnitResult") -> list[Finding]:
        from sutazai.syntax.positions import Positions  # noqa: PLC0415 (not for a static review)

        if not result.claims:
            return []
        source = self.sources[task.unit.path]
        positions = Positions(source.text)
        findings = (placed(claim, task.unit, source, positions) for claim in result.claims)
        return [each for each in findings if each is not None]

    def _adjudicated(self, found: Sequence[Finding], part: "ModelPart") -> list[Finding]:
        verdicts = {key: value for _, result in part.results for key, value in result.verdicts.items()}
        return [
            each.but(confidence=verdicts[each.fingerprint], engines=(*each.engines, "model:adjudicate"))
            if each.fingerprint in verdicts
            else each
            for each in found
        ]

    async def _named(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings with their symbols, in files where one may be shown; a baseline holds those of all files."""
        everything = bool(self.request.baseline or self.request.write_baseline)
        paths = {
            each.location.path
            for each in findings
            if everything or each.suppressed or self.demands.at(each.location.path).reached_by(each)
        }
        return await named(findings, [self.sources[path] for path in sorted(paths)], await self._cache())

    async def _cache(self) -> Cache | None:
        return await self.context.cache() if self.request.cache else None

    async def _suppressed(
        self, findings: list[Finding], verdicts: Iterable[Verdict]
    ) -> tuple[list[Finding], list[Finding]]:
        dismissed = {each.fingerprint: each.reason for each in verdicts if each.verdict == "dismissed"}
        findings = by_feedback(findings, dismissed)
        if self.request.baseline:
            text = await (await self.context.workspace()).read(self.request.baseline)
            if text is None:
                raise BaselineMissing(self.request.baseline)
            untouched = await self._not_looked_at(moved_from(findings, text, self.request.baseline))
            findings = by_baseline(findings, text, self.request.baseline, not_looked_at=untouched)
        reported = [each for each in findings if each.suppressed is None]
        return reported, [each for each in findings if each.suppressed is not None]

    async def _verdicts(self) -> list[Verdict]:
        """What people said of findings in this project; a review goes on where nobody can say."""
        try:
            return await (await self.context.feedback()).verdicts(str(self.collection.root))
        except StoreError as error:
            self.context.emit(Note(level="warning", text=f"dismissed findings are shown again: {error.message}"))
            return []

    async def _not_looked_at(self, paths: Iterable[str]) -> set[str]:
        """Those files that exist outside of this review; one that cannot be read counts as one that does."""
        workspace, found = await self.context.workspace(), set[str]()
        for path in paths:
            with suppress(TargetError):
                if path in self.sources or await workspace.read(path) is None:
                    continue
            found.add(path)
        return found

    async def _write_baseline(self, findings: Sequence[Finding], *, under_thresholds: int) -> None:
        path = self.request.write_baseline
        await (await self.context.workspace()).write(path, baseline_text(findings))
        also = f" ({under_thresholds} under the thresholds)" if under_thresholds else ""
        count = f"{len(findings)} finding{'' if len(findings) == 1 else 's'}"
        self.context.emit(Note(text=f"{count}{also} written to {path}"))

    def _weighed(self, findings: Iterable[Finding]) -> Weighed:
        return weighed(findings, self.demands, max_findings=self.request.max_findings)


def _about_changes(unit: Unit, source: SourceFile) -> Unit:
    """The unit with the lines that were asked for, where not all were."""
    if source.changed is None:
        return unit
    lines = [line for start, end in unit.line_spans() for line in range(start, end + 1)]
    changed = frozenset(at for at, line in enumerate(lines) if source.touches(line, line))
    before = {at: source.before[line] for at, line in enumerate(lines) if line in source.before}
    return replace(unit, changed=changed, before=before)


def _by_baseline(finding: Finding) -> bool:
    return finding.suppressed is not None and finding.suppressed.by == "baseline"


def selection_of(request: ReviewRequest) -> Selection:
    """What the workspace is to collect."""
    return Selection(
        paths=request.paths,
        stdin=request.stdin,
        stdin_filename=request.stdin_filename,
        stdin_kind=request.stdin_kind,
        staged=request.staged,
        diff_base=request.diff_base,
        commits=request.commits,
        exclude=request.exclude or (),
        max_file_bytes=request.max_file_bytes or 1_000_000,
    )
