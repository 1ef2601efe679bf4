"""What can go wrong with a selection of files: repositories, revisions, diffs, paths outside the root."""

from collections.abc import Sequence

from sutazai.errors.files import TargetError, next_steps
from sutazai.errors.usage import UsageError


class NothingReadable(TargetError):
    """Nothing of what was asked for can be read."""

    def __init__(self, reasons: Sequence[str]) -> None:
        rest = len(reasons) - len(reasons[:5])
        shown = "; ".join(reasons[:5]) + (f"; and {rest} more" if rest else "")
        super().__init__(
            f"nothing of what was asked for can be reviewed: {shown}",
            hint=next_steps(reasons[:5]),
        )


class PathOutsideRoot(TargetError):
    """A path that leads out of the folder we may touch."""

    status = 403

    def __init__(self, path: str, root: str) -> None:
        super().__init__(f"{path} leads out of {root}", hint="name a path inside the project")


class TargetUnwritable(TargetError):
    """A file that cannot be written. `named`: the caller said where, and can say another place."""

    def __init__(self, path: str, reason: str, *, named: bool = False) -> None:
        elsewhere = "name a file in another folder, or " if named else ""
        super().__init__(
            f"{path} cannot be written: {reason}", hint=f"{elsewhere}check permissions and free disk space"
        )


class NotARepository(UsageError):
    """A request that needs git history, outside of a repository."""

    def __init__(self, folder: str) -> None:
        super().__init__(f"{folder} is not in a git repository", hint="run it inside one, or name files and folders")


class GitMissing(UsageError):
    """A request that needs git where git is not installed."""

    status = 501

    def __init__(self) -> None:
        super().__init__("git is needed for this but is not installed", hint="install git, or name files and folders")


class GitRefused(UsageError):
    """A git command that failed."""

    def __init__(self, reason: str) -> None:
        first = next((line for line in reason.splitlines() if line.strip()), "no reason given")
        super().__init__(f"git refused: {first.removeprefix('fatal: ')[:300]}", hint="run `git status` to see more")


class UnknownRevision(UsageError):
    """A revision that the repository does not have."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the repository has no revision {revision!r}",
            hint="check the name; a shallow clone may lack it: `git fetch --unshallow`",
        )


class NotARange(UsageError):
    """A commit range that is none."""

    def __init__(self, given: str) -> None:
        super().__init__(f"{given!r} is not a commit range", hint="write it as A..B, for example main..HEAD")


class BrokenDiff(UsageError):
    """Text that was to be a unified diff and is none."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the input is not a usable unified diff: {reason}",
            hint="pass the output of `git diff`, or `--stdin-kind source` for source text",
        )


class SelectionConflict(UsageError):
    """More than one origin of what is to be reviewed."""

    def __init__(self, origins: Sequence[str]) -> None:
        super().__init__(f"{' and '.join(origins)} cannot be asked for together", hint="choose one of them")
