"""What was not reviewed and why, flattened for formats that list it. Decides nothing: the report's coverage does."""

from dataclasses import dataclass

from sutazai.review.report import Coverage


@dataclass(frozen=True, slots=True)
class NotReviewed:
    """One thing that was not reviewed.

    Attributes:
        kind: `model` (no model was asked), `file` (no engine, or not this one) or `unit` (no model).
        path: the file; empty for `model`.
        line: where a unit starts; 0 for a whole file.
        what: the name of the unit or engine, where there is one.
    """

    kind: str
    path: str
    line: int
    what: str
    reason: str

    @property
    def place(self) -> str:
        """`path:line`, `path`, or `model`."""
        return f"{self.path}:{self.line}" if self.line else self.path or self.kind

    @property
    def told(self) -> str:
        """The reason, after the name of the unit or engine where there is one."""
        return f"{self.what}: {self.reason}" if self.what else self.reason


def not_reviewed(coverage: Coverage) -> tuple[NotReviewed, ...]:
    """Everything that was asked for and not reviewed, the widest first: the model, files, units."""
    model = (NotReviewed("model", "", 0, "", coverage.model_notice),) if coverage.model_notice else ()
    files = (NotReviewed("file", each.path, 0, each.engine, each.reason) for each in coverage.files_skipped)
    units = (
        NotReviewed("unit", each.path, each.start_line, each.symbol, each.reason or each.outcome)
        for each in coverage.units_not_reviewed
    )
    return (*model, *files, *units)
