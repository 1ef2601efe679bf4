"""Measures what a model is good for in a review: planted faults found, right functions flagged, the second look.

Works over the port only, so that any model can be measured. The result is a profile; keeping it is the caller's part.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sutazai.errors.models import ReplyUnusable
from sutazai.review.bench_data.planted import Fault, Sample, samples
from sutazai.review.fitting import area_under_curve, fitted, threshold_for
from sutazai.review.recipes import second_look
from sutazai.review.recipes.adjudicate import LEAST_AUC
from sutazai.review.recipes.claims import claims
from sutazai.review.recipes.probe import shown, suspects
from sutazai.review.recipes.sites import sites
from sutazai.review.recipes.walk import Slip
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.profile import ModelProfile, Recipe, RecipeProfile
from sutazai.sdk.source import Unit

MOST_FALSE_ALARMS: Final = 0.05
"""The share of right functions that may be flagged: it sets the thresholds."""

_FAULTS_EACH: Final = 2
_SECOND_LOOKS: Final = 12
_CLAIMED: Final = 8

Progressed = Callable[[int, int], None]


@dataclass(slots=True)
class Tally:
    """What the probe said.

    Attributes:
        right: the highest score in each right function.
        wrong: the highest score on the faulty line of each planted function; minus infinity if there is none.
        scored: every score above 0 with whether its place was faulty.
    """

    right: list[float] = field(default_factory=list)
    wrong: list[float] = field(default_factory=list)
    scored: list[tuple[float, bool]] = field(default_factory=list)

    def profile(self) -> RecipeProfile:
        """The threshold that keeps false alarms down, and the figures at it."""
        threshold = threshold_for(self.right, MOST_FALSE_ALARMS)
        return RecipeProfile(
            threshold=round(threshold, 2),
            calibration=fitted(self.scored),
            recall=_share([score > threshold for score in self.wrong]),
            false_alarm_rate=_share([score > threshold for score in self.right]),
        )


async def measure(
    chat: ChatModel, *, seed: int = 0, limit: int = 0, on_progress: Progressed | None = None
) -> ModelProfile:
    """The profile of a model, from functions with and without planted faults.

    Args:
        chat: an open model.
        seed: chooses functions and faults; the same seed, the same questions.
        limit: how many functions; 0 means all.
        on_progress: told how many of how many functions are done.

    Raises:
        ModelError: the model could not answer.
    """
    chosen = _chosen(seed, limit)
    recipes: dict[Recipe, RecipeProfile] = {}
    if chat.info.logprobs:
        recipes["probe"] = await _probed(chat, chosen, on_progress)
        auc = await _second_look(chat, chosen)
        if auc is not None and auc >= LEAST_AUC:
            recipes["adjudicate"] = RecipeProfile(auc=auc)
            recipes["claims"] = await _claimed(chat, chosen, auc)
    return ModelProfile(recipes=recipes, origin="measured", measured_at=datetime.now(UTC).date().isoformat())


def _chosen(seed: int, limit: int) -> list[tuple[Sample, tuple[Fault, ...]]]:
    draw = random.Random(seed)  # noqa: S311 (a repeatable choice, no secret)
    known = samples()
    draw.shuffle(known)
    known = known[: limit or None]
    return [(each, tuple(draw.sample(each.faults, min(_FAULTS_EACH, len(each.faults))))) for each in known]


async def _probed(
    chat: ChatModel, chosen: Sequence[tuple[Sample, tuple[Fault, ...]]], on_progress: Progressed | None
) -> RecipeProfile:
    tally = Tally()
    for done, (sample, faults) in enumerate(chosen, 1):
        await _weigh(chat, sample.unit, frozenset(), tally)
        for fault in faults:
            await _weigh(chat, sample.planted(fault), sample.lines(fault), tally)
        if on_progress is not None:
            on_progress(done, len(chosen))
    return tally.profile()


async def _weigh(chat: ChatModel, unit: Unit, faulty: frozenset[int], tally: Tally) -> None:
    found = await suspects(chat, unit, sites(unit.text, unit.language))
    on_fault = [(each.score, unit.text.count("\n", 0, each.slip.start) + 1 in faulty) for each in found]
    tally.scored += [(score, hit) for score, hit in on_fault if score > 0]  # others are never reported
    if faulty:
        tally.wrong.append(max((score for score, hit in on_fault if hit), default=float("-inf")))
    else:
        tally.right.append(max((score for score, _ in on_fault), default=float("-inf")))


async def _second_look(chat: ChatModel, chosen: Sequence[tuple[Sample, tuple[Fault, ...]]]) -> float | None:
    """How well the model tells a true claim (about the planted fault) from its opposite about the right function."""
    true, false = [], []
    for sample, faults in [each for each in chosen if each[1]][:_SECOND_LOOKS]:
        there = Slip(*_inside(sample, faults[0]), faults[0].replacement, "")
        wrong = sample.planted(faults[0])
        back = Slip(there.start, there.start + len(faults[0].replacement), faults[0].written, "")
        try:
            true.append(await _stood_by(chat, wrong.text, back))
            false.append(await _stood_by(chat, sample.unit.text, there))
        except ReplyUnusable:
            return None
    return area_under_curve(true, false)


def _inside(sample: Sample, fault: Fault) -> tuple[int, int]:
    start = fault.start - sample.unit.segments[0].start
    return start, start + len(fault.written)


async def _stood_by(chat: ChatModel, text: str, slip: Slip) -> float:
    before, after = shown(text, slip)
    return await second_look.score(chat, text, before, f"This has to be: {after or 'left out'}")


async def _claimed(chat: ChatModel, chosen: Sequence[tuple[Sample, tuple[Fault, ...]]], auc: float) -> RecipeProfile:
    hits: list[bool] = []
    alarms: list[bool] = []
    scored: list[tuple[float, bool]] = []
    own = RecipeProfile(threshold=float("-inf"), auc=auc)
    for sample, faults in chosen[:_CLAIMED]:
        for unit, lines in [
            (sample.unit, frozenset[int]()),
            *((sample.planted(f), sample.lines(f)) for f in faults[:1]),
        ]:
            try:
                said, _ = await claims(chat, unit)
            except ReplyUnusable:
                said = []
            kept = await second_look.confirmed(chat, unit, said, own)
            on_fault = [_touches(unit.text, claim.start, claim.end, lines) for claim in kept]
            scored += [(claim.confidence, hit) for claim, hit in zip(kept, on_fault, strict=True)]
            (hits if lines else alarms).append(any(on_fault) if lines else bool(kept))
    return RecipeProfile(auc=auc, recall=_share(hits), false_alarm_rate=_share(alarms), calibration=fitted(scored))


def _touches(text: str, start: int, end: int, lines: frozenset[int]) -> bool:
    first, last = text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 1
    return any(first <= line <= last for line in lines)


def _share(outcomes: Sequence[bool]) -> float | None:
    return round(sum(outcomes) / len(outcomes), 3) if outcomes else None
