"""How a model is told what stands before and behind a hole, for the models trained to fill one. Pure data."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Infill:
    """The marks around the text before a hole, behind it, and the place of the answer.

    Source: Bavarian et al. 2022, "Efficient training of language models to fill in the middle" (prefix first).
    """

    before: str
    behind: str
    answer: str

    def prompt(self, before: str, behind: str) -> str:
        """A raw prompt; the answer is what stands between the two texts."""
        return f"{self.before}{before}{self.behind}{behind}{self.answer}"


_KNOWN: Final = (
    (re.compile(r"qwen.*coder", re.IGNORECASE), Infill("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")),
)


def infill_of(model: str) -> Infill | None:
    """The marks of a model by its name, None where it is not known to fill holes."""
    return next((marks for name, marks in _KNOWN if name.search(model)), None)
