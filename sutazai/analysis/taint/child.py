"""`python -P -m sutazai.analysis.taint.child`: a process in which the engine goes through files.

Opens no file of the review, no address and no program. The main thread only listens: when its input ends, because the
parent has enough or is gone, all ends at once. Must never write anything but frames to its standard output.
"""

import gc
import os
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, BinaryIO, Final

from sutazai.analysis.taint.survey import survey
from sutazai.analysis.taint.tables import Tables, load_tables
from sutazai.analysis.taint.wire import (
    FRAME_BYTES,
    STARTED,
    decode_request,
    encode_failure,
    encode_number,
    encode_report,
)
from sutazai.process.frames import FrameTooLarge, encode_frame, read_frame
from sutazai.process.streams import claimed_streams

if TYPE_CHECKING:
    from sutazai.sdk.taint import TaintTable

_BROKEN: Final = 2
_OBJECTS_BETWEEN_COLLECTIONS: Final = 100_000


class TaintProcess:
    """The child's side of the wire over any two streams."""

    def __init__(self, frames_in: BinaryIO, frames_out: BinaryIO) -> None:
        self._in = frames_in
        self._out = frames_out
        self._asked: SimpleQueue[bytes] = SimpleQueue()
        self._tables: dict[tuple[str, ...], Tables] = {}

    def serve(self) -> int:
        """Answers until the input ends; returns the exit code."""
        threading.Thread(target=self._work, daemon=True).start()
        try:
            while (frame := read_frame(self._in, FRAME_BYTES)) is not None:
                self._asked.put(frame)
        except FrameTooLarge as error:
            print(f"the parent sent {error}", file=sys.stderr, flush=True)  # noqa: T201 (stderr is the child's log)
            return _BROKEN
        return 0

    def _work(self) -> None:
        try:
            self._tell(STARTED)
            while True:
                self._tell(self.answer(self._asked.get()))
        except BrokenPipeError:  # the parent is gone, as its end of our input tells too
            pass

    def _tell(self, payload: bytes) -> None:
        self._out.write(encode_frame(payload, FRAME_BYTES))
        self._out.flush()

    def answer(self, frame: bytes) -> bytes:
        """The answer to a request; whatever goes wrong becomes a reason."""
        try:
            request = decode_request(frame)
            tables = self._with(request.extra)
            report = survey(request.files, tables, steps=request.steps, seconds=request.seconds, begun=self._begun)
            answer = encode_report(report)
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001 (hostile code may provoke anything; the process goes on)
            return encode_failure(f"{type(error).__name__}: {error}")
        return answer if len(answer) <= FRAME_BYTES else encode_failure("there is too much to tell")

    def _begun(self, at: int) -> None:
        self._tell(encode_number(at))

    def _with(self, extra: tuple[str, ...]) -> Tables:
        if extra not in self._tables:
            self._tables[extra] = load_tables(_rows(extra))
        return self._tables[extra]


def _rows(extra: tuple[str, ...]) -> "tuple[TaintTable, ...]":
    if not extra:
        return ()
    from sutazai.sdk.taint import TaintTable  # noqa: PLC0415 (most projects have none)

    return tuple(TaintTable.model_validate_json(each) for each in extra)


def main(leave: Callable[[int], None] = os._exit) -> None:
    """Serves until the input ends, then leaves at once: nobody waits for what is being followed."""
    # As in the command itself: the engine makes many objects and little garbage.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    leave(TaintProcess(*claimed_streams()).serve())


if __name__ == "__main__":
    main()
