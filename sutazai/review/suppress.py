"""What people said should not be reported: comments in the source, a baseline of known findings, dismissals.

A suppressed finding is kept with its reason; it only does not count.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sutazai.errors.review import BaselineBroken
from sutazai.review.fingerprint import moved
from sutazai.sdk.finding import Finding, Suppression
from sutazai.sdk.source import SourceFile

BASELINE_SCHEMA: Final = "sutazai.baseline/1"
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_COMMENT: Final = re.compile(
    r"(?:\#|//|--|/\*|<!--|;|%)[ \t]{0,20}sutazai:[ \t]{0,20}"
    r"(ignore-file|ignore)(?:\[([^\]\n]{0,400})\])?[ \t]{0,20}([^\n]{0,400})"
)


@dataclass(slots=True)
class Comment:
    """A suppression comment. Without rules it holds for every rule; a comment alone on its line is for the next one."""

    path: str
    line: int
    applies_to: int
    whole_file: bool
    rules: frozenset[str]
    reason: str
    used: bool = field(default=False)

    def covers(self, finding: Finding) -> bool:
        """Whether this comment silences the finding."""
        at = finding.location
        here = self.whole_file or at.start_line <= self.applies_to <= at.end_line
        return here and at.path == self.path and (not self.rules or finding.rule in self.rules)


def comments_of(source: SourceFile) -> list[Comment]:
    """The suppression comments of a file."""
    if "sutazai:" not in source.text:
        return []
    found = []
    for number, line in enumerate(_LINE_END.split(source.text), start=1):
        match = _COMMENT.search(line) if "sutazai:" in line else None
        if match is None:
            continue
        alone = not line[: match.start()].strip()
        rules = frozenset(part.strip() for part in (match[2] or "").split(",") if part.strip())
        reason = match[3].removesuffix("*/").removesuffix("-->").strip()
        found.append(
            Comment(source.path, number, number + alone, match[1] == "ignore-file", rules, reason),
        )
    return found


def by_comments(findings: Iterable[Finding], comments: Iterable[Comment]) -> list[Finding]:
    """The findings, those that a comment covers marked as suppressed; used comments are marked too."""
    per_path: dict[str, list[Comment]] = {}
    for comment in comments:
        per_path.setdefault(comment.path, []).append(comment)
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


def by_baseline(findings: Iterable[Finding], text: str, path: str) -> list[Finding]:
    """The findings, those that the baseline knows marked as suppressed: by fingerprint, else as moved files.

    Raises:
        BaselineBroken: `text` is no baseline.
    """
    entries = _entries(text, path)
    known = {entry["fingerprint"] for entry in entries}
    fresh = [each for each in findings if each.fingerprint not in known]
    unmatched = known - {each.fingerprint for each in findings}
    elsewhere = [entry["moved"] for entry in entries if entry["fingerprint"] in unmatched]
    reason = Suppression(by="baseline", reason=f"known in {path}")
    hidden = set()
    for each in fresh:
        key = moved(each)
        if key in elsewhere:
            elsewhere.remove(key)
            hidden.add(each.fingerprint)
    return [
        each.but(suppressed=reason)
        if each.suppressed is None and (each.fingerprint in known or each.fingerprint in hidden)
        else each
        for each in findings
    ]


def _entries(text: str, path: str) -> list[dict[str, Any]]:
    try:
        data = json.loads(text)
        entries = data["findings"]
        if data["schema"] != BASELINE_SCHEMA or not all(
            isinstance(entry["fingerprint"], str) and isinstance(entry["moved"], str) for entry in entries
        ):
            raise BaselineBroken(path, f"its schema is not {BASELINE_SCHEMA}")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BaselineBroken(path, str(error)) from error
    return list(entries)
