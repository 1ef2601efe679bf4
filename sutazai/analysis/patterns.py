"""Our own rule packs, matched on the syntax tree by ast-grep: what ruff does not see, and languages other than Python.

Owns which pack looks at which language. Must never hand ast-grep a language it does not know: it would panic.
"""

import asyncio
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sutazai.analysis.assignments import span
from sutazai.analysis.built import Texts
from sutazai.analysis.hints import Hints
from sutazai.analysis.pack import PackRule, digest, read_pack
from sutazai.analysis.places import MOST_FINDINGS, TOO_MANY, Places
from sutazai.analysis.text_patterns import text_pattern
from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.rule import Rule
from sutazai.sdk.source import Skipped, SourceFile
from sutazai.syntax.bounds import beyond_parsing

if TYPE_CHECKING:
    from ast_grep_py import SgNode

# Our name of a language -> ast-grep's name, and the packs that look at it.
LANGUAGES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "python": ("python", ("python",)),
    "javascript": ("javascript", ("javascript",)),
    "typescript": ("typescript", ("javascript",)),
    "tsx": ("tsx", ("javascript",)),
    "go": ("go", ("go",)),
    "java": ("java", ("java",)),
    "php": ("php", ("php",)),
    "ruby": ("ruby", ("ruby",)),
    "c": ("c", ("c",)),
    "cpp": ("cpp", ("c",)),
    "csharp": ("csharp", ("csharp",)),
    "rust": ("rust", ("rust",)),
    "bash": ("bash", ("bash",)),
    "yaml": ("yaml", ("yaml",)),
}
PACKS: Final = tuple(sorted({pack for _, packs in LANGUAGES.values() for pack in packs}))

_FILES_AT_ONCE: Final = 16
# Matching looks up and down the tree: its cost grows with the square of the depth, and no person nests so deep.
_DEEPEST: Final = 400
_BRACKET: Final = re.compile(r"[(\[{]|[)\]}]")
_BLANKS: Final = (" ", "\t", "\n", "\r")
_OPENING: Final = frozenset("([{")
_TOO_MUCH: Final = "too many texts that are built in steps: not all were followed"


