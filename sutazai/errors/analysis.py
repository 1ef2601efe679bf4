"""What can go wrong when static engines are chosen."""

from collections.abc import Sequence

from sutazai.errors.usage import UsageError, nearest


class UnknownEngine(UsageError):
    """A static engine that does not exist."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no static engine {name!r}", hint=nearest(name, known))
