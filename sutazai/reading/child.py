"""`python -P -m sutazai.reading.child`: the process that parses what nobody has vouched for.

Gets bytes, gives text; opens no file, no address and no program. It is killed at any moment without harm. Must never
write anything but frames to its standard output.
"""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import BinaryIO, Final

from sutazai.process.frames import FrameTooLarge, encode_frame, read_frame
from sutazai.process.streams import claimed_streams
from sutazai.reading.confine import allow_cpu, confine
from sutazai.reading.detect import detect
from sutazai.reading.draft import MAX_CHARS, Draft
from sutazai.reading.failure import ParseFailed, TooLarge
from sutazai.reading.formats import MODULES, TEXT_FORMATS
from sutazai.reading.wire import ANSWER_BYTES, Answer, Failure, Other, PageRead, Request, decode_request, encode_answer
from sutazai.sdk.document import ParsedDocument

_BROKEN: Final = 2
_DOCUMENT_BYTES: Final = 1 << 31
_MOST_BYTES_A_CHARACTER: Final = 4
_PAGES_A_MESSAGE: Final = 20


class ParserProcess:
    """The child's side of the wire over any two streams."""

    def __init__(self, frames_in: BinaryIO, frames_out: BinaryIO, confine_to: Callable[[int], None] = confine) -> None:
        self._in = frames_in
        self._out = frames_out
        self._confine = confine_to
        self._confined = False

    def serve(self) -> int:
        """Answers until the input ends; returns the exit code."""
        try:
            while (head := read_frame(self._in)) is not None:
                self._answer(decode_request(head))
        except (ValueError, FrameTooLarge) as error:
            print(f"the parent sent {error}", file=sys.stderr, flush=True)  # noqa: T201 (stderr is the child's log)
            return _BROKEN
        except BrokenPipeError:
            pass
        return 0

    def _answer(self, request: Request) -> None:
        if not self._confined:
            self._confine(request.memory_bytes)
            self._confined = True
        allow_cpu(request.cpu_s)
        data = read_frame(self._in, _DOCUMENT_BYTES)
        if data is not None:
            self._tell(read_document(request.name, data, self._page))

    def _page(self, number: int) -> None:
        if number % _PAGES_A_MESSAGE == 0:
            self._tell(PageRead(number))

    def _tell(self, answer: Answer) -> None:
        self._out.write(encode_frame(encode_answer(answer), ANSWER_BYTES))
        self._out.flush()


def read_document(name: str, data: bytes, on_page: Callable[[int], None]) -> ParsedDocument | Failure | Other:
    """Reads one document; whatever goes wrong becomes a failure."""
    try:
        return _parsed(name, data, on_page)
    except ParseFailed as failed:
        return Failure(failed.kind, failed.reason, is_orderly=True)
    except MemoryError:
        return Failure("too-large", "reading it takes too much memory")
    except RecursionError:
        return Failure("broken", "it is nested too deeply")
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 (a hostile file may provoke anything; the process goes on)
        print(f"{type(error).__name__}: {error}"[:500], file=sys.stderr, flush=True)  # noqa: T201 (the child's log)
        return Failure("broken", "it is broken")


def _parsed(name: str, data: bytes, on_page: Callable[[int], None]) -> ParsedDocument | Other:
    kind = detect(data, name)
    if kind.format not in MODULES:
        return Other(kind.format)
    if kind.format in TEXT_FORMATS and len(data) > MAX_CHARS * _MOST_BYTES_A_CHARACTER:
        raise TooLarge(f"its text is longer than {MAX_CHARS} characters")
    draft = Draft(language=kind.language, on_page=on_page)
    import_module(f"sutazai.reading.formats.{MODULES[kind.format]}").parse(data, draft)
    return draft.finish(kind.format)


def main(leave: Callable[[int], None] = os._exit) -> None:
    """Serves until the input ends, then leaves at once."""
    leave(ParserProcess(*claimed_streams()).serve())


if __name__ == "__main__":
    main()
