"""The static engines by name. Making one is cheap: each loads its tables when it is first used."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sutazai.errors.analysis import UnknownEngine
from sutazai.sdk.ports import Analyzer

if TYPE_CHECKING:
    from sutazai.sdk.taint import TaintTable

_MOST_CHILDREN: Final = 4


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the engines are made.

    Attributes:
        jobs: threads or processes that one engine may use; 0: one a processor.
        taint: rows of the project and of plugins for the taint engine.
    """

    jobs: int = 0
    taint: "tuple[TaintTable, ...]" = ()


def _ruff(options: EngineOptions) -> Analyzer:
    from sutazai.analysis.ruff import RuffAnalyzer  # noqa: PLC0415 (loaded only when used)

    return RuffAnalyzer(jobs=options.jobs)


def _secrets(_options: EngineOptions) -> Analyzer:
    from sutazai.analysis.secrets import SecretsAnalyzer  # noqa: PLC0415 (loaded only when used)

    return SecretsAnalyzer()


def _patterns(_options: EngineOptions) -> Analyzer:
    from sutazai.analysis.patterns import PatternsAnalyzer  # noqa: PLC0415 (loaded only when used)

    return PatternsAnalyzer()


def _taint(options: EngineOptions) -> Analyzer:
    from sutazai.analysis.taint.engine import TaintAnalyzer  # noqa: PLC0415 (loaded only when used)

    return TaintAnalyzer(extra=options.taint, children=_beside_this_one(options.jobs))


def _beside_this_one(jobs: int) -> int:
    """Processes that may work beside this one; more would cost memory and win little."""
    return min((jobs or _processors()) - 1, _MOST_CHILDREN)


def _processors() -> int:
    """Those that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # not everywhere
    return len(allowed(0)) if allowed else os.cpu_count() or 1


ENGINES: Final[Mapping[str, Callable[[EngineOptions], Analyzer]]] = {
    "ruff": _ruff,
    "secrets": _secrets,
    "patterns": _patterns,
    "taint": _taint,
}


def engines(names: Sequence[str], options: EngineOptions | None = None) -> list[Analyzer]:
    """The engines of these names, in this order, each once.

    Args:
        names: keys of `ENGINES`.
        options: how they are made.

    Raises:
        UnknownEngine: there is none of that name.
    """
    for name in names:
        if name not in ENGINES:
            raise UnknownEngine(name, list(ENGINES))
    return [ENGINES[name](options or EngineOptions()) for name in dict.fromkeys(names)]
