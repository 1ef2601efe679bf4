"""The site probe: which small edit would the model rather have read? The finding is the edit itself.

Two steps. At every site the text so far is a raw prompt and one token is asked: the gain of a slip is its
log-probability minus the written one's. That knows nothing of what follows, so each of the few slips with the highest
gain is asked about again: as a hole with the rest of the unit behind it, where the model can fill holes, else by how
well the next tokens of the unit fit behind the slip, compared with behind what is written. The score is the smaller of
both. Sites are asked first to last and suspects last to first, so that a runtime with a prefix cache never evaluates
the text before a site twice.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sutazai.errors.models import PromptTooLong, ReplyUnusable
from sutazai.errors.syntax import SyntaxUnavailable
from sutazai.review.recipes.infill import Infill, infill_of
from sutazai.review.recipes.result import Claim
from sutazai.review.recipes.rules import RULES
from sutazai.review.recipes.sites import Site, Slip, sites
from sutazai.review.recipes.weigh import gains
from sutazai.sdk.chat import ChatRequest, TokenLogprob
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.profile import RecipeProfile
from sutazai.sdk.source import Unit
from sutazai.sdk.structured import complete
from sutazai.sdk.untrusted import inert

MOST_SITES: Final = 150
"""A unit with more sites is asked at the first ones only, and counts as truncated."""

_ASKED_AGAIN: Final = 3
_LEAST_GAIN: Final = 1.0
_STEPS: Final = 5
_UNHEARD: Final = -20.0
_CHARS_OF_TOKEN: Final = 4
_MOST_CHARS_OF_TOKEN: Final = 8
_MOST_CLAIMS: Final = 2
_SHOWN: Final = 80
_LEXEME: Final = re.compile(r"\s*(?:\w+|[^\w\s]|\Z)")
_WORD_BEFORE: Final = re.compile(r"(?:\w+|[^\w\s]+)\s*\Z")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A slip and how much likelier than the written text it is, in nats: at its site, and with what follows."""

    slip: Slip
    gain: float
    score: float


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
        places = _asked_about(unit, sites(unit.text, unit.language))
    except SyntaxUnavailable:
        return [], False
    # A score is never over its gain: what gains too little need not be asked about again.
    found = await suspects(chat, unit, places[:MOST_SITES], least=max(_LEAST_GAIN, profile.threshold))
    sure = [each for each in found if each.score > profile.threshold]
    claims = [_claim(unit.text, each, profile.calibration.confidence(each.score)) for each in _apart(unit.text, sure)]
    return claims[:_MOST_CLAIMS], len(places) > MOST_SITES


def _asked_about(unit: Unit, places: Sequence[Site]) -> list[Site]:
    """The places with the slips on lines that changed: a finding elsewhere is not wanted, so no time goes there."""
    kept = (Site(each.cut, tuple(s for s in each.slips if unit.asks_about(s.start, s.end))) for each in places)
    return [each for each in kept if each.slips]


