"""`python -P -m sutazai.llm.child`: the process that holds an embedded model and answers over its standard streams.

Reads messages on the main thread, so that a cancel or a ping is heard while threads generate. End of input ends it at
once. Must never write anything but frames to its standard output, and opens no port.
"""

import os
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO, Final

from sutazai.llm.engine import Engine, LlamaEngine
from sutazai.llm.wire import (
    VERSION,
    Cancel,
    Cancelled,
    Chunk,
    End,
    Failure,
    FromChild,
    Generate,
    Hello,
    Load,
    Ping,
    Pong,
    Progress,
    WireError,
    decode,
    encode,
)
from sutazai.process.frames import FrameTooLarge, encode_frame, read_frame
from sutazai.process.streams import claimed_streams

_MOST_AT_ONCE: Final = 64
_BROKEN: Final = 2


class ModelProcess:
    """The child's side of the protocol over any two streams."""

    def __init__(self, frames_in: BinaryIO, frames_out: BinaryIO, engine: Engine) -> None:
        self._in = frames_in
        self._out = frames_out
        self._engine = engine
        self._writing = threading.Lock()
        self._wanted: dict[int, threading.Event] = {}

    def serve(self) -> int:
        """Answers until the input ends; returns the exit code."""
        try:
            self._tell(Hello(VERSION))
            while (frame := read_frame(self._in)) is not None:
                self._obey(frame)
        except (WireError, FrameTooLarge) as error:
            print(f"the parent sent {error}", file=sys.stderr, flush=True)  # noqa: T201 (stderr is the child's log)
            return _BROKEN
        except BrokenPipeError:
            pass
        return 0

    def _obey(self, frame: bytes) -> None:
        match decode(frame):
            case Load() as load:
                self._tell(self._engine.load(load))
            case Generate(id=number) if len(self._wanted) >= _MOST_AT_ONCE:
                self._tell(Failure(number, "refused", f"over {_MOST_AT_ONCE} requests at once"))
            case Generate() as generate:
                self._wanted[generate.id] = threading.Event()
                threading.Thread(target=self._generate, args=(generate,), daemon=True).start()
            case Cancel(id=number) if number in self._wanted:
                self._wanted[number].set()
            case Ping(id=number):
                self._tell(Pong(number))
            case _:
                pass

    def _generate(self, generate: Generate) -> None:
        number, unwanted = generate.id, self._wanted[generate.id]

        def emit(message: FromChild) -> bool:
            if not unwanted.is_set() and isinstance(message, Chunk | Progress):
                self._tell(message)
            return unwanted.is_set() or self._last(number, message)

        try:
            self._engine.generate(number, generate.request, emit)
            message: FromChild = Failure(number, "internal", "the runtime stopped without an end")
        except BrokenPipeError:
            return
        except Exception as error:  # noqa: BLE001 (the process goes on, the request has failed)
            message = Failure(number, "internal", f"{type(error).__name__}: {error}")
        self._last(number, Cancelled(number) if unwanted.is_set() else message)

    def _last(self, number: int, message: FromChild) -> bool:
        if isinstance(message, End | Failure | Cancelled) and self._wanted.pop(number, None) is not None:
            self._tell(message)
        return False

    def _tell(self, message: FromChild) -> None:
        frame = encode_frame(encode(message))
        with self._writing:
            self._out.write(frame)
            self._out.flush()


def main(leave: Callable[[int], None] = os._exit) -> None:
    """Serves until the input ends, then leaves at once: native threads are not waited for."""
    leave(ModelProcess(*claimed_streams(), LlamaEngine()).serve())


if __name__ == "__main__":
    main()
