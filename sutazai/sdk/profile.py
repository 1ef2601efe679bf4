"""What a model was measured to be good for. A recipe runs only if the model's profile allows it. Pure data."""

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Recipe = Literal["probe", "adjudicate", "claims", "fix"]


class Calibration(BaseModel):
    """Platt scaling: confidence = 1 / (1 + exp(-(slope * score + intercept))).

    Source: Platt 1999, "Probabilistic outputs for support vector machines".
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    slope: float = 1.0
    intercept: float = 0.0

    def confidence(self, score: float) -> float:
        """The probability that a claim with this score is right, in 0..1."""
        exponent = self.slope * score + self.intercept
        if exponent >= 0:
            return 1 / (1 + math.exp(-exponent))
        return math.exp(exponent) / (1 + math.exp(exponent))


class RecipeProfile(BaseModel):
    """How one recipe does with one model, and the threshold it is used at."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    threshold: float = 0.0
    restoring: float = Field(
        default=0.0,
        description="nats that speak for an edit because it brings back what a change replaced, if measured",
    )
    calibration: Calibration = Field(default_factory=Calibration)
    recall: float | None = Field(default=None, description="share of planted or real faults found, when measured")
    false_alarm_rate: float | None = Field(default=None, description="share of correct units flagged, when measured")
    auc: float | None = Field(default=None, description="area under the ROC curve of the second look, when measured")


class ModelProfile(BaseModel):
    """The recipes a model may run, each with its measured figures. A recipe that is absent is not run."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    recipes: dict[Recipe, RecipeProfile] = Field(default_factory=dict)
    origin: str = Field(default="default", description="where the figures come from: shipped, measured, default")
    measured_at: str = ""
