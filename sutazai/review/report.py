"""The result of a review: findings once, views on them, and the coverage of the review itself."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, computed_field

from sutazai.errors.base import ExitCode, worst
from sutazai.sdk.finding import Category, Finding, Severity
from sutazai.sdk.rule import Rule

SCHEMA: Final = "sutazai.review/1"


Outcome = Literal["skipped", "failed", "out_of_time", "truncated"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)


class RuleInfo(_Part):
    """What a reader needs to know of a rule that has findings in this report."""

    id: str
    title: str
    category: Category
    severity: Severity
    cwe: tuple[int, ...] = ()
    description: str = ""
    help_url: str = ""

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """What a report says of a rule."""
        return cls(
            id=rule.id,
            title=rule.title,
            category=rule.category,
            severity=rule.severity,
            cwe=rule.cwe,
            description=rule.description,
            help_url=rule.help_url,
        )


class UnitCoverage(_Part):
    """One function, method or module body that the model did not review, and why."""

    path: str
    symbol: str
    start_line: int
    end_line: int
    outcome: Outcome
    reason: str


class FileSkipped(_Part):
    """A file that no engine reviewed, and why. `named`: the caller asked for it by name."""

    path: str
    reason: str
    engine: str = Field(default="", description="set where only this engine could not analyse the file")
    named: bool = False


class UnderThresholds(_Part):
    """How serious and how certain the findings under the thresholds are. Confidences are 0 where there are none."""

    by_severity: dict[Severity, int] = Field(default_factory=dict, description="how many, the most serious first")
    least_confidence: float = 0
    most_confidence: float = 0

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Self:
        """What a report says of the findings that it leaves out."""
        counts = {each: sum(one.severity is each for one in findings) for each in Severity}
        certain = [each.confidence for each in findings] or [0.0]
        return cls(
            by_severity={each: count for each, count in counts.items() if count},
            least_confidence=min(certain),
            most_confidence=max(certain),
        )


class Coverage(_Part):
    """What was looked at, what was not, and why. A report never calls clean what was not reviewed."""

    files: int = Field(default=0, description="files given to the static engines")
    engines: tuple[str, ...] = Field(default=(), description="static engines that ran")
    units: int = Field(default=0, description="functions, methods and module bodies in question")
    units_reviewed: int = Field(default=0, description="by the model in this run")
    units_cached: int = Field(default=0, description="taken from an earlier run, unchanged since")
    units_not_reviewed: tuple[UnitCoverage, ...] = ()
    files_skipped: tuple[FileSkipped, ...] = ()
    files_ignored: int = Field(default=0, description="left out by ignore rules")
    claims_dropped: int = Field(default=0, description="model claims whose quote does not occur in the code")
    findings_over_limit: int = Field(default=0, description="model findings left out by max_findings")
    findings_under_thresholds: int = Field(default=0, description="findings left out by severity or confidence")
    under_thresholds: UnderThresholds = Field(default_factory=UnderThresholds, description="what these are")
    model_notice: str = Field(default="", description="why no model was asked, if none was")

    @computed_field(description="whether everything that was asked for was reviewed")  # type: ignore[prop-decorator]
    @property
    def complete(self) -> bool:
        """Nothing was skipped, failed, cut or out of time, and the model was asked if it was wanted."""
        return not (self.units_not_reviewed or self.files_skipped or self.model_notice)


class ModelUsed(_Part):
    """Which model answered, and what it cost."""

    name: str
    runtime: str
    digest: str = ""
    why: str = ""
    recipes: tuple[str, ...] = ()
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Timings(_Part):
    """Wall seconds of each phase."""

    collect_s: float = 0
    static_s: float = 0
    first_finding_s: float | None = Field(default=None, description="from the start to the first finding")
    model_s: float = 0
    total_s: float = 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class ReviewReport(_Part):
    """Output of `code.review`."""

    schema_: Literal["sutazai.review/1"] = Field(default=SCHEMA, alias="schema")
    version: str = Field(default="", description="of SutazAI")
    root: str = Field(default="", description="the folder that paths are relative to")
    findings: tuple[Finding, ...] = Field(default=(), description="over the thresholds, most serious first")
    suppressed: tuple[Finding, ...] = Field(default=(), description="by comment, baseline or feedback")
    rules: dict[str, RuleInfo] = Field(default_factory=dict, description="of all findings of this report, by id")
    coverage: Coverage = Field(default_factory=Coverage)
    model: ModelUsed | None = None
    timings: Timings = Field(default_factory=Timings)
    fail_on: Severity | Literal["never"] = Severity.HIGH
    require_model: bool = False
    require_complete: bool = False
    project_settings: tuple[str, ...] = Field(default=(), description="settings that the project's file changed")
    unused_suppressions: tuple[str, ...] = Field(default=(), description="`path:line` of comments that hid nothing")

    @computed_field(description="fingerprints of findings of categories bug and maintainability")  # type: ignore[prop-decorator]
    @property
    def suggestions(self) -> tuple[str, ...]:
        """What to improve that is neither security nor speed."""
        return self._of(Category.BUG, Category.MAINTAINABILITY)

    @computed_field(description="fingerprints of findings of categories security and secret")  # type: ignore[prop-decorator]
    @property
    def security_issues(self) -> tuple[str, ...]:
        """What an attacker could use."""
        return self._of(Category.SECURITY, Category.SECRET)

    @computed_field(description="fingerprints of findings of category performance")  # type: ignore[prop-decorator]
    @property
    def performance_hints(self) -> tuple[str, ...]:
        """What could be faster."""
        return self._of(Category.PERFORMANCE)

    @computed_field(description="mean confidence of the findings, 0..1; 1 where there are none")  # type: ignore[prop-decorator]
    @property
    def confidence_score(self) -> float:
        """How sure the review is of what it reports."""
        if not self.findings:
            return 1.0
        return round(sum(each.confidence for each in self.findings) / len(self.findings), 4)

    def _of(self, *categories: Category) -> tuple[str, ...]:
        return tuple(each.fingerprint for each in self.findings if each.category in categories)

    @classmethod
    def stored(cls, data: Mapping[str, Any]) -> Self:
        """A report from its JSON form; fields that are computed, or that a later version added, are passed over."""
        return cls.model_validate(data, extra="ignore")

    def outcome(self) -> ExitCode:
        """What the process returns for this report, by the precedence of the contracts."""
        codes = {
            ExitCode.FINDINGS: self.fails(),
            ExitCode.TARGET: any(each.named for each in self.coverage.files_skipped),
            ExitCode.INCOMPLETE: self.require_complete and not self.coverage.complete,
            ExitCode.MODEL: self.require_model and bool(self.coverage.model_notice),
        }
        return worst({code for code, holds in codes.items() if holds})

    def summary(self) -> str:
        """One line for lists of runs."""
        coverage = self.coverage
        looked = coverage.units_reviewed + coverage.units_cached
        by_model = f"{looked} of {coverage.units} units by {self.model.name}" if self.model else "no model"
        return f"{_count(len(self.findings), 'finding')} in {_count(coverage.files, 'file')}, {by_model}"

    def fails(self) -> bool:
        """Whether a finding reaches `fail_on`: the review's caller should stop."""
        threshold = self.fail_on
        return threshold != "never" and any(each.severity.reaches(threshold) for each in self.findings)
