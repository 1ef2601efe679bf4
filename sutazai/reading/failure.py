"""Why a parser gives up. Inside the child only: the parent turns each into an error that a user meets."""

from typing import ClassVar


class ParseFailed(Exception):
    """A document that gives no text.

    Attributes:
        kind: which class this is, for the way to the parent.
        reason: a few words for lists of what was skipped, without a full stop.
    """

    kind: ClassVar[str] = "failed"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Encrypted(ParseFailed):
    """A document that opens only with a password."""

    kind = "encrypted"

    def __init__(self, reason: str = "it is protected by a password") -> None:
        super().__init__(reason)


class Broken(ParseFailed):
    """A document that is not what its first bytes say. `detail`: what is wrong, in few words."""

    kind = "broken"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"it is broken: {detail}" if detail else "it is broken")


class NoText(ParseFailed):
    """A document that opens and holds no text."""

    kind = "no-text"

    def __init__(self, reason: str = "there is no text in it") -> None:
        super().__init__(reason)


class TooLarge(ParseFailed):
    """A document over a limit: of text, pages, entries, depth or what an archive expands to."""

    kind = "too-large"


class Unknown(ParseFailed):
    """Bytes of no kind that can be read."""

    kind = "unknown"

    def __init__(self, reason: str = "it is of no kind that can be read") -> None:
        super().__init__(reason)


KINDS: dict[str, type[ParseFailed]] = {
    each.kind: each for each in (ParseFailed, Encrypted, Broken, NoText, TooLarge, Unknown)
}