class PatternsAnalyzer:
    """The engine `patterns`."""

    name = "patterns"

    def __init__(self) -> None:
        self._packs: dict[str, Mapping[str, PackRule]] = {}
        self._hints: dict[str, Hints] = {}

    @cached_property
    def version(self) -> str:
        """Version of ast-grep and of our packs."""
        from importlib.metadata import version  # noqa: PLC0415 (loaded only when used)

        return f"{version('ast-grep-py')}+{digest(PACKS)}"

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules of every pack by id."""
        return {rule_id: each.rule for pack in PACKS for rule_id, each in self._pack(pack).items()}

    def accepts(self, source: SourceFile) -> bool:
        """The languages we have packs for."""
        return source.language in LANGUAGES

    async def analyze(self, files: Sequence[SourceFile]) -> AnalyzerReport:
        """Every match in `files`, in their order."""
        findings: list[Finding] = []
        failed: list[Skipped] = []
        for start in range(0, len(files), _FILES_AT_ONCE):
            await asyncio.to_thread(self._scan, files[start : start + _FILES_AT_ONCE], findings, failed)
        return AnalyzerReport(tuple(findings), tuple(failed))

    def _scan(self, files: Sequence[SourceFile], findings: list[Finding], failed: list[Skipped]) -> None:
        for source in files:
            rules = list(self._worth_trying(source))
            if not rules:
                continue
            if reason := _beyond_matching(source):
                failed.append(Skipped(source.path, reason))
                continue
            try:
                matches, is_cut = self._matches(source, rules)
            except Exception as error:
                logging.getLogger(__name__).debug("patterns failed on %s", source.path, exc_info=True)
                failed.append(Skipped(source.path, f"{type(error).__name__}: {error}"))
                continue
            findings += matches[:MOST_FINDINGS]
            if len(matches) > MOST_FINDINGS:
                failed.append(Skipped(source.path, TOO_MANY))
            elif is_cut:
                failed.append(Skipped(source.path, _TOO_MUCH))

    def _pack(self, name: str) -> Mapping[str, PackRule]:
        if name not in self._packs:
            self._packs[name] = read_pack(name, language=name)
        return self._packs[name]

    def _worth_trying(self, source: SourceFile) -> Iterator[PackRule]:
        for pack in LANGUAGES[source.language][1]:
            present = self._hints_of(pack).of(source.text)
            for rule in self._pack(pack).values():
                if source.is_test and rule.data.get("not_in_tests"):
                    continue
                if _may_match(rule.data, source.text, present):
                    yield rule

    def _hints_of(self, pack: str) -> Hints:
        if pack not in self._hints:
            tables = [each.data for each in self._pack(pack).values()]
            self._hints[pack] = Hints(word for each in tables for word in (*each["hints"], *each.get("also", ())))
        return self._hints[pack]

    def _matches(self, source: SourceFile, rules: Sequence[PackRule]) -> tuple[list[Finding], bool]:
        """What matches, and whether not all built texts could be followed."""
        from ast_grep_py import SgRoot  # noqa: PLC0415 (loaded only when used)

        root = SgRoot(source.text, LANGUAGES[source.language][0]).root()
        places, texts = Places(source.text), Texts(root, LANGUAGES[source.language][0])
        found = {
            (start, end, rule.rule.id): _finding(rule, source, places, start, end)
            for rule in rules
            for start, end in _spans(root, rule.data, texts)
        }
        return [found[key] for key in sorted(found)], texts.is_cut


def _may_match(table: Mapping[str, Any], text: str, present: frozenset[str]) -> bool:
    also, evidence = table.get("also"), table.get("evidence")
    return (
        not present.isdisjoint(table["hints"])
        and (also is None or not present.isdisjoint(also))
        and (evidence is None or re.search(evidence, text) is not None)
        and ("joined" not in table or _stand_joined(table["joined"], text))
    )


def _stand_joined(joined: Sequence[str], text: str) -> bool:
    """Whether a name that the pattern finds stands before the end somewhere; blanks between them may hide that."""
    pattern, end = joined
    names = set(re.findall(pattern, text))
    return bool(names) and any(f"{each}{end}" in text for each in (*names, *_BLANKS))


def _beyond_matching(source: SourceFile) -> str:
    if nested_too_deep(source.text):
        return f"nesting deeper than {_DEEPEST} brackets"
    return beyond_parsing(source.text, source.language)


def nested_too_deep(text: str) -> bool:
    """Whether brackets nest deeper than any person writes; strings and comments are counted as code."""
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth = depth + 1 if bracket[0] in _OPENING else max(depth - 1, 0)
        if depth > _DEEPEST:
            return True
    return False


def _spans(root: "SgNode", table: Mapping[str, Any], texts: Texts) -> Iterator[tuple[int, int]]:
    if "match" in table:
        config = {"rule": table["match"], "constraints": table.get("constraints", {})}
        for node in root.find_all(config):  # type: ignore[call-overload]
            yield span(node)
    for flow in table.get("flows", ()):
        for node in root.find_all({"rule": flow["match"]}):
            if (text := node.get_match("TEXT")) is not None and _brings(flow, texts.of(text)):
                yield span(node)


def _brings(flow: Mapping[str, Any], texts: Sequence[str]) -> bool:
    asked = text_pattern(flow["text"])
    return any(asked.search(each) for each in texts)


def _finding(rule: PackRule, source: SourceFile, places: Places, start: int, end: int) -> Finding:
    start, end = places.quotable(start, end)
    return Finding(
        rule=rule.rule.id,
        category=rule.rule.category,
        severity=rule.rule.severity,
        confidence=rule.confidence,
        cwe=rule.rule.cwe,
        location=places.location(source.path, start, end),
        quote=source.text[start:end],
        message=rule.message,
        explanation=rule.rule.description,
        engines=("patterns",),
    )
