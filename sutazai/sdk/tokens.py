"""How many tokens a text may be, where no tokenizer is at hand. Pure arithmetic."""

from typing import Final

_CHARACTERS_A_TOKEN: Final = 3.2
_LAST_NARROW: Final = 0x2E7F


def estimated_tokens(text: str) -> int:
    """A cautious guess at how many tokens a model makes of a text: scripts without spaces cost a token a character."""
    wide = sum(ord(each) > _LAST_NARROW for each in text)
    return round((len(text) - wide) / _CHARACTERS_A_TOKEN) + wide + 1
