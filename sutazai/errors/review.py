"""What can go wrong with a review as a whole."""

from collections.abc import Sequence

from sutazai.errors.usage import UsageError, nearest


class BaselineBroken(UsageError):
    """A baseline file that is none."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path} is not a baseline: {reason}",
            hint="write a new one with `sutazai review --write-baseline FILE`",
        )


class BaselineMissing(UsageError):
    """A baseline that was asked for and is not there."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"the baseline {path} does not exist", hint="write one with `sutazai review --write-baseline FILE`"
        )


class InvalidRuleSetting(UsageError):
    """A rule's setting that is neither `off` nor a severity."""

    def __init__(self, rule: str, value: str) -> None:
        super().__init__(
            f"rule {rule!r} cannot be set to {value!r}", hint="use off, critical, high, medium, low or info"
        )


class InvalidPathPattern(UsageError):
    """A pattern of paths that git would not take either."""

    def __init__(self, pattern: str) -> None:
        super().__init__(
            f"{pattern[:80]!r} in `review.per_path` is no gitignore pattern", hint="for example 'tests/' or '*_pb2.py'"
        )


class UnknownFormat(UsageError):
    """An output format that nobody writes."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"no output format is called {name!r}", hint=nearest(name, known))


class LineMissing(UsageError):
    """A line number past the end of the file."""

    def __init__(self, path: str, line: int, lines: int) -> None:
        super().__init__(f"{path} has no line {line}, only {lines}", hint="name it as FILE:LINE")


class NotOneFile(UsageError):
    """A folder where one file is wanted."""

    def __init__(self, path: str, files: int) -> None:
        super().__init__(f"{path} is not one file, it holds {files}", hint="name it as FILE:LINE")
