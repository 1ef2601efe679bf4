"""Sources, sinks and sanitisers that a project or a plugin adds to the taint engine's own tables. Pure data."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SinkKind = Literal[
    "command", "path", "sql", "xss", "redirect", "ssrf", "ldap", "xpath", "deserialise", "code", "template", "log",
    "header", "trust", "regex",
]  # fmt: skip
# No pattern and no receiver: they are regular expressions, and a project's file may be hostile.
CallName = Annotated[
    str, StringConstraints(pattern=r"^(\*\.)?[^\W\d]\w*(\(\))?(\.[^\W\d]\w*(\(\))?)*(\[\])?$", max_length=200)
]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)

    names: tuple[CallName, ...] = Field(
        min_length=1, description="dotted as with full imports: `web.params()`; `*.find` is that method of anything"
    )


class TaintSource(_Row):
    """Where data of strangers comes in."""

    confidence: float = Field(default=0.9, gt=0, le=1, description="how surely it is a stranger's")
    note: str = Field(default="comes from outside", max_length=200, description="what the trace says of it")


class TaintSink(_Row):
    """Where such data does harm."""

    kind: SinkKind = Field(description="which rule reports it")
    args: tuple[int | str, ...] = Field(default=("*",), description="positions and names of arguments; `*`: all")
    confidence: float = Field(default=1.0, gt=0, le=1, description="a factor on the confidence of its findings")


class TaintCleaner(_Row):
    """What makes data harmless."""

    kinds: tuple[SinkKind, ...] = Field(min_length=1, description="for these kinds of sinks")


class TaintPass(_Row):
    """What hands data on as it is."""


class TaintTable(BaseModel):
    """Rows for the taint engine, on top of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)

    source: tuple[TaintSource, ...] = ()
    sink: tuple[TaintSink, ...] = ()
    clean: tuple[TaintCleaner, ...] = ()
    pass_: tuple[TaintPass, ...] = Field(default=(), alias="pass")
