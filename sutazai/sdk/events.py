"""The stream of events that one run of a capability gives. A closed, tagged union: faces match on `kind`.

Every event carries the task it belongs to, a gapless sequence number from 1 and the time; the runtime sets these, an
agent never does.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sutazai.sdk.finding import Finding


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    task: str = ""
    seq: int = 0
    at: datetime | None = None


class Started(_Event):
    """The run began."""

    kind: Literal["started"] = "started"
    capability: str


class Progress(_Event):
    """How far one phase of the work is. `total` 0: not known. `unit` is what is counted: files, units, bytes."""

    kind: Literal["progress"] = "progress"
    phase: str
    done: int
    total: int = 0
    unit: str = ""
    label: str = ""


class Note(_Event):
    """Something a person should know that is not a result."""

    kind: Literal["note"] = "note"
    level: Literal["debug", "info", "warning"] = "info"
    text: str


class Token(_Event):
    """A piece of generated text."""

    kind: Literal["token"] = "token"
    text: str


class FindingArrived(_Event):
    """A finding as first seen; the report may still merge, weigh or suppress it."""

    kind: Literal["finding"] = "finding"
    finding: Finding


class Citation(_Event):
    """A passage that supports an answer."""

    kind: Literal["citation"] = "citation"
    document: str
    passage: str


class CallStarted(_Event):
    """One capability called another."""

    kind: Literal["call_started"] = "call_started"
    capability: str


class CallEnded(_Event):
    """The called capability came back."""

    kind: Literal["call_ended"] = "call_ended"
    capability: str
    failed: bool = False


class Custom(_Event):
    """An event that only its plugin understands."""

    kind: Literal["custom"] = "custom"
    name: str
    data: dict[str, Any] = Field(default_factory=dict)


class Done(_Event):
    """The run ended well; `result` is the capability's result model."""

    kind: Literal["done"] = "done"
    result: Any = None


class Failed(_Event):
    """The run ended with an error a person can act on."""

    kind: Literal["failed"] = "failed"
    problem: str
    message: str
    hint: str = ""
    exit_code: int = 70


Event = Annotated[
    Started | Progress | Note | Token | FindingArrived | Citation | CallStarted | CallEnded | Custom | Done | Failed,
    Field(discriminator="kind"),
]
