"""What can go wrong with files, folders and repositories that a user named."""

from sutazai.errors.base import ExitCode, SutazAIError


class TargetError(SutazAIError):
    """A named target that cannot be read."""

    exit_code, status = ExitCode.TARGET, 404


class TargetMissing(TargetError):
    """A path that does not exist."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} does not exist", hint="check the path; quote it if it holds blanks")


class TargetUnreadable(TargetError):
    """A path that exists but cannot be read."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be read: {reason}", hint="check what it is, and its permissions")
