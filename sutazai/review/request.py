"""What a caller asks of a review. A field that is None means "as configured"."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sutazai.sdk.finding import PathRules, Severity

StdinKind = Literal["auto", "source", "diff"]


class ReviewRequest(BaseModel):
    """Input of `code.review`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    paths: tuple[str, ...] = Field(default=(), description="files and folders; empty: the current folder")
    stdin: str | None = Field(default=None, description="source text or a unified diff, instead of paths")
    stdin_filename: str = Field(default="", description="the name under which source text from stdin is reviewed")
    stdin_kind: StdinKind = Field(default="auto", description="how to take `stdin`")
    staged: bool = Field(default=False, description="review what git would commit now, changed lines only")
    diff_base: str = Field(default="", description="review what changed since this revision")
    commits: str = Field(default="", description="review the changes of a commit range A..B")
    model: bool = Field(default=True, description="whether to ask a model at all")
    exclude: tuple[str, ...] | None = Field(default=None, description="gitignore patterns of files to leave out")
    engines: tuple[str, ...] | None = Field(default=None, description="static engines to run")
    rules: dict[str, str] | None = Field(
        default=None, description="rule id to 'off' or a severity: switches rules off or weighs them anew"
    )
    per_path: dict[str, PathRules] | None = Field(
        default=None, description="gitignore pattern to rules and thresholds for the files it matches"
    )
    cache: bool = Field(default=True, description="whether results of unchanged code may be reused")
    min_severity: Severity | None = Field(default=None, description="leave out findings less serious than this")
    min_confidence: float | None = Field(default=None, ge=0, le=1, description="leave out findings less certain")
    fail_on: Severity | Literal["never"] | None = Field(default=None, description="the severity that fails the review")
    max_findings: int | None = Field(default=None, ge=0, description="model findings per file, the surest first")
    max_file_bytes: int | None = Field(default=None, gt=0, description="larger files are skipped and named")
    time_limit_s: float | None = Field(default=None, ge=0, description="seconds of model time; 0: no limit")
    baseline: str | None = Field(default=None, description="file of known findings; empty: none")
    write_baseline: str = Field(default="", description="write the findings into this file as known")
    require_model: bool = Field(default=False, description="fail where no model can be had")
    require_complete: bool = Field(default=False, description="fail where anything was not reviewed")
