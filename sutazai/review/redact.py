"""Keeps secrets out of reports: a finding of any engine on a line with a secret loses the text it quotes."""

from collections.abc import Sequence

from sutazai.sdk.finding import Category, Finding

_HIDDEN = "A finding on a line that holds a secret; its text is not shown"


def redacted(findings: Sequence[Finding]) -> list[Finding]:
    """The findings, without quotes, fixes and words of a model where a secret stands on one of their lines."""
    lines = {
        (each.location.path, line)
        for each in findings
        if each.category is Category.SECRET
        for line in range(each.location.start_line, each.location.end_line + 1)
    }
    return [_without_text(each) if lines and _touches(each, lines) else each for each in findings]


def _touches(finding: Finding, lines: set[tuple[str, int]]) -> bool:
    at = finding.location
    inside = range(at.start_line, at.end_line + 1)
    return finding.category is not Category.SECRET and any((at.path, line) in lines for line in inside)


def _without_text(finding: Finding) -> Finding:
    by_model = any(each.startswith("model:") for each in finding.engines)
    message = _HIDDEN if by_model else finding.message
    return finding.but(quote="", fix=None, message=message)
