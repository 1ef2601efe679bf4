"""Fixes from beginning to end. `fix` is the one public function; each step lives in a module of its own.

Order: review, a patch for each finding, checks; only where asked for: apply and test, or take an application back.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

from sutazai import __version__
from sutazai.errors.fixes import ApplyNeeded, FindingNotReported
from sutazai.review.fixing.applying import Applying
from sutazai.review.fixing.by_model import Mender
from sutazai.review.fixing.offers import Offers
from sutazai.review.fixing.report import FileProblem, FixReport, Patch, TestRun
from sutazai.review.fixing.request import FixRequest
from sutazai.review.fixing.texts import changes_of, fit
from sutazai.review.fixing.trial import Suite
from sutazai.review.fixing.writing import identity, undo_last
from sutazai.review.pipeline import examine
from sutazai.review.redact import secret_lines
from sutazai.review.request import ReviewRequest
from sutazai.review.unknown_rules import unknown_rules
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.events import Progress
from sutazai.sdk.finding import Finding, Severity
from sutazai.sdk.source import Selection, SourceFile


async def fix(request: FixRequest, context: AgentContext) -> FixReport:
    """Patches for what a review finds, each checked; written only where the request says so.

    Raises:
        SutazAIError: nothing of what was named can be read, or the request cannot be carried out.
    """
    if request.undo:
        root, restored = await undo_last(context, request.paths)
        return FixReport(version=__version__, root=str(root), restored=restored)
    if request.test and not request.apply:
        raise ApplyNeeded
    work = _Fixing(request, context)
    return await (work.look() if request.patches is None else work.take(request.patches))


class _Fixing:
    """One fix at work."""

    def __init__(self, request: FixRequest, context: AgentContext) -> None:
        self._request = request
        self._context = context
        self._suite = Suite(context, request.test, timeout_s=request.test_timeout_s) if request.test else None

    async def look(self) -> FixReport:
        """Looks for patches, and applies them where that is asked for."""
        request, context = self._request, self._context
        for note in unknown_rules(request.only_rules, await context.analyzers()):
            context.emit(note)
        examined = await examine(_review_request(request), context)
        wanted = _wanted(examined.report.findings, request)
        mender = None
        if request.model:
            mender = Mender(context, examined.report.rules, limit_s=request.time_limit_s or 0)
        sources = {each.path: each for each in examined.collection.files}
        offers = await self._offers(
            str(examined.collection.root), sources, secrets=secret_lines(examined.static), mender=mender
        )
        patches = [patch async for patch in self._patches(wanted, offers)]
        report = FixReport(
            version=__version__,
            root=str(examined.collection.root),
            findings=len(wanted),
            patches=tuple(patches),
            not_offered=tuple(offers.refused),
            model_notice=mender.notice if mender else "",
            coverage=examined.report.coverage,
        )
        return await self._applied(report, sources, offers) if request.apply else report

    async def take(self, patches: Sequence[Patch]) -> FixReport:
        """Applies patches of an earlier result, each only if its file is still what it was made for."""
        root = patches[0].root if patches else ""
        sources, problems = await self._reread([each for each in patches if each.root == root])
        fresh = [each for each in patches if _is_for(each, sources)]
        stale = [each for each in patches if each not in fresh]
        told = {each.path for each in problems}
        paths = dict.fromkeys(each.finding.location.path for each in stale)
        problems += [FileProblem(path=each, reason=_CHANGED) for each in paths if each not in told]
        offers = await self._offers(root, sources)
        report = FixReport(
            version=__version__, root=root, findings=len(patches), patches=tuple(fresh), not_written=tuple(problems)
        )
        report = await self._applied(report, sources, offers) if self._request.apply else report
        left = tuple(each.model_copy(update={"left": _CHANGED}) for each in stale)
        return report.model_copy(update={"patches": (*report.patches, *left)})

    async def _reread(self, patches: Iterable[Patch]) -> tuple[dict[str, SourceFile], list[FileProblem]]:
        """The files of the patches as they are now, under the paths that the patches have for them."""
        places = {str(Path(each.root) / each.finding.location.path): each.finding.location.path for each in patches}
        if not places:
            return {}, []
        selection = Selection(paths=tuple(places), max_file_bytes=self._request.max_file_bytes or 1_000_000)
        collection = await (await self._context.workspace()).collect(selection)
        sources = {}
        for each in collection.files:
            path = places.get(str(collection.root / each.path), each.path)
            sources[path] = SourceFile(path, each.text, each.language, disk_path=each.disk_path, is_test=each.is_test)
        return sources, [FileProblem(path=each.path, reason=each.reason) for each in collection.skipped]

    async def _offers(self, root: str, sources: dict[str, SourceFile], **more: object) -> Offers:
        request, context = self._request, self._context
        engines = [e for e in await context.analyzers() if request.engines is None or e.name in request.engines]
        cache = await context.cache() if request.cache else None
        return Offers(root, sources, engines, cache, **more)  # type: ignore[arg-type]

    async def _patches(self, wanted: Sequence[Finding], offers: Offers) -> AsyncIterator[Patch]:
        for done, finding in enumerate(wanted):
            self._context.emit(Progress(phase="fix", done=done, total=len(wanted), unit="findings"))
            patch = await offers.patch_for(finding)
            if patch is not None:
                yield patch

    async def _applied(self, report: FixReport, sources: dict[str, SourceFile], offers: Offers) -> FixReport:
        applying = Applying(self._context, Path(report.root), sources, offers, self._suite)
        chosen = [each for each in report.patches if self._may_apply(each)]
        applied = await applying.apply(chosen)
        left = {each.id: _GUESS for each in report.patches if each not in chosen} | applying.left
        patches = (
            each.model_copy(update={"applied": each.id in applied, "left": left.get(each.id, "")})
            for each in report.patches
        )
        suite = self._suite if chosen else None
        return report.model_copy(
            update={
                "patches": tuple(patches),
                "written": applying.written.paths,
                "not_written": (*report.not_written, *applying.problems),
                "test": TestRun(command=suite.command, runs=suite.runs, passed=bool(applied)) if suite else None,
            }
        )

    def _may_apply(self, patch: Patch) -> bool:
        """Nobody proved that a guess of a model mends anything: it is applied only where a person named it."""
        request = self._request
        return not patch.guess or request.guesses or bool(request.only_findings) or request.patches is not None


_GUESS = "only a model saw the finding, so that it is gone was not checked"
_CHANGED = "its file has changed since the patch was made"


def _is_for(patch: Patch, sources: dict[str, SourceFile]) -> bool:
    path = patch.finding.location.path
    source = sources.get(path)
    if source is None or source.disk_path is None or not fit(source.text, patch.fix.edits):
        return False
    if any(each.location.path != path for each in patch.fix.edits):
        return False
    return identity(path, source.text, changes_of(patch.fix.edits, source.text)) == patch.id


def _review_request(request: FixRequest) -> ReviewRequest:
    named = bool(request.only_rules or request.only_findings)
    return ReviewRequest(
        paths=request.paths,
        model=request.model,
        exclude=request.exclude,
        engines=request.engines,
        rules=request.rules,
        per_path=None if named else request.per_path,
        cache=request.cache,
        min_severity=Severity.INFO if named else request.min_severity,
        min_confidence=0.0 if named else request.min_confidence,
        fail_on="never",
        max_file_bytes=request.max_file_bytes,
        time_limit_s=request.time_limit_s,
        baseline=request.baseline,
    )


def _wanted(findings: Sequence[Finding], request: FixRequest) -> list[Finding]:
    """The findings that were named, all if none was, in order of place.

    Raises:
        FindingNotReported: a fingerprint names none of them, or more than one.
    """
    ordered = sorted(findings, key=lambda e: (e.location.path, e.location.start_line, e.location.start_column))
    if request.only_rules:
        ordered = [each for each in ordered if each.rule in request.only_rules]
    if not request.only_findings:
        return ordered
    named = []
    for given in request.only_findings:
        prefix = given.removeprefix("v1:")
        matching = [each for each in ordered if prefix and each.fingerprint.removeprefix("v1:").startswith(prefix)]
        if len(matching) != 1:
            raise FindingNotReported(given, len(matching))
        named += matching
    return [each for each in ordered if each in named]
