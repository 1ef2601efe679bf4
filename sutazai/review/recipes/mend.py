"""Asks a model for a unit with one fault mended. What it answers is text: others place it and check it."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from sutazai.review.recipes.adjudicate import LEAST_AUC
from sutazai.review.recipes.wording import fill, prompt
from sutazai.sdk.chat import Message
from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.profile import ModelProfile
from sutazai.sdk.source import Unit
from sutazai.sdk.structured import structured
from sutazai.sdk.untrusted import as_data, inert

_MOST_CHARS: Final = 6000
_CHARS_A_TOKEN: Final = 2.5
_ROOM_TOKENS: Final = 200


class Mended(BaseModel):
    """A unit as the model would have it."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    code: str = Field(min_length=1, max_length=4 * _MOST_CHARS)
    why: str = Field(default="", max_length=400)


def may_mend(profile: ModelProfile) -> bool:
    """Whether a model was measured to be good enough: for fixes themselves, or for claims, which take as much."""
    claims = profile.recipes.get("claims")
    return "fix" in profile.recipes or (claims is not None and (claims.auc or 0.0) >= LEAST_AUC)


def cannot_show(unit: Unit) -> str:
    """Why a model cannot be asked to give this unit back; empty if it can."""
    if len(unit.segments) != 1:
        return "the finding is not in one function"
    if len(unit.text) > _MOST_CHARS:
        return "the function is too long for a model to give back"
    return "" if inert(unit.text) == unit.text else "the code spells a control token of models"


async def mend(chat: ChatModel, unit: Unit, finding: Finding, advice: str) -> Mended:
    """The unit with the fault mended, as the model says.

    Args:
        chat: an open model.
        unit: of one segment.
        finding: inside of it.
        advice: what the rule says of such faults.

    Raises:
        ReplyUnusable: the reply, also the repaired one, is not of the form asked for.
        ModelError: the model could not answer.
    """
    asked = fill(
        prompt("fix"),
        context=as_data(unit.context.strip() or "-"),
        code=as_data(unit.text),
        finding=inert(finding.message),
        place=as_data(finding.quote or "-"),
        advice=inert(advice),
    )
    messages = Message("system", prompt("fix_system")), Message("user", asked)
    most = int(len(unit.text) / _CHARS_A_TOKEN) + _ROOM_TOKENS
    reply, _ = await structured(chat, messages, Mended, max_tokens=most)
    return reply
