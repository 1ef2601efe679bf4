"""What a child of ours may know of the environment. Owns the list: what is not on it never reaches such a child."""

import os
from typing import Final

_KEPT: Final = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "SYSTEMROOT",
    "TZ",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX",
)


def bare_environment() -> dict[str, str]:
    """What Python needs to start: secrets of the environment are no business of a parser."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}
