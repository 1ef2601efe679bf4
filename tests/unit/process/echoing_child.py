"""A child for tests: sends each frame back, or misbehaves when told to."""

import os
import signal
import subprocess
import sys
import time

from sutazai.process.frames import encode_frame, read_frame


def main() -> None:
    """Echoes until the input ends."""
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        obey(frame)
        sys.stdout.buffer.write(encode_frame(frame))
        sys.stdout.buffer.flush()


def obey(frame: bytes) -> None:
    """Does what the frame says, if it says anything."""
    match frame.split():
        case [b"complain", count]:
            for number in range(int(count)):
                print("complaint", number, file=sys.stderr, flush=True)  # noqa: T201 (its log)
        case [b"shout", size]:
            sys.stderr.write("x" * int(size) + "\nend")
            sys.stderr.flush()
        case [b"exit", code]:
            os._exit(int(code))
        case [b"die"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case [b"print"]:
            sys.stdout.write("not a frame\n")
        case [b"stay"]:
            sys.stdout.buffer.write(encode_frame(b"staying"))
            sys.stdout.buffer.flush()
            time.sleep(600)
        case [b"leave", b"grandchild"]:
            # It keeps our pipes open after our end.
            left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            sys.stdout.buffer.write(encode_frame(str(left.pid).encode()))
            sys.stdout.buffer.flush()
            os._exit(0)
        case _:
            pass


main()
