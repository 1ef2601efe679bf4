"""Puts each claim back to the model in a fresh context: agreement over several questions is its confidence."""

from collections.abc import Sequence
from typing import Final

from sutazai.review.recipes.result import Claim
from sutazai.review.recipes.verdict import ask
from sutazai.review.recipes.wording import fill, prompt
from sutazai.sdk.chat import Message
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.profile import RecipeProfile
from sutazai.sdk.source import Unit
from sutazai.sdk.untrusted import as_data

_QUESTIONS: Final = (
    ("Is the claim right?", 1),
    ("Is the claim a mistake, because the code is right as it stands?", -1),
    ("Would an experienced maintainer change the code because of this claim?", 1),
)


async def score(chat: ChatModel, text: str, quote: str, claim: str) -> float:
    """How much the model stands by a claim: the mean over its answers, in nats, shrunk by how far they disagree.

    Raises:
        ReplyUnusable: the model says neither yes nor no.
        ModelError: the model could not answer.
    """
    answers = [
        sign * await ask(chat, _messages(text, quote, claim, question), seed=seed)
        for seed, (question, sign) in enumerate(_QUESTIONS)
    ]
    mean = sum(answers) / len(answers)
    agreeing = sum((answer > 0) == (mean > 0) for answer in answers)
    return mean * agreeing / len(answers)


async def confirmed(chat: ChatModel, unit: Unit, found: Sequence[Claim], profile: RecipeProfile) -> list[Claim]:
    """The claims with their calibrated confidence; those under the profile's threshold are left out."""
    kept = []
    for claim in found:
        told = f"{claim.message}. {claim.explanation}".strip()
        value = await score(chat, unit.text, unit.text[claim.start : claim.end], told)
        if value >= profile.threshold:
            kept.append(claim.model_copy(update={"confidence": profile.calibration.confidence(value)}))
    return kept


def _messages(text: str, quote: str, claim: str, question: str) -> tuple[Message, ...]:
    asked = fill(
        prompt("second_look"), code=as_data(text), quote=as_data(quote), claim=as_data(claim), question=question
    )
    return Message("system", prompt("judge")), Message("user", asked)
