"""Makes this process, a fresh fork, what the caller's is: streams, folder, environment, umask, signals.

Whatever the interpreter derived from its own start is derived anew; nothing of a caller before is left.
"""

import io
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sutazai.resident.client import forwarded
from sutazai.resident.place import unbuffered
from sutazai.resident.request import STREAMS, Request

_NAMES: Final = ("stdin", "stdout", "stderr")
_ALWAYS_IGNORED: Final = frozenset({signal.SIGPIPE, signal.SIGXFSZ})  # by every Python


@dataclass(frozen=True, slots=True)
class TextForm:
    """How text becomes bytes on the standard streams: the interpreter decides that once, when it starts."""

    encodings: tuple[str, ...]
    errors: tuple[str, ...]
    unbuffered: bool


def text_form() -> TextForm:
    """That of this process, as it was started."""
    streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    encodings = tuple(each.encoding if each else "utf-8" for each in streams)
    errors = tuple((each.errors if each else None) or "strict" for each in streams)
    return TextForm(encodings, errors, unbuffered())


def adopt(request: Request, form: TextForm, umask: int) -> None:
    """Takes over everything but the signals.

    Raises:
        OSError: the folder cannot be entered, a descriptor is of no use.
    """
    os.fchdir(request.descriptors[STREAMS])
    for number in range(STREAMS):
        os.dup2(request.descriptors[number], number)
    for each in request.descriptors:
        os.close(each)
    os.umask(umask)
    _environment(request.environment)
    sys.argv[:] = request.argv
    sys.executable = request.executable
    tempfile.tempdir = None
    for number in range(STREAMS):
        stream = _stream(number, form)
        setattr(sys, _NAMES[number], stream)
        setattr(sys, f"__{_NAMES[number]}__", stream)


def _environment(wanted: Mapping[str, str]) -> None:
    for name in [each for each in os.environ if each not in wanted]:
        del os.environ[name]
    for name, value in wanted.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
    time.tzset()


def _stream(number: int, form: TextForm) -> io.TextIOWrapper:
    """As CPython makes them when it starts (`create_stdio`)."""
    writing = number > 0
    raw = io.FileIO(number, "wb" if writing else "rb", closefd=False)
    raw.name = f"<{_NAMES[number]}>"
    unbuffered = form.unbuffered and writing
    buffer = raw if unbuffered else (io.BufferedWriter if writing else io.BufferedReader)(raw)
    stream = io.TextIOWrapper(
        buffer,
        encoding=form.encodings[number],
        errors=form.errors[number],
        newline="\n",
        line_buffering=not form.unbuffered and (number == STREAMS - 1 or raw.isatty()),
        write_through=form.unbuffered,
    )
    stream.mode = "w" if writing else "r"  # type: ignore[misc]  # (there, as nowhere else, it can be set)
    return stream


def adopt_signals(ignored: Iterable[int]) -> None:
    """Every signal as in a process that was just started by the caller."""
    unheard = frozenset(ignored)
    for number in {*forwarded(), *unheard, signal.SIGCHLD, signal.SIGPIPE}:
        if number in unheard or number in _ALWAYS_IGNORED:
            signal.signal(number, signal.SIG_IGN)
        elif number == signal.SIGINT:
            signal.signal(number, signal.default_int_handler)
        else:
            signal.signal(number, signal.SIG_DFL)
