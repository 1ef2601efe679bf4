"""Runs the recipes that a model's measured profile allows on one unit. Knows no adapter and no other unit."""

import hashlib
from collections.abc import Sequence
from importlib import resources
from typing import Final

from sutazai.errors.models import PromptTooLong, ReplyUnusable
from sutazai.review.recipes.adjudicate import LEAST_AUC, adjudicate
from sutazai.review.recipes.claims import claims
from sutazai.review.recipes.meter import Meter
from sutazai.review.recipes.probe import probe
from sutazai.review.recipes.result import Claim, UnitResult
from sutazai.review.recipes.rules import RULES
from sutazai.review.recipes.second_look import confirmed
from sutazai.sdk.chat import ModelInfo
from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.profile import ModelProfile, Recipe
from sutazai.sdk.source import Unit

__all__ = ["RECIPES_VERSION", "RULES", "allowed_recipes", "review_unit"]

_ASKING: Final = (
    "adjudicate",
    "asking",
    "calls",
    "claims",
    "gaps",
    "infill",
    "probe",
    "restoring",
    "second_look",
    "sites",
    "slips",
    "verdict",
    "walk",
    "weigh",
    "wording",
)


def _version() -> str:
    digest = hashlib.sha256()
    folder = resources.files(__package__)
    for name in _ASKING:
        digest.update(folder.joinpath(f"{name}.py").read_bytes())
    for entry in sorted(folder.joinpath("prompts").iterdir(), key=lambda each: each.name):
        digest.update(entry.read_bytes())
    return digest.hexdigest()[:16]


RECIPES_VERSION: Final = _version()
"""Changes whenever a prompt, a table or the way of asking does: part of the cache key of a unit's result."""


def allowed_recipes(profile: ModelProfile, info: ModelInfo) -> list[Recipe]:
    """The recipes that a model may run: those its profile holds, with figures good enough, and what its runtime gives.

    Every recipe that asks for a verdict needs log-probabilities and a second look that is better than chance.
    """
    if not info.logprobs:
        return []
    return [
        name
        for name, measured in profile.recipes.items()
        if name == "probe" or (name != "fix" and (measured.auc or 0.0) >= LEAST_AUC)
    ]


async def review_unit(unit: Unit, candidates: Sequence[Finding], chat: ChatModel, profile: ModelProfile) -> UnitResult:
    """What the model says of a unit and of the static candidates in it.

    A recipe that cannot read the model's reply or whose prompt does not fit ends the unit: the result carries the
    reason as `failure`, what was found until then, and what it cost.

    Raises:
        ModelError: the model could not answer at all.
    """
    meter = Meter(chat)
    found: list[Claim] = []
    verdicts: dict[str, float] = {}
    dropped, failure, cut = 0, "", False
    allowed = allowed_recipes(profile, chat.info)
    try:
        if "adjudicate" in allowed:
            verdicts = await adjudicate(meter, unit, candidates, profile.recipes["adjudicate"])
        if "probe" in allowed:
            slips, cut = await probe(meter, unit, profile.recipes["probe"])
            found += slips
        if "claims" in allowed:
            said, dropped = await claims(meter, unit)
            found += await confirmed(meter, unit, said, profile.recipes["claims"])
    except (ReplyUnusable, PromptTooLong) as error:
        failure = error.message
    return UnitResult(
        claims=tuple(found),
        verdicts=verdicts,
        dropped=dropped,
        calls=meter.calls,
        prompt_tokens=meter.usage.prompt_tokens,
        completion_tokens=meter.usage.completion_tokens,
        failure=failure,
        truncated=meter.truncated or cut,
    )
