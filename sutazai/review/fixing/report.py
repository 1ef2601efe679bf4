"""The result of a fix: patches with their checks, what was not offered and why, what was written or restored."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sutazai.errors.base import ExitCode, worst
from sutazai.review.report import Coverage
from sutazai.review.weigh import only_model
from sutazai.sdk.finding import Finding, Fix

SCHEMA: Final = "sutazai.fix/1"
Origin = Literal["finding", "rule", "model"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)


class Patch(_Part):
    """One change that mends one finding, and what it was checked for."""

    id: str = Field(description="of this change; the same change has the same id")
    root: str = Field(default="", description="the folder that the path is relative to")
    finding: Finding
    fix: Fix
    origin: Origin = Field(description="where it comes from: the finding itself, its rule, or a model")
    diff: str = Field(default="", description="unified, for reading: lines that hold a secret are not shown")
    applied: bool = False
    left: str = Field(default="", description="why it was not applied although that was asked for")

    @property
    def guess(self) -> bool:
        """Whether only a model saw the finding: then no check can tell that it is gone."""
        return only_model(self.finding)


class NotOffered(_Part):
    """A change that failed a check, or a finding for which none is known."""

    finding: Finding
    reason: str
    origin: Origin | None = Field(default=None, description="None: no change is known")


class FileProblem(_Part):
    """A file that was not written or not restored, and why."""

    path: str
    reason: str


class TestRun(_Part):
    """What the test command said of the fixes that were kept."""

    __test__ = False  # pytest takes it for a test otherwise

    command: str
    runs: int = 0
    passed: bool = False


class FixReport(_Part):
    """Output of `code.fix`."""

    schema_: Literal["sutazai.fix/1"] = Field(default=SCHEMA, alias="schema")
    version: str = Field(default="", description="of SutazAI")
    root: str = Field(default="", description="the folder that paths are relative to")
    findings: int = Field(default=0, description="findings that were to be mended")
    patches: tuple[Patch, ...] = Field(default=(), description="those that passed every check, in order of place")
    not_offered: tuple[NotOffered, ...] = ()
    written: tuple[str, ...] = Field(default=(), description="files that were changed")
    not_written: tuple[FileProblem, ...] = Field(default=(), description="files that were to be changed and were not")
    restored: tuple[str, ...] = Field(default=(), description="files that were restored")
    test: TestRun | None = None
    model_notice: str = Field(default="", description="why no model was asked for fixes, if none was")
    coverage: Coverage = Field(default_factory=Coverage, description="of the review that found the findings")

    def outcome(self) -> ExitCode:
        """What the process returns for this report, by the precedence of the contracts."""
        unreadable = any(each.named for each in self.coverage.files_skipped)
        codes = {
            ExitCode.FINDINGS: any(not each.applied for each in self.patches),
            ExitCode.TARGET: unreadable or bool(self.not_written),
        }
        return worst({code for code, holds in codes.items() if holds})
