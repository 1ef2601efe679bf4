"""The static engines by name. Making one is cheap: each loads its tables when it is first used."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sutazai.errors.analysis import UnknownEngine
from sutazai.sdk.ports import Analyzer


def _ruff(jobs: int) -> Analyzer:
    from sutazai.analysis.ruff import RuffAnalyzer  # noqa: PLC0415 (loaded only when used)

    return RuffAnalyzer(jobs=jobs)


def _secrets(_jobs: int) -> Analyzer:
    from sutazai.analysis.secrets import SecretsAnalyzer  # noqa: PLC0415 (loaded only when used)

    return SecretsAnalyzer()


def _patterns(_jobs: int) -> Analyzer:
    from sutazai.analysis.patterns import PatternsAnalyzer  # noqa: PLC0415 (loaded only when used)

    return PatternsAnalyzer()


def _taint(_jobs: int) -> Analyzer:
    from sutazai.analysis.taint.engine import TaintAnalyzer  # noqa: PLC0415 (loaded only when used)

    return TaintAnalyzer()


ENGINES: Final[Mapping[str, Callable[[int], Analyzer]]] = {
    "ruff": _ruff,
    "secrets": _secrets,
    "patterns": _patterns,
    "taint": _taint,
}


def engines(names: Sequence[str], *, jobs: int = 0) -> list[Analyzer]:
    """The engines of these names, in this order, each once.

    Args:
        names: keys of `ENGINES`.
        jobs: threads that one engine may use; 0: one a processor.

    Raises:
        UnknownEngine: there is none of that name.
    """
    for name in names:
        if name not in ENGINES:
            raise UnknownEngine(name, list(ENGINES))
    return [ENGINES[name](jobs) for name in dict.fromkeys(names)]
