"""Asks a model for faults in its own words, and keeps only those whose quoted code stands in the unit."""

from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from sutazai.review.quotes import locate
from sutazai.review.recipes.result import Claim
from sutazai.review.recipes.wording import fill, prompt
from sutazai.sdk.chat import Message
from sutazai.sdk.finding import Category, Severity
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.source import Unit
from sutazai.sdk.structured import structured
from sutazai.sdk.untrusted import as_data

RULE: Final = "model-claim"
_MOST_TOKENS: Final = 900
_MOST_CLAIMS: Final = 5
_HIGHEST_CWE: Final = 9999


class Said(BaseModel):
    """One fault as the model tells it."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    claim: str = Field(max_length=400)
    category: Category
    severity: Severity
    cwe: int = Field(default=0, ge=0, le=_HIGHEST_CWE)
    quote: str = Field(max_length=1000)
    why: str = Field(default="", max_length=1000)
    fix: str = Field(default="", max_length=1000)


class Answer(BaseModel):
    """Everything the model says of a unit."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    claims: list[Said] = Field(default_factory=list, max_length=_MOST_CLAIMS)


async def claims(chat: ChatModel, unit: Unit) -> tuple[list[Claim], int]:
    """What the model claims about the unit, and how many claims were dropped because their quote is not in it.

    The confidence of each is 0 until it had a second look.

    Raises:
        ReplyUnusable: the reply, also the repaired one, is not of the form asked for.
        ModelError: the model could not answer.
    """
    answer, _ = await structured(chat, _messages(unit), Answer, max_tokens=_MOST_TOKENS)
    located = [_located(unit, said) for said in answer.claims]
    found = _once([claim for claim in located if claim])
    return found, located.count(None)


def _messages(unit: Unit) -> tuple[Message, ...]:
    asked = fill(prompt("claims"), context=as_data(unit.context.strip() or "-"), code=as_data(unit.text))
    return Message("system", prompt("claims_system")), Message("user", asked)


def _located(unit: Unit, said: Said) -> Claim | None:
    place = locate(unit.text, said.quote, f"{said.claim} {said.why}")
    if place is None or not said.claim.strip():
        return None
    return Claim(
        recipe="claims",
        rule=RULE,
        category=said.category,
        severity=said.severity,
        confidence=0.0,
        cwe=(said.cwe,) if said.cwe else (),
        start=place[0],
        end=place[1],
        message=" ".join(said.claim.split()).rstrip("."),
        explanation=said.why.strip(),
        replacement=said.fix.strip() or None,
    )


def _once(found: Sequence[Claim]) -> list[Claim]:
    """One claim for each place and category."""
    kept: dict[tuple[int, int, Category], Claim] = {}
    for claim in found:
        kept.setdefault((claim.start, claim.end, claim.category), claim)
    return list(kept.values())
