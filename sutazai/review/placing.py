"""Puts what a model said of a unit back into its file: offsets become locations, and the quote is cut from the text.

So a finding on a line or a quote that is not in the file cannot be built.
"""

from sutazai.review.recipes.result import Claim
from sutazai.sdk.finding import Edit, Finding, Fix
from sutazai.sdk.source import SourceFile, Unit
from sutazai.syntax.positions import Positions


def placed(claim: Claim, unit: Unit, source: SourceFile, positions: Positions) -> Finding | None:
    """The claim as a finding of the file, None if it does not lie within one segment of the unit."""
    if not 0 <= claim.start < claim.end <= len(unit.text):
        return None
    start = unit.offset(claim.start)
    end = unit.offset(claim.end - 1) + 1
    if end - start != claim.end - claim.start or source.text[start:end] != unit.text[claim.start : claim.end]:
        return None
    location = positions.location(source.path, start, end)
    fix = None
    if claim.replacement is not None:
        fix = Fix(
            description="what the model expected instead",
            edits=(Edit(location=location, replacement=claim.replacement),),
            source="model",
        )
    return Finding(
        rule=claim.rule,
        category=claim.category,
        severity=claim.severity,
        confidence=claim.confidence,
        cwe=claim.cwe,
        location=location,
        symbol=unit.symbol,
        quote=source.text[start:end],
        message=claim.message,
        explanation=claim.explanation,
        fix=fix,
        engines=(f"model:{claim.recipe}",),
    )
