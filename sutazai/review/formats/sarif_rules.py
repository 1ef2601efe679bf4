"""The rules of a SARIF run: what code scanning shows beside a result, and how it ranks it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sutazai.review.report import RuleInfo
from sutazai.sdk.finding import Category, Finding, Severity

LEVELS: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# On the scale of CVSS, as code scanning reads it: above 9 critical, from 7 high, from 4 medium, below low.
SCORES: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.5",
    Severity.INFO: "0.5",
}
_PRECISIONS: Final = ((0.9, "very-high"), (0.7, "high"), (0.4, "medium"), (0.0, "low"))
_PROBLEMS: Final = {"error": "error", "warning": "warning", "note": "recommendation"}
_AT_RISK: Final = frozenset({Category.SECURITY, Category.SECRET})


def descriptors(known: Mapping[str, RuleInfo], findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """One descriptor a rule that has a finding, by id; a rule the report does not describe is made from its finding."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    return [_descriptor(known.get(rule) or _unknown(those[0]), those) for rule, those in sorted(by_rule.items())]


def _unknown(finding: Finding) -> RuleInfo:
    return RuleInfo.model_construct(
        id=finding.rule,
        title=finding.rule,
        category=finding.category,
        severity=finding.severity,
        cwe=finding.cwe,
    )


def _descriptor(rule: RuleInfo, findings: Sequence[Finding]) -> dict[str, Any]:
    text = rule.description or rule.title or rule.id
    link = help_uri(rule)
    return {
        "id": findings[0].rule,
        "name": _pascal(rule.id),
        "shortDescription": {"text": rule.title or rule.id},
        "fullDescription": {"text": text},
        "help": {"text": text, "markdown": f"{text}\n\n[Learn more]({link})" if link else text},
        **({"helpUri": link} if link else {}),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": _properties(rule, findings),
    }


def help_uri(rule: RuleInfo) -> str:
    """The rule's own page, else that of its first CWE, else nothing. Only web addresses are ever given out."""
    if rule.help_url.startswith(("https://", "http://")):
        return rule.help_url
    return f"https://cwe.mitre.org/data/definitions/{rule.cwe[0]}.html" if rule.cwe else ""


def _properties(rule: RuleInfo, findings: Sequence[Finding]) -> dict[str, Any]:
    surest = max(each.confidence for each in findings)
    at_risk = rule.category in _AT_RISK
    tags = [*(["security"] if at_risk else []), str(rule.category), *(f"external/cwe/cwe-{each}" for each in rule.cwe)]
    return {
        "tags": list(dict.fromkeys(tags)),
        "precision": next(word for least, word in _PRECISIONS if surest >= least),
        "problem.severity": _PROBLEMS[LEVELS[rule.severity]],
        **({"security-severity": SCORES[rule.severity]} if at_risk else {}),
    }


def _pascal(rule: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in rule.split("-"))
