"""What the recipes found in one unit, with positions inside the unit, so that it can be cached and moves with it."""

from pydantic import BaseModel, ConfigDict, Field

from sutazai.sdk.finding import Category, Severity


class Claim(BaseModel):
    """A finding of a model inside a unit; `start` and `end` are code-point offsets in the unit's text."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    recipe: str
    rule: str
    category: Category
    severity: Severity
    confidence: float = Field(ge=0, le=1)
    cwe: tuple[int, ...] = ()
    start: int
    end: int
    message: str
    explanation: str = ""
    replacement: str | None = Field(default=None, description="text that should stand there instead")


class UnitResult(BaseModel):
    """Everything the recipes say of one unit."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    claims: tuple[Claim, ...] = ()
    verdicts: dict[str, float] = Field(
        default_factory=dict, description="new confidence of static candidates, by their fingerprint"
    )
    dropped: int = Field(default=0, description="claims whose quote does not occur in the unit")
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    failure: str = Field(default="", description="why the unit counts as not reviewed; empty if it was")
    truncated: bool = Field(default=False, description="the model did not see or finish everything")
