"""Identities of findings that survive moved lines: never the message, the line or the model."""

import hashlib
from collections import Counter
from collections.abc import Iterable

from sutazai.review.weigh import only_model
from sutazai.sdk.finding import Finding


def fingerprinted(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with their fingerprints, in order of place; equal ones are told apart by their order in the file.

    Those that only a model saw are counted after the others, so that static findings keep theirs without a model.
    """
    ordered = sorted(findings, key=lambda each: (only_model(each), _place(each)))
    seen: Counter[str] = Counter()
    result = []
    for finding in ordered:
        identity = _identity(finding)
        seen[identity] += 1
        result.append(finding.but(fingerprint=_digest(identity, str(seen[identity]))))
    return sorted(result, key=_place)


def moved(finding: Finding) -> str:
    """The identity of a finding without its path: matches where a file was moved."""
    return _digest(_identity(finding.but(location=finding.location.model_copy(update={"path": ""}))), "")


def _place(finding: Finding) -> tuple[str, int, int, int, str, str]:
    at = finding.location
    return (at.path, at.start_line, at.start_column, at.end_line, finding.rule, finding.message)


def _identity(finding: Finding) -> str:
    first_cwe = str(finding.cwe[0]) if finding.cwe else ""
    quote = " ".join(finding.quote.split()) or finding.rule  # a secret has no quote: tell its kind at least
    return f"{finding.category}\0{first_cwe}\0{finding.location.path}\0{quote}\0{finding.symbol}"


def _digest(identity: str, ordinal: str) -> str:
    digest = hashlib.sha256(f"{identity}\0{ordinal}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"v1:{digest[:32]}"
