"""What can go wrong with files, folders and repositories that a user named."""

from collections.abc import Iterable
from typing import Final

from sutazai.errors.base import ExitCode, SutazAIError

# By what the reason says, in its own words.
_STEPS: Final = (
    ("does not exist", "check the path; quote it if it holds blanks"),
    ("ermission denied", "you may not read it: its owner can allow it (`chmod u+r FILE`, for a folder `chmod u+rx`)"),
    ("binary", "only text can be read: leave it out, or save it as UTF-8 text"),
    ("not UTF-", "only text can be read: leave it out, or save it as UTF-8 text"),
    ("larger than", "`sutazai config set review.max_file_bytes N` takes larger files"),
    ("no source file", "name a folder or file that holds source text"),
    ("foreign or built code", "name the folder itself to have it reviewed"),
    ("no document in it", "name a folder that holds documents, or the files themselves"),
    ("nothing matches", "check the pattern, and quote it"),
    ("cannot be opened", "you may not look into it: its owner can allow it (`chmod u+rx FOLDER`)"),
    ("it is a ", "name a regular file, or a folder of them"),
)
_OTHERWISE: Final = "check what is at the path: only regular files that hold text are read"


def next_steps(reasons: Iterable[str]) -> str:
    """What to do about files that cannot be read, each step once, joined by semicolons."""
    return "; ".join(dict.fromkeys(_next_step(each) for each in reasons))


def _next_step(reason: str) -> str:
    return next((step for words, step in _STEPS if words in reason), _OTHERWISE)


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
        super().__init__(f"{path} cannot be read: {reason}", hint=next_steps([reason]))