def _check_length(chat: ChatModel, unit: Unit) -> None:
    """Spares the work on a unit that no prompt can hold, however few tokens it makes."""
    context = chat.info.context_tokens
    if len(unit.text) > context * _MOST_CHARS_OF_TOKEN:
        raise PromptTooLong(chat.info.name, len(unit.text) // _CHARS_OF_TOKEN, context)


async def suspects(chat: ChatModel, unit: Unit, places: Sequence[Site], *, least: float = _LEAST_GAIN) -> list[Suspect]:
    """The slips that gained more than `least` and so were worth a second question, most suspicious first."""
    return await _Asking(chat, unit).suspects(places, least)


class _Asking:
    """One unit before one model."""

    def __init__(self, chat: ChatModel, unit: Unit) -> None:
        self._chat = chat
        self._text = inert(unit.text)
        self._marks = infill_of(chat.info.name)
        self._heading = inert(heading(unit))

    async def suspects(self, places: Sequence[Site], least: float) -> list[Suspect]:
        gained: list[tuple[float, Slip, Site]] = []
        for site in places:
            likelier = gains(self._text, site, await self._next(self._text[: site.cut]))
            if likelier:
                slip = max(likelier, key=likelier.__getitem__)
                gained.append((likelier[slip], slip, site))
        gained = sorted((each for each in gained if each[0] > least), key=lambda each: -each[0])[:_ASKED_AGAIN]
        gained.sort(key=lambda each: -each[2].cut)
        found = [Suspect(slip, gain, min(gain, await self._again(site, slip))) for gain, slip, site in gained]
        return sorted(found, key=lambda each: -each.score)

    async def _again(self, site: Site, slip: Slip) -> float:
        if self._marks is not None:
            return await self._filled(site, slip, self._marks)
        text = self._text
        written = await self._likelihood(site.cut, text[site.cut :])
        other = await self._likelihood(site.cut, text[site.cut : slip.start] + slip.replacement + text[slip.end :])
        return other - written

    async def _filled(self, site: Site, slip: Slip, marks: Infill) -> float:
        """The gain of a slip where the model sees what stands behind the hole."""
        end = slip.end
        if slip.start == slip.end or not slip.replacement:
            # Nothing cannot be asked for: the hole takes in the next word, and the answer begins with it or does not.
            end = _end_of_word(self._text, end)
        prompt = marks.prompt(self._heading + self._text[: site.cut], self._text[end:])
        top = await self._asked(prompt)
        return gains(self._text, Site(site.cut, (slip,)), top).get(slip, _UNHEARD)

    async def _likelihood(self, cut: int, rest: str) -> float:
        """How likely the model finds the next few tokens of `rest` behind the text up to `cut`, in nats."""
        before, total = self._text[:cut], 0.0
        for _ in range(_STEPS):
            if not rest.strip():
                break
            token, logprob = _spelled(await self._next(before), rest)
            total += logprob
            before, rest = before + token, rest[len(token) :]
        return total

    async def _next(self, before: str) -> Sequence[TokenLogprob]:
        # The same first mark as in the second question keeps the prefix cache whole.
        return await self._asked((self._marks.before if self._marks else "") + self._heading + before)

    async def _asked(self, prompt: str) -> Sequence[TokenLogprob]:
        reply = await complete(self._chat, ChatRequest(prompt=prompt, max_tokens=1, top_logprobs=20))
        if not reply.logprobs or not reply.logprobs[0].top:
            raise ReplyUnusable(self._chat.info.name, "it gives no log-probabilities")
        return reply.logprobs[0].top


def _spelled(top: Sequence[TokenLogprob], rest: str) -> tuple[str, float]:
    """The likeliest token that begins `rest`; where none does, its next word counts as likely as the last token."""
    fitting = [each for each in top if each.token and rest.startswith(each.token)]
    if fitting:
        best = max(fitting, key=lambda each: each.logprob)
        return best.token, best.logprob
    return rest[: _end_of_word(rest, 0)], min(each.logprob for each in top)


def _end_of_word(text: str, start: int) -> int:
    lexeme = _LEXEME.match(text, start)
    return lexeme.end() if lexeme is not None and lexeme.end() > start else min(len(text), start + 1)


def heading(unit: Unit) -> str:
    """What stands before the unit's text in every prompt: its file, and the little it needs."""
    mark = "#" if unit.language in {"python", "ruby", "bash", "yaml"} else "//"
    context = f"{unit.context.strip()}\n\n\n" if unit.context.strip() else ""
    return f"{mark} {unit.path}\n{context}"


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
    message = f"`{before}` here, where `{after}` is expected"
    if before == after:
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
    behind = not replacement or (start == end and replacement[:1] == " ")
    before = _WORD_BEFORE.search(text, max(0, start - _SHOWN), start) if behind else None
    if before is not None:
        return before.start(), end, text[before.start() : start] + replacement
    after = _LEXEME.match(text, end)
    stop = after.end() if after is not None and after.group().strip() else min(len(text), end + 1)
    return start, stop, replacement + text[end:stop]


def shown(text: str, slip: Slip) -> tuple[str, str]:
    """The line of a slip as it is and as it would be, white space squeezed, long lines cut around the slip."""
    start = text.rfind("\n", 0, slip.start) + 1
    end = text.find("\n", slip.end)
    end = len(text) if end < 0 else end
    start, end = max(start, slip.start - _SHOWN // 2), min(end, slip.end + _SHOWN // 2)
    line, edited = text[start:end], text[start : slip.start] + slip.replacement + text[slip.end : end]
    return " ".join(line.split()), " ".join(edited.split())
