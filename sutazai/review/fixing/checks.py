"""The checks that a changed file must pass: it parses, the findings are gone, and no engine reports a new one.

Compares findings by what they are, never by their line. Blind to where a change comes from.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sutazai.errors.base import SutazAIError
from sutazai.review.fingerprint import fingerprinted
from sutazai.review.merge import same_fault
from sutazai.review.naming import named
from sutazai.review.static import run_static
from sutazai.review.weigh import only_model
from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import Analyzer, Cache
from sutazai.sdk.source import SourceFile
from sutazai.syntax.parse import parse, walk

PARSES, GONE, NOTHING_NEW = "parses", "finding gone", "nothing new"
_Kind = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """The checks that were passed, or why the change is refused."""

    passed: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the engines say of one text."""

    findings: tuple[Finding, ...]
    failed: dict[str, str]

    def kinds(self) -> Counter[_Kind]:
        return Counter(map(_kind, self.findings))


def _kind(finding: Finding) -> _Kind:
    return finding.rule, finding.symbol


class Checks:
    """Checks changes of one file against the file as it is.

    Args:
        source: the file as it is.
        analyzers: every static engine of the review.
        cache: of static results; None: nothing is reused.
    """

    def __init__(self, source: SourceFile, analyzers: Sequence[Analyzer], cache: Cache | None) -> None:
        self._source = source
        self._analyzers = analyzers
        self._cache = cache
        self._before: _Seen | None = None

    async def check(self, text: str, mended: Iterable[Finding]) -> Checked:
        """Whether the file may become `text`.

        Args:
            text: the whole new text.
            mended: the findings that must be gone from it.
        """
        if text == self._source.text:
            return Checked(refused="it changes nothing")
        if problem := self._broken(text):
            return Checked(refused=problem)
        before, after = await self._seen_before(), await self._look(text)
        lost = next((f"{name}: {why}" for name, why in after.failed.items() if name not in before.failed), "")
        if lost:
            return Checked(refused=f"it can no longer be analysed ({lost})")
        mended = [each for each in mended if not only_model(each)]
        left = _left(before, after, mended)
        if left is not None:
            return Checked(refused=f"the finding is still there ({left.rule} in line {left.location.start_line})")
        new = _new(before, after)
        if new is not None:
            return Checked(
                refused=f"it brings a new finding: {new.message} ({new.rule} in line {new.location.start_line})"
            )
        return Checked((PARSES, GONE, NOTHING_NEW) if mended else (PARSES, NOTHING_NEW))

    def _broken(self, text: str) -> str:
        """Why the text does not parse as well as before; empty if it does."""
        try:
            errors = _errors(self._source.text, self._source.language)
            return "it has a syntax error" if _errors(text, self._source.language) > errors else ""
        except SutazAIError as error:
            return f"whether it parses cannot be checked: {error.message}"

    async def _seen_before(self) -> _Seen:
        if self._before is None:
            self._before = await self._look(self._source.text)
        return self._before

    async def _look(self, text: str) -> _Seen:
        # Engines read what lies on disk where they may: the changed text does not lie there.
        source = self._source if text == self._source.text else replace(self._source, text=text, disk_path=None)
        source = replace(source, changed=None)
        result = await run_static(
            [source], self._analyzers, cache=self._cache, arrived=lambda _: None, progressed=lambda _: None
        )
        failed = {engine: skipped.reason for engine, skipped in result.failed}
        return _Seen(tuple(fingerprinted(await named(result.findings, [source], self._cache))), failed)


def _errors(text: str, language: str) -> int:
    tree = parse(text, language)
    broken = walk(tree.root, into=lambda node: node.has_error)
    return sum(node.is_error or node.is_missing for node in broken)


def _left(before: _Seen, after: _Seen, mended: Sequence[Finding]) -> Finding | None:
    """A finding that should be gone and is not: its kind became rarer by less than what was mended of it."""
    gone = [each for each in before.findings if any(same_fault(each, one) for one in mended)]
    had, has = before.kinds(), after.kinds()
    for kind, count in Counter(map(_kind, gone)).items():
        if has[kind] > had[kind] - count:
            return next(each for each in after.findings if _kind(each) == kind)
    return None


def _new(before: _Seen, after: _Seen) -> Finding | None:
    """A finding of a kind that became more frequent, one with a fingerprint of its own first."""
    had, has = before.kinds(), after.kinds()
    found = [each for each in after.findings if has[_kind(each)] > had[_kind(each)]]
    known = {each.fingerprint for each in before.findings}
    return next((each for each in found if each.fingerprint not in known), next(iter(found), None))
