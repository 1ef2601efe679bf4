"""What can go wrong with what SutazAI keeps on this machine: history and feedback."""

from sutazai.errors.base import ExitCode, SutazAIError


class StoreError(SutazAIError):
    """A local store that cannot be used."""

    exit_code, status = ExitCode.USAGE, 503


class StoreBroken(StoreError):
    """A file that is no longer a database, or cannot be opened or written."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"the history in {path} cannot be used: {reason}",
            hint="check its permissions and the free space, or move the file away to begin anew; it was left as it is",
        )


class StoreBusy(StoreError):
    """Another process holds the file for too long."""

    def __init__(self, path: str) -> None:
        super().__init__(f"the history in {path} is in use by another process", hint="wait for it to end and try again")


class StoreTooNew(StoreError):
    """A file that a later version of SutazAI wrote."""

    def __init__(self, path: str, found: int, known: int) -> None:
        super().__init__(
            f"the history in {path} was written by a later version of SutazAI (schema {found}, known up to {known})",
            hint="update SutazAI, or set SUTAZAI_HOME to another folder",
        )


class RunMissing(SutazAIError):
    """An id that names no run, or more than one."""

    exit_code, status = ExitCode.USAGE, 404

    def __init__(self, run: str) -> None:
        super().__init__(f"no single run has an id beginning with {run!r}", hint="`sutazai history` lists the runs")


class SessionMissing(SutazAIError):
    """An id that names no conversation, or more than one."""

    exit_code, status = ExitCode.USAGE, 404

    def __init__(self, session: str) -> None:
        super().__init__(
            f"no single conversation has an id beginning with {session!r}",
            hint="`/sessions` in `sutazai chat` lists them",
        )


class FindingMissing(SutazAIError):
    """A fingerprint that names no finding of an earlier run, or more than one."""

    exit_code, status = ExitCode.USAGE, 404

    def __init__(self, fingerprint: str, matching: int) -> None:
        found = f"{matching} findings have" if matching else "no finding of an earlier run has"
        super().__init__(
            f"{found} a fingerprint beginning with {fingerprint!r}",
            hint="`sutazai history RUN --json` shows every fingerprint of a run",
        )
