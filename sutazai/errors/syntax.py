"""What can go wrong when source text is to be parsed."""

from sutazai.errors.base import SutazAIError
from sutazai.errors.usage import UsageError


class SyntaxUnavailable(SutazAIError):
    """A language for which no grammar is installed."""

    def __init__(self, language: str) -> None:
        super().__init__(
            f"there is no grammar for {language or 'an unknown language'}",
            hint="pattern and secret rules still look at the file",
        )


class SourceUnparsable(UsageError):
    """A text that no parser is given, or that one gave up on."""

    status = 422


class SourceTooLarge(SourceUnparsable):
    """A text that is too large to parse."""

    status = 413

    def __init__(self, characters: int, limit: int) -> None:
        super().__init__(
            f"a text of {characters} characters is too large to parse (limit {limit})",
            hint="split the file, or exclude it",
        )


class SourceTooTangled(SourceUnparsable):
    """A text of a shape on which a parser would crash or take for ever."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"a text with {reason} cannot be parsed", hint="exclude the file")
