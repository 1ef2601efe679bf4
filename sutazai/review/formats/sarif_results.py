"""The results of a SARIF run: where, how it gets there, how to mend it, and why it is suppressed."""

from typing import Any, Final
from urllib.parse import quote

from sutazai.review.formats.sarif_rules import LEVELS
from sutazai.review.formats.untrusted import shown_quote, valid_unicode
from sutazai.sdk.finding import Edit, Finding, Fix, Location, Suppression, TraceStep

_BASE: Final = "SRCROOT"


class Places:
    """The files a run speaks of, numbered as they first appear."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}

    def of(self, path: str) -> dict[str, Any]:
        """The location of a file, relative to the base."""
        place = _artifact(path)
        return {**place, "index": self._index.setdefault(place["uri"], len(self._index))}

    def artifacts(self) -> list[dict[str, Any]]:
        """Every file so far, at its number."""
        return [{"location": {"uri": uri, "uriBaseId": _BASE}} for uri in self._index]


def _artifact(path: str) -> dict[str, str]:
    # A leading slash or a colon would turn the reference into one of another machine or scheme.
    return {"uri": quote(valid_unicode(path).lstrip("/"), safe="/"), "uriBaseId": _BASE}


def result(finding: Finding, rule_index: int, places: Places) -> dict[str, Any]:
    """One finding as a result."""
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": LEVELS[finding.severity],
        "rank": round(finding.confidence * 100, 1),
        "message": {"text": _plain("\n\n".join(filter(None, (finding.message, finding.explanation))))},
        "locations": [_location(finding, places)],
        **({"codeFlows": [_flow(finding.trace, places)]} if finding.trace else {}),
        **({"fixes": [_fix(finding.fix, places)]} if finding.fix and finding.fix.edits else {}),
        **({"partialFingerprints": {"sutazai/v1": finding.fingerprint}} if finding.fingerprint else {}),
        **({"suppressions": [_suppression(finding.suppressed)]} if finding.suppressed else {}),
        "properties": {
            "confidence": finding.confidence,
            "severity": finding.severity,
            "category": finding.category,
            "engines": list(finding.engines),
            # Its own: where engines agree, a finding may stand for more than its rule does.
            **({"tags": [f"external/cwe/cwe-{each}" for each in finding.cwe]} if finding.cwe else {}),
        },
    }


def _plain(text: str) -> str:
    """The text with link syntax broken: a message must not carry a link that code or a model wrote."""
    return text.replace("](", "] (")


def _location(finding: Finding, places: Places) -> dict[str, Any]:
    physical = _physical(finding.location, places)
    code = shown_quote(finding)
    if code:
        physical["region"]["snippet"] = {"text": code}
    logical = {"logicalLocations": [{"fullyQualifiedName": finding.symbol}]} if finding.symbol else {}
    return {"physicalLocation": physical, **logical}


def _physical(place: Location, places: Places) -> dict[str, Any]:
    return {"artifactLocation": places.of(place.path), "region": _region(place)}


def _region(place: Location) -> dict[str, Any]:
    return {
        "startLine": place.start_line,
        "startColumn": place.start_column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _flow(trace: tuple[TraceStep, ...], places: Places) -> dict[str, Any]:
    steps = [
        {"location": {"physicalLocation": _physical(step.location, places), "message": {"text": _plain(step.note)}}}
        for step in trace
    ]
    return {"threadFlows": [{"locations": steps}]}


def _fix(fix: Fix, places: Places) -> dict[str, Any]:
    by_path: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_path.setdefault(edit.location.path, []).append(edit)
    changes = [
        {"artifactLocation": places.of(path), "replacements": [_replacement(edit) for edit in edits]}
        for path, edits in by_path.items()
    ]
    return {"description": {"text": _plain(fix.description)}, "artifactChanges": changes}


def _replacement(edit: Edit) -> dict[str, Any]:
    return {"deletedRegion": _region(edit.location), "insertedContent": {"text": edit.replacement}}


def _suppression(suppression: Suppression) -> dict[str, Any]:
    kind = "inSource" if suppression.by == "comment" else "external"
    return {
        "kind": kind,
        "status": "accepted",
        **({"justification": suppression.reason} if suppression.reason else {}),
        "properties": {"by": suppression.by},
    }
