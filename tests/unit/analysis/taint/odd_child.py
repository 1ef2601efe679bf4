"""A child for tests: tells of each file which process looked at it, or misbehaves as the file's text says."""

import json
import os
import signal
import sys
import time

from sutazai.process.frames import encode_frame, read_frame


def main() -> None:
    """Answers until the input ends."""
    tell(b"")
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        *_, files = json.loads(frame)
        for at, (_, text, *_) in enumerate(files):
            tell(b"%d" % at)
            obey(text)
        failed = [(path, str(os.getpid())) for path, *_ in files]
        tell(json.dumps({"findings": [], "failed": failed}).encode())


def obey(text: str) -> None:
    """Does what the text of a file says, if it says anything."""
    match text.split():
        case ["die"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["signal", number]:
            os.kill(os.getpid(), int(number))
        case ["exit", code]:
            os._exit(int(code))
        case ["hang"]:
            time.sleep(600)
        case ["shout"]:
            sys.stdout.buffer.write(b"\xff" * 8)
            sys.stdout.buffer.flush()
            time.sleep(600)
        case ["say", word]:
            tell(word.encode())
        case ["know", name]:
            os._exit(7 if name in os.environ else 3)
        case _:
            pass


def tell(payload: bytes) -> None:
    """Sends a frame."""
    sys.stdout.buffer.write(encode_frame(payload))
    sys.stdout.buffer.flush()


main()
