"""Whether source code speaks of something under a shorter spelling: `win32` of Windows, `auth` of authentication.

Owns when a part of an identifier stands for a name. That it does is a reason to look there, never a proof.
"""

import re
from collections.abc import Iterable
from keyword import kwlist
from typing import Final

from sutazai.rag.citations_tables import STOP_WORDS
from sutazai.rag.citations_terms import Term

_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LEAST: Final = 3
_NO_NAMES: Final = frozenset({*kwlist, *STOP_WORDS, "int", "str", "let", "var", "new", "ret", "obj", "val", "arg"})


def parts(text: str) -> frozenset[str]:
    """The parts of the identifiers of a program that may stand for a name, in small letters."""
    found = (each.casefold() for each in _PART.findall(text))
    return frozenset(each for each in found if len(each) >= _LEAST and each not in _NO_NAMES)


def is_shortened(name: Term, among: Iterable[str]) -> bool:
    """Whether a part is the beginning of a name, or the name the beginning of a part."""
    low = name.shown.casefold()
    return (
        name.kind == "name"
        and len(low) >= _LEAST
        and any(low.startswith(each) or each.startswith(low) for each in among)
    )
