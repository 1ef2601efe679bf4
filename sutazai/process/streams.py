"""The standard streams of a child that speaks in frames."""

import os
from typing import BinaryIO


def claimed_streams() -> tuple[BinaryIO, BinaryIO]:
    """The standard streams for frames alone: what native code prints from now on goes to stderr."""
    frames_in, frames_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(frames_in, "rb"), os.fdopen(frames_out, "wb")
