"""Applies patches: those of one file together, checked together, and tried with the caller's tests.

Owns which patches can be applied at once. Two that touch the same text are not: the second is left, with its reason.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sutazai.review.fixes.site import Change
from sutazai.review.fixing.offers import Offers
from sutazai.review.fixing.report import FileProblem, Patch
from sutazai.review.fixing.texts import changed, changes_of, overlap
from sutazai.review.fixing.trial import Suite, largest_passing
from sutazai.review.fixing.writing import Written, take_back, write
from sutazai.sdk.agent import AgentContext
from sutazai.sdk.source import SourceFile

_OVERLAPS = "it touches the same code as the fix for line {}: run it again once that one is applied"


class Applying:
    """One application of patches.

    Attributes:
        left: why patches were not applied, by id.
        problems: files that could not be written or put back.
        written: the files as they stand now.
    """

    def __init__(
        self, context: AgentContext, root: Path, sources: Mapping[str, SourceFile], offers: Offers, suite: Suite | None
    ) -> None:
        self.left: dict[str, str] = {}
        self.problems: list[FileProblem] = []
        self.written = Written()
        self._context = context
        self._root = root
        self._sources = sources
        self._offers = offers
        self._suite = suite
        self._patches: dict[str, Patch] = {}

    async def apply(self, patches: Sequence[Patch]) -> set[str]:
        """Applies what can be applied, and gives the ids of that.

        Raises:
            BrokenBeforeFixes: the tests fail without any patch.
            UndoUnusable: the originals cannot be kept.
        """
        self._patches = {each.id: each for each in patches}
        chosen = [each.id for group in self._by_file(patches).values() for each in await self._together(group)]
        if not chosen:
            return set()
        if self._suite is not None:
            await self._suite.must_pass()
            chosen = await largest_passing(chosen, self._passes)
            self._tell_failing(chosen)
        if not self.written.changes:
            await self._write(chosen)
        self.problems += self.written.problems
        stopped = {each.path: each.reason for each in self.problems}
        self.left |= {each: stopped[self._path(each)] for each in chosen if self._path(each) in stopped}
        return {each for each in chosen if self._path(each) in self.written.paths}

    def _path(self, patch: str) -> str:
        return self._patches[patch].finding.location.path

    @staticmethod
    def _by_file(patches: Sequence[Patch]) -> dict[str, list[Patch]]:
        groups: dict[str, list[Patch]] = {}
        for each in patches:
            groups.setdefault(each.finding.location.path, []).append(each)
        return groups

    async def _together(self, patches: Sequence[Patch]) -> list[Patch]:
        """Those patches of one file that do not overlap and pass the checks together."""
        kept: list[Patch] = []
        for each in patches:
            clashing = next((one for one in kept if overlap([*self._changes(one), *self._changes(each)])), None)
            if clashing is None:
                kept.append(each)
            else:
                self.left[each.id] = _OVERLAPS.format(clashing.finding.location.start_line)
        if not await self._refused(kept):
            return kept
        return await self._one_by_one(kept)

    async def _one_by_one(self, patches: Sequence[Patch]) -> list[Patch]:
        kept: list[Patch] = []
        for each in patches:
            if reason := await self._refused([*kept, each]):
                self.left[each.id] = f"together with the others: {reason}" if kept else reason
            else:
                kept.append(each)
        return kept

    async def _refused(self, patches: Sequence[Patch]) -> str:
        """Why patches of one file cannot be applied together; empty if they can."""
        if not patches:
            return ""
        path = patches[0].finding.location.path
        text = self._text(patches)
        return (await self._offers.checks_of(path).check(text, [each.finding for each in patches])).refused

    def _changes(self, patch: Patch) -> tuple[Change, ...]:
        return changes_of(patch.fix.edits, self._sources[patch.finding.location.path].text)

    def _text(self, patches: Sequence[Patch]) -> str:
        text = self._sources[patches[0].finding.location.path].text
        return changed(text, [one for each in patches for one in changes_of(each.fix.edits, text)])

    async def _passes(self, chosen: Sequence[str]) -> bool:
        """Whether the tests pass with exactly these; files stay written only if they do."""
        await self._take_back()
        if not chosen:
            return True
        await self._write(chosen)
        try:
            passed = not self.written.problems and self._suite is not None and await self._suite.passes()
        except BaseException:
            await self._take_back()
            raise
        if not passed:
            await self._take_back()
        return passed

    async def _write(self, chosen: Sequence[str]) -> None:
        groups = self._by_file([self._patches[each] for each in chosen])
        texts = {path: (self._sources[path].text, self._text(group)) for path, group in groups.items()}
        self.written = await write(self._context, self._root, texts)

    async def _take_back(self) -> None:
        self.problems += [*self.written.problems, *await take_back(self._context, self._root, self.written)]
        self.written = Written()

    def _tell_failing(self, chosen: Sequence[str]) -> None:
        reason = f"the tests fail with it: {self._suite.said}" if self._suite else ""
        for each in self._patches:
            if each not in chosen:
                self.left.setdefault(each, reason)
