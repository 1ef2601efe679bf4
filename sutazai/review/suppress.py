"""What people said should not be reported: comments in the source, a baseline of known findings, dismissals.

A suppressed finding is kept with its reason; it only does not count.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Protocol

from sutazai.errors.base import SutazAIError
from sutazai.errors.review import BaselineBroken
from sutazai.review.fingerprint import moved
from sutazai.sdk.finding import Finding, Suppression
from sutazai.sdk.source import LINE_END, SourceFile

BASELINE_SCHEMA: Final = "sutazai.baseline/1"
_COMMENT: Final = re.compile(
    r"(?P<mark>\#|//|--|/\*|<!--|;|%)[ \t]{0,20}sutazai:[ \t]{0,20}(?P<what>ignore-file|ignore)(?![\w-])"
    r"(?P<rules>\[[^\]\n]{0,400}\]?)?(?=(?P<rest>[^\n]{0,400}))"
)
_CLOSED_BY: Final = {"/*": "*/", "<!--": "-->"}
_TEXT: Final = re.compile("string|heredoc|nowdoc")  # in the names of nodes, in every grammar
_MAX_IN_A_LINE: Final = 8
_NO_RULE: Final = frozenset({""})


@dataclass(slots=True)
class Comment:
    """A suppression comment. Without rules it holds for every rule; a comment alone on its line is for the next one."""

    path: str
    line: int
    applies_to: int
    whole_file: bool
    rules: frozenset[str]
    reason: str
    used: bool = False

    def covers(self, finding: Finding) -> bool:
        """Whether this comment silences the finding."""
        at = finding.location
        here = self.whole_file or at.start_line <= self.applies_to <= at.end_line
        return here and at.path == self.path and (not self.rules or finding.rule in self.rules)


class Judgement(Protocol):
    """What a person wrote beside the code: a comment of ours, or a mark for another tool."""

    path: str
    reason: str
    used: bool

    def covers(self, finding: Finding) -> bool:
        """Whether it silences the finding."""


def comments_of(source: SourceFile) -> list[Comment]:
    """The suppression comments of a file. What only looks like one, inside of a string, is none."""
    if "sutazai:" not in source.text:
        return []
    lines = LINE_END.split(source.text)
    matches = [
        (number, match)
        for number, line in enumerate(lines, start=1)
        for match in islice(_COMMENT.finditer(line), _MAX_IN_A_LINE)
    ]
    in_comment = comment_test(source) if matches else _always
    found: list[Comment] = []
    for number, match in reversed(matches):
        if in_comment(number, match.start() + 1):
            found.append(_comment(source.path, number, match, lines, found))
    return found[::-1]


def _comment(path: str, number: int, match: re.Match[str], lines: list[str], below: list[Comment]) -> Comment:
    reason, _, behind = match["rest"].partition(_CLOSED_BY.get(match["mark"], "\0"))
    alone = not (match.string[: match.start()].strip() or behind.strip())
    return Comment(
        path=path,
        line=number,
        applies_to=_next_code(number, lines, below) if alone else number,
        whole_file=match["what"] == "ignore-file",
        rules=_rules(match["rules"]),
        reason=reason.strip(),
    )


def _rules(bracket: str | None) -> frozenset[str]:
    """The rules in the brackets; a bracket that is empty or left open names none, which is not the same as all."""
    if bracket is None:
        return frozenset()
    names = (part.strip() for part in bracket[1:-1].split(",")) if bracket.endswith("]") else ()
    return frozenset(name for name in names if name) or _NO_RULE


def _next_code(number: int, lines: list[str], below: list[Comment]) -> int:
    """The next line that is not blank; where another comment of ours stands alone there, what that one is for."""
    following = next((at for at in range(number + 1, len(lines) + 1) if lines[at - 1].strip()), number + 1)
    if below and below[-1].line == following:
        return below[-1].applies_to
    return following


def _always(_line: int, _column: int) -> bool:
    return True


def comment_test(source: SourceFile) -> Callable[[int, int], bool]:
    """Tells whether a place lies in a comment; where no grammar can tell, everything counts."""
    from sutazai.syntax.parse import parse  # noqa: PLC0415 (only for files that hold such a comment)

    try:
        tree = parse(source.text, source.language)
    except SutazAIError:
        return _always

    def in_comment(line: int, column: int) -> bool:
        at = tree.positions.to_byte(tree.positions.offset(line, column))
        node = tree.root.descendant_for_byte_range(at, at + 1)
        return node is None or not _TEXT.search(node.type)

    return in_comment


def by_comments(findings: Iterable[Finding], judgements: Iterable[Judgement]) -> list[Finding]:
    """The findings, those that a judgement covers marked as suppressed; used judgements are marked too."""
    per_path: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        per_path.setdefault(judgement.path, []).append(judgement)
    result = []
    for finding in findings:
        covering = [each for each in per_path.get(finding.location.path, []) if each.covers(finding)]
        for each in covering:
            each.used = True
        result.append(
            finding.but(suppressed=Suppression(by="comment", reason=covering[0].reason)) if covering else finding
        )
    return result


def by_feedback(findings: Iterable[Finding], dismissed: Mapping[str, str]) -> list[Finding]:
    """The findings, those whose fingerprint was dismissed (with a reason) marked as suppressed."""
    return [
        each.but(suppressed=Suppression(by="feedback", reason=dismissed[each.fingerprint]))
        if each.suppressed is None and each.fingerprint in dismissed
        else each
        for each in findings
    ]


def baseline_text(findings: Iterable[Finding]) -> str:
    """The text of a baseline file that knows these findings; no source text goes into it."""
    entries = [
        {"fingerprint": each.fingerprint, "moved": moved(each), "rule": each.rule, "path": each.location.path}
        for each in findings
    ]
    entries.sort(key=lambda entry: (entry["path"], entry["rule"], entry["fingerprint"]))
    return json.dumps({"schema": BASELINE_SCHEMA, "findings": entries}, indent=1) + "\n"


def moved_from(findings: Sequence[Finding], text: str, path: str) -> set[str]:
    """The files from which the baseline's entries may have moved to where `findings` are now.

    Raises:
        BaselineBroken: `text` is no baseline.
    """
    entries = _entries(text, path)
    present = {each.fingerprint for each in findings}
    keys = {moved(each) for each in findings}
    return {entry["path"] for entry in entries if entry["fingerprint"] not in present and entry["moved"] in keys}


def by_baseline(
    findings: Sequence[Finding], text: str, path: str, *, not_looked_at: Collection[str] = ()
) -> list[Finding]:
    """The findings, those that the baseline knows marked as suppressed: by fingerprint, else as moved files.

    Args:
        findings: with fingerprints.
        text: of the baseline.
        path: of the baseline, for messages.
        not_looked_at: files that exist but are no part of this review. What was found there is surely still there,
            so an equal finding elsewhere is a copy, not a move.

    Raises:
        BaselineBroken: `text` is no baseline.
    """
    entries = _entries(text, path)
    gone = [entry for entry in entries if entry["path"] not in not_looked_at]
    present = {each.fingerprint for each in findings}
    hidden = {entry["fingerprint"] for entry in entries}
    elsewhere = Counter(entry["moved"] for entry in gone if entry["fingerprint"] not in present)
    for each in findings:
        key = moved(each)
        if each.fingerprint not in hidden and elsewhere[key]:
            elsewhere[key] -= 1
            hidden.add(each.fingerprint)
    reason = Suppression(by="baseline", reason=f"known in {path}")
    return [
        each.but(suppressed=reason) if each.suppressed is None and each.fingerprint in hidden else each
        for each in findings
    ]


def _entries(text: str, path: str) -> list[dict[str, Any]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BaselineBroken(path, f"it is not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("schema") != BASELINE_SCHEMA:
        raise BaselineBroken(path, f"its schema is not {BASELINE_SCHEMA}")
    entries = data.get("findings")
    if not isinstance(entries, list) or not all(_is_entry(each) for each in entries):
        raise BaselineBroken(path, "its findings are not a list of fingerprints")
    return entries


def _is_entry(data: Any) -> bool:
    return isinstance(data, dict) and all(isinstance(data.get(key), str) for key in ("fingerprint", "moved", "path"))
