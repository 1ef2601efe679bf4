"""An answer while it is being written: progress first, then its words as they come, wrapped to the terminal.

The words go to stdout, harmless; what else there is to say goes to stderr. Never judges an answer.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.cells import cell_len

from sutazai.cli import output, talk
from sutazai.cli.live import LiveView, PlainView, View, warnings_only
from sutazai.cli.page import LEAST_CELLS, TEXT_CELLS
from sutazai.review.formats.untrusted import name, visible
from sutazai.sdk.events import Event, Note, Progress, Token

_PIPED_CELLS: Final = 100
_AT_ONCE: Final = frozenset({"passages", "reply", "summary"})


class StreamedText:
    """Words on stdout as they come, wrapped.

    Args:
        cells: the longest line.
    """

    def __init__(self, cells: int) -> None:
        self._cells = max(LEAST_CELLS, cells)
        self._at = 0
        self._gap = self._word = ""
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        """Everything that came."""
        return "".join(self._pieces)

    def add(self, text: str) -> None:
        """Writes the words that are whole now."""
        self._pieces.append(text)
        output.write("".join(self._taken(each) for each in visible(text)))

    def end(self) -> None:
        """Writes what is left, and ends the line."""
        output.write(self._placed() + ("\n" if self._at else ""))
        self._at = 0

    def _taken(self, character: str) -> str:
        if not character.isspace():
            self._word += character
            return ""
        placed = self._placed()
        if character != "\n":
            self._gap += " "
            return placed
        self._gap, self._at = "", 0
        return f"{placed}\n"

    def _placed(self) -> str:
        """The word that has gathered: indented, behind a blank, or on a new line if this one is full."""
        if not self._word:
            return ""
        word, gap = self._word, self._gap
        self._word = self._gap = ""
        before = gap[:1] if self._at else gap
        if self._at and self._at + len(before) + cell_len(word) > self._cells:
            before, self._at = "\n", 0
        self._at += len(before.strip("\n")) + cell_len(word)
        return f"{before}{word}"


class AnswerView:
    """Shows progress until the first word comes, then the words.

    Attributes:
        streamed: the words that were shown; None before the first.
    """

    def __init__(self, progress: View, *, live: LiveView | None, stream: bool) -> None:
        self.streamed: StreamedText | None = None
        self._progress = progress
        self._live = live
        self._stream = stream
        self._held: list[Note] = []

    def __call__(self, event: Event) -> None:
        """Shows one event."""
        if isinstance(event, Token) and self._stream:
            self._words().add(event.text)
        elif self.streamed is None:
            self._progress(event)
        elif isinstance(event, Note):
            self._held.append(event)

    @property
    def text(self) -> str:
        """The words that were shown so far."""
        return self.streamed.text if self.streamed else ""

    def complete(self, text: str) -> None:
        """Shows what is missing of the whole text, if it goes on as what was streamed began."""
        if self.streamed is not None and text.startswith(self.text):
            self.streamed.add(text.removeprefix(self.text))

    def end(self) -> None:
        """Ends the line of words, and says what had to wait for that."""
        if self.streamed is not None:
            self.streamed.end()
        for note in self._held:
            if note.level == "warning":
                talk.say(name(note.text))
        self._held.clear()

    def _words(self) -> StreamedText:
        if self.streamed is None:
            if self._live is not None:
                self._live.region.stop()
            self.streamed = StreamedText(_cells())
        return self.streamed


def _cells() -> int:
    return min(output.console().width, TEXT_CELLS) if sys.stdout.isatty() else _PIPED_CELLS


@contextmanager
def answer_view(*, quiet: bool, stream: bool) -> Iterator[AnswerView]:
    """A view for one answer: progress on a terminal, plain lines elsewhere; the words on stdout if `stream`."""
    if quiet or not talk.live():
        progress: View = warnings_only if quiet else PlainView(verbose=False, at_once=_AT_ONCE)
        yield from _shown(AnswerView(progress, live=None, stream=stream))
        return
    live = LiveView(talk.console(), verbose=False)
    live(Progress(phase="start", done=0))  # the runtime takes its time before it says anything
    with live.region:
        yield from _shown(AnswerView(live, live=live, stream=stream))


def _shown(view: AnswerView) -> Iterator[AnswerView]:
    try:
        yield view
    finally:
        view.end()
