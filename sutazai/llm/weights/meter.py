"""How far a download is, for whoever shows it. Never writes to a terminal."""

from collections.abc import Callable

from sutazai.llm.weights.partial import Partial

Progress = Callable[[int, int, str], None]


def silent(done_bytes: int, total_bytes: int, label: str) -> None:
    """Progress for nobody."""


class Meter:
    """Adds what is in flight to what is done, and reports both.

    Args:
        partial: the file that arrives.
        progress: told `(done_bytes, total_bytes, label)`.
        label: what is going on, e.g. where the bytes come from.
    """

    def __init__(self, partial: Partial, progress: Progress, label: str) -> None:
        self._partial, self._progress, self._label = partial, progress, label
        self._flying: dict[int, int] = {}
        self._told = 0

    def flying(self, index: int, size_bytes: int) -> None:
        """A segment has this many bytes on the way that are not written yet; fewer than before are not told."""
        self._flying[index] = max(size_bytes, self._flying.get(index, 0))
        self.report()

    def arrived(self) -> None:
        """Bytes were written; tells it for every thousandth of the whole, not for every packet."""
        done = self._partial.done_bytes
        if done - self._told >= self._partial.size_bytes / 1000 or done == self._partial.size_bytes:
            self._told = done
            self.report()

    def report(self) -> None:
        """Tells how far it is."""
        there = (max(self._partial.have(s), self._flying.get(s.index, 0)) for s in self._partial.segments)
        self._progress(sum(there), self._partial.size_bytes, self._label)
