"""The base of every error a user can meet, and the exit codes. Owns no particular failure."""

import re
from enum import IntEnum
from typing import ClassVar, Final


class ExitCode(IntEnum):
    """What the process tells its caller. Where several hold, `PRECEDENCE` decides."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    MODEL = 3
    TARGET = 4
    INCOMPLETE = 5
    INTERNAL = 70
    INTERRUPTED = 130
    TERMINATED = 143


PRECEDENCE: Final = (
    ExitCode.INTERRUPTED,
    ExitCode.TERMINATED,
    ExitCode.USAGE,
    ExitCode.INTERNAL,
    ExitCode.FINDINGS,
    ExitCode.TARGET,
    ExitCode.INCOMPLETE,
    ExitCode.MODEL,
    ExitCode.CLEAN,
)


class SutazAIError(Exception):
    """A failure with everything each face needs to tell it.

    Attributes:
        message: one sentence without a final full stop.
        hint: the next step a user can take, or an empty string.
        exit_code: what a process that ends by this error returns.
        status: the HTTP status a server answers with.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @classmethod
    def problem_type(cls) -> str:
        """The stable machine name of this failure (RFC 9457 `type`), from the class name: `model-unavailable`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", cls.__name__).lower()


def worst(codes: set[ExitCode]) -> ExitCode:
    """The code that wins where several hold (contracts: 130 > 143 > 2 > 70 > 1 > 4 > 5 > 3)."""
    return next((code for code in PRECEDENCE if code in codes), ExitCode.CLEAN)


def unexpected(error: BaseException) -> str:
    """What is said of an error that is none of ours: its first note says where it happened, e.g. in which plugin."""
    where = next((f" {note}" for note in getattr(error, "__notes__", ()) if note.startswith("in ")), "")
    return f"internal error{where}: {type(error).__name__}: {error}"
