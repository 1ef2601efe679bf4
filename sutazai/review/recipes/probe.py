"""The site probe: which small edit would the model rather have read? The finding is the edit itself.

Two steps. At every site the text so far is a raw prompt and one token is asked: the gain of a slip is its
log-probability minus the written one's. That knows nothing of what follows, so each of the few slips with the highest
gain is asked about again: as a hole with the rest of the unit behind it, where the model can fill holes, else by how
well the next tokens of the unit fit behind the slip, compared with behind what is written. The score is the smaller of
both. Where the beginning of a statement surprised it most, a model that fills holes is also asked whether a line is
missing before it. Of a change, a slip that brings back how a line read before is asked about in the second way alone,
and less has to speak for it. Sites are asked first to last and suspects last to first, so that a runtime with a prefix
cache never evaluates the text before a site twice.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from itertools import islice
from typing import Final

from sutazai.errors.models import PromptTooLong
from sutazai.errors.syntax import SyntaxUnavailable
from sutazai.review.recipes import gaps, slips
from sutazai.review.recipes.asking import Asking, end_of_word
from sutazai.review.recipes.infill import infill_of
from sutazai.review.recipes.restoring import restoring
from sutazai.review.recipes.result import Claim
from sutazai.review.recipes.rules import RULES
from sutazai.review.recipes.sites import sites
from sutazai.review.recipes.walk import Site, Slip
from sutazai.sdk.chat import TokenLogprob
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.profile import RecipeProfile
from sutazai.sdk.source import Unit

MOST_SITES: Final = 150
"""A unit with more sites is asked at the first ones only, and counts as truncated."""

_USUAL_SITES: Final = 25
_ASKED_AGAIN: Final = 3
_MOST_RESTORED: Final = 8
_LEAST_GAIN: Final = 1.0
_CHARS_OF_TOKEN: Final = 4
_MOST_CHARS_OF_TOKEN: Final = 8
_MOST_CLAIMS: Final = 2
_SHOWN: Final = 80
_WORD_BEFORE: Final = re.compile(r"(?:\w+|[^\w\s]+)\s*\Z")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A slip and how much likelier than the written text it is, in nats.

    Attributes:
        gain: at its site alone.
        score: with what follows, less what the strangest of so many sites is by chance.
        restores: whether the slip brings back what a change replaced.
    """

    slip: Slip
    gain: float
    score: float
    restores: bool = False


async def probe(chat: ChatModel, unit: Unit, profile: RecipeProfile) -> tuple[list[Claim], bool]:
    """The edits of `unit` that the model finds likelier than its text by more than the profile's threshold.

    Returns:
        The claims, surest first, and whether the unit had too many sites to ask at all of them.

    Raises:
        ReplyUnusable: the runtime gave no log-probabilities.
        PromptTooLong: the unit is longer than any prompt of this model.
        ModelError: the model could not answer.
    """
    _check_length(chat, unit)
    try:
        places = _asked_about(unit, sites(unit.text, unit.language), gaps_too=infill_of(chat.info.name) is not None)
    except SyntaxUnavailable:
        return [], False
    # A score is never over its gain: what gains too little need not be asked about again.
    least = max(_LEAST_GAIN, profile.threshold)
    found = await suspects(chat, unit, places[:MOST_SITES], least=least, for_old=profile.restoring)
    sure = [each for each in found if each.score > profile.threshold]
    claims = [_claim(unit.text, each, profile.calibration.confidence(each.score)) for each in _apart(unit.text, sure)]
    return claims[:_MOST_CLAIMS], len(places) > MOST_SITES


def _asked_about(unit: Unit, places: Sequence[Site], *, gaps_too: bool) -> list[Site]:
    """The places with the slips on lines that changed: a finding elsewhere is not wanted, so no time goes there."""
    kept = (
        Site(
            each.cut,
            tuple(slip for slip in each.slips if unit.asks_about(slip.start, slip.end)),
            gaps_too and each.gap and unit.asks_about(each.cut, each.cut + 1),
        )
        for each in places
    )
    return [each for each in kept if each.slips or each.gap]


