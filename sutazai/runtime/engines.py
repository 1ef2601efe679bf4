"""The static engines as this project and the installed plugins want them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sutazai.analysis.engines import EngineOptions, engines
from sutazai.errors.analysis import TaintRowsBad
from sutazai.sdk.ports import Analyzer
from sutazai.settings.load import Loaded

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from sutazai.sdk.taint import TaintTable

TAINT: Final = "sutazai.taint"
"""Entry points of this group name a mapping of rows, in the form of `review.taint`."""
_SETTING: Final = "review.taint"


def chosen_engines(loaded: Loaded, find: "Callable[[str], Iterable[EntryPoint]]") -> Sequence[Analyzer]:
    """The engines that are switched on.

    Args:
        loaded: the settings in force.
        find: gives the entry points of a group.

    Raises:
        UnknownEngine: the settings name one that there is none of.
        TaintRowsBad: rows of the settings or of a plugin are none.
    """
    review = loaded.settings.review
    tables = [_table(each.name, _loaded(each)) for each in find(TAINT)] if "taint" in review.engines else []
    if review.taint:
        tables.append(_table(f"{_SETTING} ({loaded.origins[_SETTING]})", review.taint))
    return engines(review.engines, EngineOptions(review.jobs, tuple(tables)))


def _loaded(entry: "EntryPoint") -> Any:
    try:
        return entry.load()
    except (Exception, SystemExit) as error:  # a plugin can fail in any way while it is imported
        raise TaintRowsBad(entry.name, f"{type(error).__name__}: {error}") from error


def _table(origin: str, rows: Mapping[str, Any]) -> "TaintTable":
    from pydantic import ValidationError  # noqa: PLC0415 (loaded only when used)

    from sutazai.sdk.invalid import first_wrong  # noqa: PLC0415
    from sutazai.sdk.taint import TaintTable  # noqa: PLC0415

    try:
        return TaintTable.model_validate(rows)
    except ValidationError as error:
        wrong = first_wrong(error, rows, TaintTable)
        raise TaintRowsBad(origin, f"{wrong.name}: {wrong.reason}".removeprefix(": "), hint=wrong.hint) from error
