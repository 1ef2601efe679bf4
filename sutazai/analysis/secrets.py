"""Finds credentials in any text: known token shapes, and literals whose name says that they are secret.

Must never print what it found: quotes stay empty, and at most the first four characters of a known shape are shown.
"""

import asyncio
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from sutazai.analysis.hints import Hints
from sutazai.analysis.pack import cwe_page
from sutazai.analysis.places import Places
from sutazai.analysis.secret_names import named_literals
from sutazai.analysis.secret_shapes import SHAPES, Shape, sample_of
from sutazai.sdk.finding import Category, Finding, Severity
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.rule import Rule
from sutazai.sdk.source import SourceFile

_FILES_AT_ONCE: Final = 32
_SHOWN: Final = 4
_TABLES: Final = ("secrets.py", "secret_checks.py", "secret_names.py", "secret_shapes.py")
_NAMED_PASSWORD: Final = "secret-password"  # noqa: S105 (the id of a rule)
_NAMED_KEY: Final = "secret-key"
_GOOD: Final = 'import os\n\nvalue = os.environ["SERVICE_CREDENTIAL"]\n'
_ADVICE: Final = (
    "Whoever can read the code can use it, and history keeps it after it is deleted. Withdraw it with the provider, "
    "then read it from the environment or a secret store."
)
# What other scanners accept as "this one is meant to be here".
_ALLOWED: Final = re.compile(r"pragma: allowlist secret|gitleaks:allow|#\s?nosec|noqa: ?S10[567]")
_EXAMPLES: Final = re.compile(r"(?:^|/)(?:tests?|testdata|fixtures?|examples?|samples?|mocks?|docs?)/")
_URL_PLACEHOLDER: Final = re.compile(
    r"passw|secret|example|changeme|xxx|\bpass\b|pwd|guest|admin|root|user|test|\.\.\.|postgres|token", re.IGNORECASE
)
_DOUBTFUL: Final = 0.4


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    rule: Rule
    confidence: float
    shown: str


class SecretsAnalyzer:
    """The engine `secrets`."""

    name = "secrets"

    @cached_property
    def version(self) -> str:
        """A hash of the tables."""
        state = hashlib.blake2b(digest_size=6)
        for each in _TABLES:
            state.update((Path(__file__).parent / each).read_bytes())
        return state.hexdigest()

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """A rule for each shape, and two for literals with telling names."""
        named = (
            _rule(_NAMED_PASSWORD, "password in the source", (259, 798), 'db_password = "v4Lx9Tq2"\n'),
            _rule(_NAMED_KEY, "key in the source", (798, 321), 'api_key = "k7Qm2ZrT9xW4vB8nC1yDf5Gh"\n'),
        )
        shapes = (_rule(each.id, each.title, each.cwe, _bad(each), each.severity) for each in SHAPES)
        return {each.id: each for each in (*shapes, *named)}

    def accepts(self, source: SourceFile) -> bool:  # noqa: ARG002 (the port's form)
        """Any text."""
        return True

    async def analyze(self, files: Sequence[SourceFile]) -> AnalyzerReport:
        """Every credential in `files`, in their order."""
        findings: list[Finding] = []
        for start in range(0, len(files), _FILES_AT_ONCE):
            findings += await asyncio.to_thread(self._scan, files[start : start + _FILES_AT_ONCE])
        return AnalyzerReport(tuple(findings))

    def _scan(self, files: Sequence[SourceFile]) -> list[Finding]:
        return [finding for source in files for finding in self._in_file(source)]

    def _in_file(self, source: SourceFile) -> Iterator[Finding]:
        places = Places(source.text)
        taken_until = -1
        hits = sorted([*self._shapes(source), *self._names(source)], key=lambda hit: (hit.start, -hit.confidence))
        for hit in hits:
            if hit.start >= taken_until and not _is_allowed(places, hit.start):
                taken_until = hit.end
                yield _finding(hit, source, places)

    @cached_property
    def _hints(self) -> Hints:
        return Hints(hint for shape in SHAPES for hint in shape.hints)

    def _shapes(self, source: SourceFile) -> Iterator[_Hit]:
        present = self._hints.of(source.text)
        for shape in SHAPES:
            if present.isdisjoint(shape.hints):
                continue
            for match in shape.compiled().finditer(source.text):
                group = 1 if match.re.groups else 0
                if _is_true(shape, match[group]):
                    shown = match[group][:_SHOWN] if shape.shows_prefix else ""
                    confidence = _lowered(shape.confidence, source) if shape.check is None else shape.confidence
                    yield _Hit(*match.span(group), self.rules[shape.id], confidence, shown)

    def _names(self, source: SourceFile) -> Iterator[_Hit]:
        if _is_example(source):
            return
        for each in named_literals(source.text, source.path):
            rule = self.rules[_NAMED_PASSWORD if each.is_password else _NAMED_KEY]
            yield _Hit(each.start, each.end, rule, 0.6, "")


def _is_true(shape: Shape, value: str) -> bool:
    if shape.check is not None:
        return shape.check(value)
    if "url" in shape.id:
        return _URL_PLACEHOLDER.search(value) is None
    return True


def _is_example(source: SourceFile) -> bool:
    return source.is_test or _EXAMPLES.search(source.path) is not None


def _lowered(confidence: float, source: SourceFile) -> float:
    return min(confidence, _DOUBTFUL) if _is_example(source) else confidence


def _is_allowed(places: Places, offset: int) -> bool:
    end = places.line_end(offset)
    return _ALLOWED.search(places.text, offset, min(end, offset + 2_000)) is not None


def _finding(hit: _Hit, source: SourceFile, places: Places) -> Finding:
    title = hit.rule.title[0].upper() + hit.rule.title[1:]
    return Finding(
        rule=hit.rule.id,
        category=Category.SECRET,
        severity=hit.rule.severity,
        confidence=hit.confidence,
        cwe=hit.rule.cwe,
        location=places.location(source.path, hit.start, hit.end),
        message=f"{title} ({hit.shown}…)" if hit.shown else title,
        explanation=_ADVICE,
        engines=("secrets",),
    )


def _rule(rule_id: str, title: str, cwe: tuple[int, ...], bad: str, severity: Severity = Severity.HIGH) -> Rule:
    return Rule(
        id=rule_id,
        title=title,
        category=Category.SECRET,
        severity=severity,
        cwe=cwe,
        description=f"A {title} stands in the text. {_ADVICE}",
        bad=bad,
        good=_GOOD,
        help_url=cwe_page(cwe),
    )


def _bad(shape: Shape) -> str:
    sample = sample_of(shape)
    return f'value = """{sample}"""\n' if "\n" in sample else f'value = "{sample}"\n'