def _check_length(chat: ChatModel, unit: Unit) -> None:
    """Spares the work on a unit that no prompt can hold, however few tokens it makes."""
    context = chat.info.context_tokens
    if len(unit.text) > context * _MOST_CHARS_OF_TOKEN:
        raise PromptTooLong(chat.info.name, len(unit.text) // _CHARS_OF_TOKEN, context)


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What made the model wonder at a site, in nats: the gain of a slip, or how much the beginning surprised it."""

    site: Site
    nats: float
    slip: Slip | None = None
    restores: bool = False


async def suspects(
    chat: ChatModel, unit: Unit, places: Sequence[Site], *, least: float = _LEAST_GAIN, for_old: float = 0.0
) -> list[Suspect]:
    """The edits that were worth a second question, most suspicious first.

    Args:
        chat: the model.
        unit: what is looked at.
        places: where, first to last.
        least: what an edit has to gain for that; one that brings back what a change replaced is always worth it.
        for_old: what speaks for such an edit before anything is asked, in nats.
    """
    asking = Asking(chat, unit)
    against = math.log(max(1.0, len(places) / _USUAL_SITES))  # a function has hardly more faults for being longer
    back = islice(restoring(unit, places), _MOST_RESTORED)
    old = [_Doubt(site, math.inf, slip, restores=True) for site, slip in back]
    doubts: list[_Doubt] = []
    for site in _without(places, {each.slip for each in old}):
        if site.slips or asking.fills_holes:
            doubts += _doubts(asking, site, *await asking.at(site))
    again = sorted([*old, *_strongest(doubts, least + against)], key=lambda each: -each.site.cut)
    asked = [await _asked_again(asking, each, least + against, for_old) for each in again]
    found = [replace(each, score=each.score - against) for each in asked if each is not None]
    return sorted(found, key=lambda each: -each.score)


def _without(places: Sequence[Site], slips: Collection[Slip | None]) -> list[Site]:
    """The places with what is still to be asked at them."""
    kept = (replace(site, slips=tuple(each for each in site.slips if each not in slips)) for site in places)
    return [site for site in kept if site.slips or site.gap]


def _doubts(
    asking: Asking, site: Site, likelier: Mapping[Slip, float], top: Sequence[TokenLogprob]
) -> Iterator[_Doubt]:
    if likelier:
        slip = max(likelier, key=likelier.__getitem__)
        yield _Doubt(site, likelier[slip], slip)
    if site.gap and asking.fills_holes:
        yield _Doubt(site, gaps.surprise(asking.text, site, top))


def _strongest(doubts: Sequence[_Doubt], least: float) -> list[_Doubt]:
    """The few slips that gained most and the beginning that surprised most."""
    gained = nlargest(_ASKED_AGAIN, (each for each in doubts if each.slip and each.nats > least), key=_nats)
    odd = (each for each in doubts if not each.slip and each.nats > gaps.LEAST_SURPRISE)
    return [*gained, *nlargest(1, odd, key=_nats)]


def _nats(doubt: _Doubt) -> float:
    return doubt.nats


async def _asked_again(asking: Asking, doubt: _Doubt, least: float, for_old: float) -> Suspect | None:
    """What is left of a doubt where the model sees what follows."""
    if doubt.slip is not None:
        again = await asking.again(doubt.site, doubt.slip) - slips.AGAINST.get(doubt.slip.rule, 0.0)
        score = min(doubt.nats, again)
        return Suspect(doubt.slip, doubt.nats, score + for_old * doubt.restores, doubt.restores)
    missing = await asking.missing(doubt.site, least)
    return Suspect(missing[0], doubt.nats, missing[1]) if missing else None


def _apart(text: str, found: Sequence[Suspect]) -> list[Suspect]:
    """One suspect for each line, the surest."""
    by_line: dict[int, Suspect] = {}
    for each in found:
        by_line.setdefault(text.count("\n", 0, each.slip.start), each)
    return list(by_line.values())


def _claim(text: str, suspect: Suspect, confidence: float) -> Claim:
    slip = suspect.slip
    rule = RULES[slip.rule]
    start, end, replacement = _widened(text, slip)
    before, after = shown(text, slip)
    message = f"`{before}` here, where `{after}` {'stood before and ' * suspect.restores}is expected"
    if slip.rule == slips.MISSING:
        message = f"`{' '.join(slip.replacement.split())}` is expected before `{before}`"
    elif before == after:
        inwards = len(slip.replacement) > slip.end - slip.start
        message = f"`{before}` here, where it is expected one level further {'in' if inwards else 'out'}"
    return Claim(
        recipe="probe",
        rule=rule.id,
        category=rule.category,
        severity=rule.severity,
        confidence=confidence,
        cwe=rule.cwe,
        start=start,
        end=end,
        message=message,
        explanation=rule.description,
        replacement=replacement,
    )


def _widened(text: str, slip: Slip) -> tuple[int, int, str]:
    """The edit over at least one visible word: an insertion takes in the word before or after it."""
    start, end, replacement = slip.start, slip.end, slip.replacement
    if text[start:end].strip() and replacement:
        return start, end, replacement
    behind = not replacement or (start == end and replacement[:1] == " " and slip.rule != slips.MISSING)
    before = _WORD_BEFORE.search(text, max(0, start - _SHOWN), start) if behind else None
    if before is not None:
        return before.start(), end, text[before.start() : start] + replacement
    stop = end_of_word(text, end)
    return start, stop, replacement + text[end:stop]


def shown(text: str, slip: Slip) -> tuple[str, str]:
    """The line of a slip as it is and as it would be, white space squeezed, long lines cut around the slip."""
    start = text.rfind("\n", 0, slip.start) + 1
    end = text.find("\n", slip.end)
    end = len(text) if end < 0 else end
    start, end = max(start, slip.start - _SHOWN // 2), min(end, slip.end + _SHOWN // 2)
    line, edited = text[start:end], text[start : slip.start] + slip.replacement + text[slip.end : end]
    return " ".join(line.split()), " ".join(edited.split())
