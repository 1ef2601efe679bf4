"""The engine `taint`: follows outside data through the files of a review. Bounded in steps and time for each file.

Owns where that happens: few files here, many in children, if the machine has the processors for it.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sutazai.analysis.taint.tables import FOLDER, Tables, load_tables, worth_of
from sutazai.sdk.ports import AnalyzerReport
from sutazai.sdk.rule import Rule
from sutazai.sdk.source import SourceFile

if TYPE_CHECKING:
    from sutazai.analysis.taint.children import Children
    from sutazai.analysis.taint.wire import Request
    from sutazai.sdk.taint import TaintTable

_VERSION: Final = "1"
_STEPS: Final = 400_000
_SECONDS: Final = 8.0
# From here on a child is sooner done than we are beside the other engines, its start included.
_MANY_CHARS: Final = 1_500_000


class TaintAnalyzer:
    """The engine `taint`.

    Args:
        extra: rows of the project and of plugins.
        steps: expressions that are evaluated for one file at most.
        seconds: how long one file may take.
        children: processes that may help; 0: all is done in this one.
        many_chars: the least text that is worth a child.
    """

    name = "taint"
    across_files = True

    def __init__(
        self,
        *,
        extra: "Sequence[TaintTable]" = (),
        steps: int = _STEPS,
        seconds: float = _SECONDS,
        children: int = 0,
        many_chars: int = _MANY_CHARS,
    ) -> None:
        self._extra = tuple(extra)
        self._steps = steps
        self._seconds = seconds
        self._most_children = children
        self._many_chars = many_chars

    @property
    def batches_at_once(self) -> bool:
        """Whether several calls of `analyze` at once are sooner done than one after the other."""
        return self._most_children > 0

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
        if self._most_children and sum(len(each.text) for each in files) >= self._many_chars:
            from sutazai.analysis.taint.children import Unstartable  # noqa: PLC0415 (only for many files)

            with suppress(Unstartable):
                return await self._children.survey(self._request(files))
        async with self._here:
            return await asyncio.to_thread(self._analyze, files)

    @cached_property
    def _here(self) -> asyncio.Lock:
        """Threads share one processor: batches at once would cost memory, and the time limit of each file."""
        return asyncio.Lock()

    @cached_property
    def _children(self) -> "Children":
        from sutazai.analysis.taint.children import Children  # noqa: PLC0415 (only for many files)

        return Children(self._most_children)

    def _request(self, files: Sequence[SourceFile]) -> "Request":
        from sutazai.analysis.taint.wire import Request  # noqa: PLC0415 (only for many files)

        extra = tuple(each.model_dump_json(by_alias=True) for each in self._extra)
        return Request(self._steps, self._seconds, extra, tuple(files))

    def _analyze(self, files: Sequence[SourceFile]) -> AnalyzerReport:
        worth = worth_of(self._extra)
        if not any(worth.reading(each.text) for each in files):
            return AnalyzerReport()
        from sutazai.analysis.taint.survey import survey  # noqa: PLC0415 (the parser and the rest of the engine)

        return survey(files, self._tables, steps=self._steps, seconds=self._seconds)
