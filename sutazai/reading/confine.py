"""Takes from the parsing child what it has no need of: memory without end, files to write, programs, the network.

Every limit is set where the system has it; the parent watches time and memory besides, for where it has not.
"""

import math
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final

_OPEN_FILES: Final = 64
_REFUSED: Final = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "pty.")
_WRITE_FLAGS: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Refused(Exception):
    """Something that a parser must never do."""


def confine(memory_bytes: int) -> None:
    """Limits this process, for good.

    Args:
        memory_bytes: of address space.
    """
    sys.addaudithook(guard((sys.prefix, sys.base_prefix, *sys.path)))
    if sys.platform == "win32":  # pragma: no cover (tests run on POSIX)
        return
    import resource  # noqa: PLC0415 (not on every system)

    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, 0)


def allow_cpu(seconds: int) -> None:
    """Lets this process have so many more seconds of processor time: a net for when nobody is there to kill it."""
    if sys.platform == "win32":  # pragma: no cover (tests run on POSIX)
        return
    import resource  # noqa: PLC0415 (not on every system)

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def guard(roots: Iterable[str]) -> Callable[[str, tuple[Any, ...]], None]:
    """An audit hook that raises `Refused` for a socket, a program, writing a file, or reading one outside of `roots`.

    Native code does not ask it: for that, there are the limits of the system.
    """
    inside = tuple(os.path.realpath(each).rstrip(os.sep) + os.sep for each in roots if each)

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_REFUSED):
            raise Refused(f"a parser must not use {event}")
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITE_FLAGS:
                raise Refused("a parser must not write files")
            if not isinstance(path, int) and not os.path.realpath(os.fsdecode(path)).startswith(inside):
                raise Refused("a parser must not read files but those of Python")

    return refuse


def _limit(what: int, most: int) -> None:
    import resource  # noqa: PLC0415 (not on every system)

    soft, hard = resource.getrlimit(what)
    known = [each for each in (soft, hard, most) if each != resource.RLIM_INFINITY]
    try:
        resource.setrlimit(what, (min(known), min(known)))
    except (OSError, ValueError):
        # Some systems know a limit by name and refuse to set it: the parent's watch remains.
        return
