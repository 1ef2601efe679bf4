"""Shares the likeliest next tokens out among the continuations they begin. Pure arithmetic over one model reply."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from sutazai.review.recipes.walk import Site, Slip
from sutazai.sdk.chat import TokenLogprob

_AHEAD: Final = 40
_JOINED: Final = frozenset("=<>!&|*/+-")


def gains(text: str, site: Site, top: Sequence[TokenLogprob]) -> Mapping[Slip, float]:
    """How much likelier than the written text each slip is, in nats; a slip no token spells is left out.

    Args:
        text: of the unit.
        site: where the model was asked.
        top: the likeliest next tokens. Where none begins the written text, it counts as likely as the last of them:
            it is at most that.
    """
    if not top:
        return {}
    continuations: dict[Slip | None, str] = {None: text[site.cut : site.cut + _AHEAD]}
    for slip in site.slips:
        continuations[slip] = (text[site.cut : slip.start] + slip.replacement + text[slip.end :])[:_AHEAD]
    shares = _shares(continuations, top)
    lowest = min(token.logprob for token in top)
    written = math.log(shares[None]) if shares.get(None) else lowest
    return {slip: math.log(share) - written for slip, share in shares.items() if slip is not None and share > 0}


def _shares(continuations: Mapping[Slip | None, str], top: Sequence[TokenLogprob]) -> dict[Slip | None, float]:
    shares: dict[Slip | None, float] = {}
    for token in top:
        begun = [each for each, text in continuations.items() if _begins(token.token, text)]
        if len(begun) > 1:
            whole = [each for each in begun if _whole(continuations[each], len(token.token))]
            begun = whole or [each for each in begun if each is None]
        if len(begun) == 1:
            shares[begun[0]] = shares.get(begun[0], 0.0) + math.exp(min(0.0, token.logprob))
    return shares


def _begins(token: str, text: str) -> bool:
    if token and text.startswith(token):
        return True
    # Any line end says that the line is over, however many blank lines the token holds.
    return not token.strip() and "\n" in token and (not text or text in {"\n", "\r\n"})


def _whole(text: str, end: int) -> bool:
    """Whether no word or operator of `text` goes on over `end`: ` <` is whole in ` < b`, not in ` <= b`."""
    before, after = text[end - 1 : end], text[end : end + 1]
    if before.isspace():
        return not text[end : end + 2].isspace()
    return not (_wordy(before) and _wordy(after)) and not (before in _JOINED and after in _JOINED)


def _wordy(character: str) -> bool:
    return character.isalnum() or character == "_"
