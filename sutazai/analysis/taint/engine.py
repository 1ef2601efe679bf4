"""The engine `taint`: follows outside data through the files of a review. Bounded in steps and time for each file."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sutazai.analysis.taint.tables import FOLDER, Tables, load_tables, worth_of
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.rule import Rule
from sutazai.sdk.source import SourceFile

if TYPE_CHECKING:
    from sutazai.sdk.taint import TaintTable

_VERSION: Final = "1"
_STEPS: Final = 400_000
_SECONDS: Final = 8.0


class TaintAnalyzer:
    """The engine `taint`.

    Args:
        extra: rows of the project and of plugins.
        steps: expressions that are evaluated for one file at most.
        seconds: how long one file may take.
    """

    name = "taint"
    across_files = True

    def __init__(self, *, extra: "Sequence[TaintTable]" = (), steps: int = _STEPS, seconds: float = _SECONDS) -> None:
        self._extra = tuple(extra)
        self._steps = steps
        self._seconds = seconds

    @cached_property
    def version(self) -> str:
        """Version of the engine and of its tables."""
        state = hashlib.blake2b(digest_size=6)
        for path in sorted(FOLDER.glob("*.toml")):
            state.update(path.read_bytes())
        for table in self._extra:
            state.update(table.model_dump_json().encode())
        return f"taint-{_VERSION}+{state.hexdigest()}"

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by id."""
        return {kind.rule.id: kind.rule for kind in self._tables.kinds.values()}

    @cached_property
    def _tables(self) -> Tables:
        return load_tables(self._extra)

    def accepts(self, source: SourceFile) -> bool:
        """Python."""
        return source.language == "python"

    async def analyze(self, files: Sequence[SourceFile]) -> AnalyzerReport:
        """Every flow from a source to a sink in `files`, which are taken for one project."""
        return await asyncio.to_thread(self._analyze, files)

    def _analyze(self, files: Sequence[SourceFile]) -> AnalyzerReport:
        worth = worth_of(self._extra)
        if not any(worth.reading(each.text) for each in files):
            return AnalyzerReport()
        from sutazai.analysis.taint.survey import survey  # noqa: PLC0415 (the parser and the rest of the engine)

        return survey(files, self._tables, steps=self._steps, seconds=self._seconds)
