"""What can go wrong when static engines are chosen."""

from collections.abc import Sequence

from sutazai.errors.usage import UsageError, nearest


class UnknownEngine(UsageError):
    """A static engine that does not exist."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no static engine {name!r}", hint=nearest(name, known))


class TaintRowsBad(UsageError):
    """Sources, sinks or sanitisers of a project or plugin that the taint engine cannot take."""

    def __init__(self, origin: str, reason: str, *, hint: str = "") -> None:
        super().__init__(
            f"the taint rows of {origin} cannot be used: {reason}",
            hint=hint or "docs/guides/taint.md shows the form; `review.engines` switches engines off",
        )
