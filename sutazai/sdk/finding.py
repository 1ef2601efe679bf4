"""What a review finds: findings, locations, traces and fixes, as every face and every engine shares them.

Pure data: nothing here reads a file or decides whether a finding is right.
"""

from enum import StrEnum
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field


class Category(StrEnum):
    """What kind of trouble a finding is."""

    SECURITY = "security"
    BUG = "bug"
    PERFORMANCE = "performance"
    MAINTAINABILITY = "maintainability"
    SECRET = "secret"  # noqa: S105 (the name of a category)


class Severity(StrEnum):
    """How much harm a finding can do, most serious first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for critical, rising as harm falls: sort by it to put the most serious first."""
        return _RANKS[self]

    def reaches(self, threshold: "Severity") -> bool:
        """Whether this is at least as serious as `threshold`."""
        return self.rank <= threshold.rank


_RANKS: Final = {severity: rank for rank, severity in enumerate(Severity)}


class _Value(BaseModel):
    """A frozen value that refuses unknown fields; its validator is built on first use."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class PathRules(BaseModel):
    """What holds for the findings in files of one kind, e.g. tests. What is None holds as everywhere else."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    rules: dict[str, str] = Field(default_factory=dict, description="rule id to 'off' or a severity")
    min_severity: Severity | None = Field(default=None, description="leave out findings less serious than this")
    min_confidence: float | None = Field(default=None, ge=0, le=1, description="leave out findings less certain")


class Location(_Value):
    """A span of source text.

    Lines and columns are 1-based; columns count Unicode code points of the line after a byte-order mark is removed
    (never bytes, never UTF-16 units); `end_column` is the column after the last character.
    """

    path: str = Field(description="POSIX path relative to the root of the review")
    start_line: int = Field(ge=1)
    start_column: int = Field(ge=1)
    end_line: int = Field(ge=1)
    end_column: int = Field(ge=1)


class TraceStep(_Value):
    """One step on the way from a source to a sink."""

    location: Location
    note: str


class Edit(_Value):
    """Replaces the text at `location` by `replacement`."""

    location: Location
    replacement: str


class Fix(_Value):
    """A proposed change and how far it was checked."""

    description: str
    edits: tuple[Edit, ...]
    source: Literal["rule", "model"]
    verified: tuple[str, ...] = Field(default=(), description="checks that the changed file passed, e.g. 'parses'")


class Suppression(_Value):
    """Why a finding is not reported."""

    by: Literal["comment", "baseline", "feedback"]
    reason: str = ""


class Finding(_Value):
    """One fault at one place.

    An engine leaves `fingerprint` and `suppressed` empty: the pipeline sets them.
    """

    rule: str = Field(description="our rule name, e.g. 'py-sql-injection'")
    category: Category
    severity: Severity
    confidence: float = Field(ge=0, le=1)
    cwe: tuple[int, ...] = ()
    location: Location
    symbol: str = Field(default="", description="dotted name of the enclosing function or class")
    quote: str = Field(default="", description="the source text at the location, verbatim; empty only for secrets")
    message: str = Field(description="one sentence")
    explanation: str = ""
    trace: tuple[TraceStep, ...] = ()
    fix: Fix | None = None
    engines: tuple[str, ...] = ()
    fingerprint: str = ""
    suppressed: Suppression | None = None

    def but(self, **changes: object) -> Self:
        """A copy with some fields replaced."""
        return self.model_copy(update=changes)
