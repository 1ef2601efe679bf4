"""What can go wrong when fixes are proposed, applied and taken back."""

from collections.abc import Sequence

from sutazai.errors.base import ExitCode, SutazAIError
from sutazai.errors.files import TargetError
from sutazai.errors.usage import UsageError


class TargetChanged(TargetError):
    """A file that no longer holds what it held when it was read."""

    status = 409

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} has changed since it was read", hint="run it again on the file as it is now")


class NothingToUndo(UsageError):
    """No application of fixes that could be taken back here."""

    def __init__(self, place: str, elsewhere: str = "") -> None:
        again = "any applied there before are taken back already; `sutazai fix PATH --apply` writes new ones"
        hint = f"the last ones were applied in {elsewhere}: name it after --undo" if elsewhere else again
        super().__init__(f"no applied fixes are left to take back in {place}", hint=hint)


class UndoRefused(UsageError):
    """Files that were changed after fixes had been applied to them."""

    status = 409

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(
            f"nothing was restored: {', '.join(paths)} changed after the fixes were applied",
            hint="take those later changes back first, or restore the files with git",
        )


class UndoUnusable(SutazAIError):
    """The folder that keeps what files held before cannot be used."""

    exit_code, status = ExitCode.USAGE, 503

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"what files held before cannot be kept or read in {path}: {reason}",
            hint="check its permissions and the free space",
        )


class FindingNotReported(UsageError):
    """A fingerprint that none of the findings has, or more than one."""

    def __init__(self, prefix: str, matching: int) -> None:
        found = f"{matching} findings have" if matching else "no finding has"
        super().__init__(
            f"{found} a fingerprint beginning with {prefix!r}",
            hint="`sutazai review --format json` shows every fingerprint",
        )


class BrokenBeforeFixes(UsageError):
    """A test command that fails although no fix is applied."""

    def __init__(self, command: str, reason: str) -> None:
        super().__init__(
            f"{command!r} fails before any fix is applied: {reason}",
            hint="mend the tests first, or leave --test out",
        )


class CommandUnusable(UsageError):
    """A test command that cannot be split into words."""

    def __init__(self, command: str, reason: str) -> None:
        super().__init__(
            f"{command!r} is not a command: {reason}", hint="write it as in a shell, without its operators"
        )


class ApplyNeeded(UsageError):
    """A test command without leave to change the files that it tests."""

    def __init__(self) -> None:
        super().__init__(
            "--test runs in the project itself, with the fixes applied", hint="add --apply or --interactive"
        )
