"""Keeps secrets out of reports: a finding of any engine on a line with a secret loses the text it quotes.

Owns what is hidden, not what is a secret: the engines say that.
"""

from collections.abc import Iterable
from typing import Final

from sutazai.review.weigh import only_model
from sutazai.sdk.finding import Category, Finding, Location

Lines = frozenset[tuple[str, int]]
_HIDDEN: Final = "A finding on a line that holds a secret; its text is not shown"


def secret_lines(findings: Iterable[Finding]) -> Lines:
    """Path and number of every line with a secret, as far as `findings` tell."""
    return frozenset(line for each in findings if each.category is Category.SECRET for line in _lines(each.location))


def redacted(findings: Iterable[Finding], lines: Lines) -> list[Finding]:
    """The findings, without quotes, fixes and words of a model where they could repeat a secret.

    Args:
        findings: of any engine; those of category secret quote nothing and stay as they are.
        lines: where secrets are.
    """
    return [_without_text(each) if lines and _touches(each, lines) else each for each in findings]


def unquoted(finding: Finding) -> Finding:
    """The finding without source text: for as long as the lines with secrets are not known yet."""
    return finding.but(quote="", fix=None)


def _lines(at: Location) -> set[tuple[str, int]]:
    return {(at.path, line) for line in range(at.start_line, at.end_line + 1)}


def _touches(finding: Finding, lines: Lines) -> bool:
    if finding.category is Category.SECRET:
        return False
    edited = [each.location for each in finding.fix.edits] if finding.fix else []
    return any(not lines.isdisjoint(_lines(at)) for at in (finding.location, *edited))


def _without_text(finding: Finding) -> Finding:
    """A model's explanation may quote; the message is a model's only where no static engine saw the fault."""
    bare = unquoted(finding)
    if any(each.startswith("model:") for each in finding.engines):
        bare = bare.but(explanation="")
    return bare.but(message=_HIDDEN) if only_model(finding) else bare
