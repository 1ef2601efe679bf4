"""What a caller asks of a fix. A field that is None means "as configured"."""

from pydantic import BaseModel, ConfigDict, Field

from sutazai.review.fixing.report import Patch
from sutazai.sdk.finding import PathRules, Severity


class FixRequest(BaseModel):
    """Input of `code.fix`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    paths: tuple[str, ...] = Field(default=(), description="files and folders; empty: the current folder")
    only_rules: tuple[str, ...] = Field(default=(), description="only findings of these rules, whatever the thresholds")
    only_findings: tuple[str, ...] = Field(
        default=(), description="only findings whose fingerprints begin so, whatever the thresholds"
    )
    model: bool = Field(default=True, description="whether to ask a model at all")
    apply: bool = Field(default=False, description="write the fixes; without it nothing is written")
    guesses: bool = Field(
        default=False,
        description="apply fixes of findings that only a model saw too; one that `only_findings` or `patches` names"
        " is applied anyway",
    )
    patches: tuple[Patch, ...] | None = Field(
        default=None, description="patches of an earlier result to apply, checked anew, instead of looking for some"
    )
    undo: bool = Field(default=False, description="restore what the last application changed, instead of anything else")
    test: str = Field(
        default="", description="a command that must pass with the fixes applied; it runs without a shell"
    )
    test_timeout_s: float = Field(default=600, gt=0, description="longest wait for one run of that command")
    cache: bool = Field(default=True, description="whether results of unchanged code may be reused")
    exclude: tuple[str, ...] | None = Field(default=None, description="gitignore patterns of files to leave out")
    engines: tuple[str, ...] | None = Field(default=None, description="static engines to run")
    rules: dict[str, str] | None = Field(default=None, description="rule id to 'off' or a severity")
    per_path: dict[str, PathRules] | None = Field(
        default=None, description="gitignore pattern to rules and thresholds for the files it matches"
    )
    baseline: str | None = Field(default=None, description="file of known findings; empty: none")
    max_file_bytes: int | None = Field(default=None, gt=0, description="larger files are skipped and named")
    min_severity: Severity | None = Field(default=None, description="leave out findings less serious than this")
    min_confidence: float | None = Field(default=None, ge=0, le=1, description="leave out findings less certain")
    time_limit_s: float | None = Field(default=None, ge=0, description="seconds of model time; 0: no limit")
