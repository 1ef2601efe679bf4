"""A child that does what the name of its document says, in the place of the parser."""

import os
import signal
import sys
import time

from sutazai.process.frames import encode_frame, read_frame
from sutazai.process.streams import claimed_streams
from sutazai.reading.wire import Failure, PageRead, decode_request, encode_answer
from sutazai.sdk.document import ParsedDocument

FOREVER_S = 60


def main() -> None:
    """Obeys until the input ends."""
    frames_in, frames_out = claimed_streams()
    served = 0
    while (head := read_frame(frames_in)) is not None:
        name = decode_request(head).name
        read_frame(frames_in, 1 << 30)
        served += 1
        if name == "hang":
            time.sleep(FOREVER_S)
        elif name == "swell":
            held = b"x" * (300 << 20)
            time.sleep(FOREVER_S + len(held) * 0)
        elif name == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        elif name == "processor":
            os.kill(os.getpid(), signal.SIGXCPU)
        elif name == "babble":
            frames_out.write(b"\xff" * 100)
        elif name == "lie":
            frames_out.write(encode_frame(b"Dnonsense"))
        elif name == "spent":
            frames_out.write(encode_frame(encode_answer(Failure("too-large", "enough"))))
        else:
            frames_out.write(encode_frame(encode_answer(PageRead(20))))
            text = f"{os.getpid()} {served} {sorted(os.environ)}"
            frames_out.write(encode_frame(encode_answer(ParsedDocument(text, "text"))))
        frames_out.flush()


if __name__ == "__main__":
    sys.exit(main())
