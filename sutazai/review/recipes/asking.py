"""Puts the questions of the site probe to one model about one unit: what comes next, what fills a hole.

Every question is one prompt and one token, but for the few that compare whole texts. Decides nothing.
"""

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Final

from sutazai.errors.models import ReplyUnusable
from sutazai.review.recipes import gaps
from sutazai.review.recipes.infill import Infill, infill_of
from sutazai.review.recipes.slips import ORDER
from sutazai.review.recipes.walk import Site, Slip
from sutazai.review.recipes.weigh import gains
from sutazai.sdk.chat import ChatRequest, TokenLogprob
from sutazai.sdk.ports import ChatModel
from sutazai.sdk.source import Unit
from sutazai.sdk.structured import complete
from sutazai.sdk.untrusted import inert

_STEPS: Final = 5
_MOST_TOKENS_OF_HOLE: Final = 16
_MOST_CHARS_BEHIND: Final = 400
_UNHEARD: Final = -20.0
_LEAST_SHARE: Final = 1e-9
_WORD: Final = re.compile(r"\w")
_WITHIN_WORD: Final = re.compile(r"(?<=\w)\w")
_LEXEME: Final = re.compile(r"\s*(?:\w+|[^\w\s]|\Z)")


class Asking:
    """One unit before one model."""

    def __init__(self, chat: ChatModel, unit: Unit) -> None:
        self._chat = chat
        self._marks = infill_of(chat.info.name)
        self._heading = inert(heading(unit))
        self.text = inert(unit.text)

    @property
    def fills_holes(self) -> bool:
        """Whether the model can be asked what stands between two texts."""
        return self._marks is not None

    async def next(self, before: str) -> Sequence[TokenLogprob]:
        """The likeliest tokens behind a text of the unit."""
        # The same first mark as in the questions with a hole keeps the prefix cache whole.
        return await self._asked((self._marks.before if self._marks else "") + self._heading + before)

    async def at(self, site: Site) -> tuple[Mapping[Slip, float], Sequence[TokenLogprob]]:
        """The gain of each slip at a site by the text before it, in nats, and the likeliest tokens there."""
        top = await self.next(self.text[: site.cut])
        likelier = dict(gains(self.text, site, top))
        best = max(likelier, key=likelier.__getitem__, default=None)
        if best is not None and likelier[best] > 0:
            written, other = self._both(site, best)
            if _one_word_begins_the_other(written, other):
                likelier[best] = min(likelier[best], await self._by_end_of_word(site, written, other))
        return likelier, top

    async def _by_end_of_word(self, site: Site, written: str, other: str) -> float:
        """The gain of `other` over `written`, of which one begins the other, by how the shorter goes on.

        Most models spell `data_geo` as `data` and `_geo`: the first token does not tell which of the two is meant.
        """
        shorter, longer = sorted((written, other), key=len)
        top = await self.next(self.text[: site.cut] + shorter)
        rest = longer[len(shorter) :]
        more = sum(math.exp(each.logprob) for each in top if each.token and rest.startswith(each.token))
        over = 1.0 - sum(math.exp(each.logprob) for each in top if _WORD.match(each.token))
        gain = math.log(max(over, _LEAST_SHARE)) - math.log(max(more, _LEAST_SHARE))
        return gain if other == shorter else -gain

    def _both(self, site: Site, slip: Slip) -> tuple[str, str]:
        """What is written between a site and the end of a slip, and what the slip makes of it."""
        return self.text[site.cut : slip.end], self.text[site.cut : slip.start] + slip.replacement

    async def again(self, site: Site, slip: Slip) -> float:
        """The gain of a slip, in nats, with what follows it."""
        if self._marks is not None:
            return await self._filled(site, slip, self._marks)
        text = self.text
        written = await self._likelihood(site.cut, text[site.cut :])
        other = await self._likelihood(site.cut, text[site.cut : slip.start] + slip.replacement + text[slip.end :])
        return other - written

    async def missing(self, site: Site, least: float) -> tuple[Slip, float] | None:
        """The line that the model would fill in before a statement, and its score, where that is over `least`."""
        if self._marks is None:
            return None
        at = gaps.line_of(self.text, site.cut)
        prompt = self._hole(self._marks, at, at)
        score = gaps.missing(await self._asked(prompt))
        slip = gaps.line(self.text, at, await self._first_line(prompt)) if score > least else None
        return (slip, score) if slip is not None else None

    def _hole(self, marks: Infill, start: int, end: int) -> str:
        stop = self.text.find("\n", end + _MOST_CHARS_BEHIND) + 1 or len(self.text)
        return marks.prompt(self._heading + self.text[:start], self.text[end:stop])

    async def _filled(self, site: Site, slip: Slip, marks: Infill) -> float:
        """The gain of a slip where the model sees what stands behind the hole."""
        written, other = self._both(site, slip)
        if slip.rule == ORDER or _one_word_begins_the_other(written, other):
            # The first word of two that change places, or the beginning that two names share, says little.
            prompt = self._hole(marks, site.cut, slip.end)
            return await self._exactly(prompt, other) - await self._exactly(prompt, written)
        end = slip.end
        if slip.start == slip.end or not slip.replacement:
            # Nothing cannot be asked for: the hole takes in the next word, and the answer begins with it or does not.
            end = end_of_word(self.text, end)
        top = await self._asked(self._hole(marks, site.cut, end))
        return gains(self.text, Site(site.cut, (slip,)), top).get(slip, _UNHEARD)

    async def _exactly(self, prompt: str, text: str) -> float:
        """How likely the model fills a hole with `text` and nothing more, in nats."""
        total = 0.0
        for _ in range(_MOST_TOKENS_OF_HOLE):
            top = await self._asked(prompt)
            fitting = [each for each in top if _goes_on(each.token, text)]
            if not fitting:
                return total + min(each.logprob for each in top)
            best = max(fitting, key=lambda each: each.logprob)
            total += best.logprob
            if not text:
                break
            prompt, text = prompt + best.token, text[len(best.token) :]
        return total

    async def _likelihood(self, cut: int, rest: str) -> float:
        """How likely the model finds the next few tokens of `rest` behind the text up to `cut`, in nats."""
        before, total = self.text[:cut], 0.0
        for _ in range(_STEPS):
            if not rest.strip():
                break
            token, logprob = _spelled(await self.next(before), rest)
            total += logprob
            before, rest = before + token, rest[len(token) :]
        return total

    async def _first_line(self, prompt: str) -> list[TokenLogprob]:
        said: list[TokenLogprob] = []
        request = ChatRequest(prompt=prompt, max_tokens=gaps.MOST_TOKENS, top_logprobs=1)
        async with aclosing(self._chat.stream(request)) as stream:
            async for chunk in stream:
                said += chunk.logprobs
                if "\n" in chunk.text:
                    break
        return said

    async def _asked(self, prompt: str) -> Sequence[TokenLogprob]:
        reply = await complete(self._chat, ChatRequest(prompt=prompt, max_tokens=1, top_logprobs=20))
        if not reply.logprobs or not reply.logprobs[0].top:
            raise ReplyUnusable(self._chat.info.name, "it gives no log-probabilities")
        return reply.logprobs[0].top


