"""Finds a patch for each finding: every proposal is checked, the first that passes is offered, the others are told.

Owns the order: the finding's own fix, what its rule knows, a model. Writes nothing.
"""

from collections.abc import AsyncIterator, Mapping, Sequence

from sutazai.review.fixing.by_model import Mender
from sutazai.review.fixing.checks import Checked, Checks
from sutazai.review.fixing.proposals import Proposal, proposals, tree_of
from sutazai.review.fixing.report import NotOffered, Patch
from sutazai.review.fixing.texts import changed, diff, edits_of, lines_changed, overlap
from sutazai.review.fixing.writing import identity
from sutazai.review.redact import Lines
from sutazai.sdk.finding import Category, Finding, Fix
from sutazai.sdk.ports import Analyzer, Cache
from sutazai.sdk.source import SourceFile

_BY_HAND = "a secret has to be taken out of the code, and made anew, by hand"
_NOT_STORED_SO = "its file does not lie on disk as UTF-8 text"
_UNKNOWN = "no fix is known"


class Offers:
    """Patches for the findings of one review.

    Args:
        root: the paths of `sources` are relative to it.
        sources: by path.
        analyzers: every engine of the review.
        cache: of static results.
        secrets: lines that hold a secret.
        mender: asks a model; None: no model is wanted.
    """

    def __init__(
        self,
        root: str,
        sources: Mapping[str, SourceFile],
        analyzers: Sequence[Analyzer],
        cache: Cache | None,
        *,
        secrets: Lines = frozenset(),
        mender: Mender | None = None,
    ) -> None:
        self.refused: list[NotOffered] = []
        self._root = root
        self._sources = sources
        self._analyzers = analyzers
        self._cache = cache
        self._secrets = secrets
        self._mender = mender
        self._checks: dict[str, Checks] = {}

    def checks_of(self, path: str) -> Checks:
        """The checks for changes of a file."""
        if path not in self._checks:
            self._checks[path] = Checks(self._sources[path], self._analyzers, self._cache)
        return self._checks[path]

    async def patch_for(self, finding: Finding) -> Patch | None:
        """The first change that passes every check, None where none does; `refused` says why."""
        source = self._sources.get(finding.location.path)
        if finding.category is Category.SECRET or source is None or source.disk_path is None:
            self._refuse(finding, _BY_HAND if finding.category is Category.SECRET else _NOT_STORED_SO)
            return None
        told = len(self.refused)
        async for proposal in self._proposals(finding, source):
            patch = await self._checked(proposal, source)
            if patch is not None:
                del self.refused[told:]
                return patch
        if len(self.refused) == told:
            self._refuse(finding, _UNKNOWN)
        return None

    async def _proposals(self, finding: Finding, source: SourceFile) -> AsyncIterator[Proposal]:
        for proposal in proposals(finding, source, tree_of(source)):
            yield proposal
        if self._mender is not None and not self._hides(source.path, _lines(finding)):
            proposal_or_reason = await self._mender.propose(finding, source)
            if isinstance(proposal_or_reason, Proposal):
                yield proposal_or_reason
            elif not self._mender.notice:
                self._refuse(finding, f"no fix written by a model: {proposal_or_reason}")

    async def _checked(self, proposal: Proposal, source: SourceFile) -> Patch | None:
        finding, changes = proposal.finding, proposal.changes
        text = "" if overlap(changes) else changed(source.text, changes)
        checked = Checked(refused=self._problem(proposal, source))
        if not checked.refused:
            checked = await self.checks_of(source.path).check(text, [finding])
        if checked.refused:
            self._refuse(finding, checked.refused, proposal)
            return None
        fix = Fix(
            description=proposal.description,
            edits=edits_of(changes, source.path, source.text),
            source="model" if proposal.by_model else "rule",
            verified=checked.passed,
        )
        hidden = frozenset(line for path, line in self._secrets if path == source.path)
        return Patch(
            id=identity(source.path, source.text, changes),
            root=self._root,
            finding=finding.but(fix=None),
            fix=fix,
            origin=proposal.origin,
            diff=diff(source.path, source.text, text, hidden),
        )

    def _problem(self, proposal: Proposal, source: SourceFile) -> str:
        if overlap(proposal.changes):
            return "its edits overlap"
        hides = self._hides(source.path, lines_changed(source.text, proposal.changes))
        return "it touches a line that holds a secret" if hides else ""

    def _hides(self, path: str, lines: set[int]) -> bool:
        return any((path, line) in self._secrets for line in lines)

    def _refuse(self, finding: Finding, reason: str, proposal: Proposal | None = None) -> None:
        origin = proposal.origin if proposal else None
        self.refused.append(NotOffered(finding=finding.but(fix=None), reason=reason, origin=origin))


def _lines(finding: Finding) -> set[int]:
    return set(range(finding.location.start_line, finding.location.end_line + 1))
