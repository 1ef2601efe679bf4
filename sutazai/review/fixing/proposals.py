"""Where a patch for a finding can come from, without a model: the finding itself, and what its rule knows.

Owns the order of these sources. Proposes, never checks.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sutazai.errors.base import SutazAIError
from sutazai.review.fixes.site import Change
from sutazai.review.fixes.tables import rewritten
from sutazai.review.fixing.report import Origin
from sutazai.review.fixing.texts import changes_of, fit, with_ends
from sutazai.sdk.finding import Finding
from sutazai.sdk.source import SourceFile
from sutazai.syntax.parse import Tree, parse


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that may mend a finding."""

    finding: Finding
    description: str
    changes: tuple[Change, ...]
    origin: Origin
    by_model: bool = False


def proposals(finding: Finding, source: SourceFile, tree: Tree | None) -> Iterator[Proposal]:
    """The changes known for a finding, the one to try first first.

    Args:
        finding: in that file.
        source: its file.
        tree: of that file; None where there is none.
    """
    fix = finding.fix
    if fix is not None:
        edits = [each for each in fix.edits if each.location.path == source.path]
        if len(edits) == len(fix.edits) and fit(source.text, edits):
            changes = changes_of(edits, source.text)
            yield Proposal(finding, fix.description, changes, "finding", by_model=fix.source == "model")
    known = rewritten(finding, tree) if tree is not None else None
    if known is not None:
        yield Proposal(finding, known.description, with_ends(known.changes, source.text), "rule")


def tree_of(source: SourceFile) -> Tree | None:
    """The tree of a file, None where it has none."""
    try:
        return parse(source.text, source.language)
    except SutazAIError:
        return None
