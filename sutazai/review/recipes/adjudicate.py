"""Asks a model whether a static candidate holds, with its trace and a question of its class.

Changes a confidence within bounds and never hides a finding about cryptography, configuration or secrets.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sutazai.review.recipes.verdict import ask
from sutazai.review.recipes.wording import fill, prompt
from sutazai.sdk.chat import Message
from sutazai.sdk.finding import Category, Finding
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.profile import RecipeProfile
from sutazai.sdk.source import Unit
from sutazai.sdk.untrusted import as_data

LEAST_AUC: Final = 0.7
"""Below this a model's judgement is no better than chance for our purpose, and it is not asked."""

MOST_CHANGE: Final = 0.25
"""How far one verdict may move a confidence, either way."""

NEVER_LOWERED: Final = frozenset(
    {
        *(295, 297, 310, 319, 321, 323, 325, 326, 327, 328, 329, 330, 331, 335, 336, 337, 338, 340, 347, 757, 759, 760),
        *(780, 916, 1204, 1240),  # cryptography and randomness
        *(16, 215, 276, 284, 306, 377, 378, 379, 489, 605, 614, 668, 732, 942, 1004, 1188, 1327, 1333),  # configuration
        *(200, 256, 257, 259, 260, 312, 313, 522, 523, 532, 540, 547, 798),  # secrets
    }
)

_QUESTIONS: Final[Mapping[int, str]] = {
    22: "Can someone outside choose a path that leaves the intended folder, without a check that stops it?",
    78: "Does text that someone outside chose reach a shell or a command line without being quoted or checked?",
    77: "Does text that someone outside chose reach a shell or a command line without being quoted or checked?",
    79: "Does text that someone outside chose reach a page without being escaped?",
    89: "Is text that someone outside chose put into the SQL statement itself instead of being a parameter?",
    90: "Does text that someone outside chose reach the LDAP filter without being escaped?",
    94: "Is text that someone outside chose run as code?",
    95: "Is text that someone outside chose run as code?",
    117: "Can someone outside put line ends of their own into the log?",
    501: "Is a value that someone outside chose kept where later code takes it as trusted?",
    502: "Are bytes that someone outside chose turned into objects by a loader that can run code?",
    601: "Can someone outside choose the address that the user is sent to, without a check that stops it?",
    611: "Does the parser read XML that someone outside chose while it resolves external entities?",
    643: "Does text that someone outside chose become part of the XPath expression?",
    918: "Can someone outside choose the address that this code requests, without a check that stops it?",
}
_QUESTION: Final = "Does the fault really happen when this code runs?"


async def adjudicate(
    chat: ChatModel, unit: Unit, candidates: Sequence[Finding], profile: RecipeProfile
) -> dict[str, float]:
    """New confidences of the candidates, by fingerprint; those without a fingerprint are left alone.

    Raises:
        ReplyUnusable: the model says neither yes nor no.
        ModelError: the model could not answer.
    """
    verdicts = {}
    for candidate in candidates:
        if candidate.fingerprint:
            score = await ask(chat, _messages(unit, candidate))
            verdicts[candidate.fingerprint] = weighed(candidate, profile.calibration.confidence(score))
    return verdicts


def weighed(candidate: Finding, holds: float) -> float:
    """The candidate's confidence after a model gave this probability that it holds."""
    change = MOST_CHANGE * (2 * holds - 1)
    if change < 0 and protected(candidate):
        return candidate.confidence
    return max(0.0, min(1.0, candidate.confidence + change))


def protected(candidate: Finding) -> bool:
    """Whether no model may lower this finding: secrets, cryptography, configuration."""
    return candidate.category is Category.SECRET or not NEVER_LOWERED.isdisjoint(candidate.cwe)


def _messages(unit: Unit, candidate: Finding) -> tuple[Message, ...]:
    question = next((_QUESTIONS[cwe] for cwe in candidate.cwe if cwe in _QUESTIONS), _QUESTION)
    steps = "\n".join(f"{number}. {step.note}" for number, step in enumerate(candidate.trace, 1))
    asked = fill(
        prompt("adjudicate"),
        code=as_data(f"{unit.context.strip()}\n\n{unit.text}".lstrip()),
        finding=candidate.message,
        place=as_data(candidate.quote),
        trace=as_data(steps or "not known"),
        question=question,
    )
    return Message("system", prompt("judge")), Message("user", asked)