def _one_word_begins_the_other(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and _WITHIN_WORD.match(longer, len(shorter)) is not None


def _goes_on(token: str, text: str) -> bool:
    """Whether a token begins `text`; where there is no more of it, whether nothing or the end of the line is said."""
    return text.startswith(token) and token != "" if text else not token.strip()


def _spelled(top: Sequence[TokenLogprob], rest: str) -> tuple[str, float]:
    """The likeliest token that begins `rest`; where none does, its next word counts as likely as the last token."""
    fitting = [each for each in top if each.token and rest.startswith(each.token)]
    if fitting:
        best = max(fitting, key=lambda each: each.logprob)
        return best.token, best.logprob
    return rest[: end_of_word(rest, 0)], min(each.logprob for each in top)


def end_of_word(text: str, start: int) -> int:
    """Where the next word or sign behind `start` ends."""
    lexeme = _LEXEME.match(text, start)
    return lexeme.end() if lexeme is not None and lexeme.end() > start else min(len(text), start + 1)


def heading(unit: Unit) -> str:
    """What stands before the unit's text in every prompt: its file, and the little it needs."""
    mark = "#" if unit.language in {"python", "ruby", "bash", "yaml"} else "//"
    context = f"{unit.context.strip()}\n\n\n" if unit.context.strip() else ""
    return f"{mark} {unit.path}\n{context}"
