"""Where residents listen, and what one has to share with a process to answer for it.

Loaded by every command, so it imports only what Python has loaded anyway. Creates nothing.
"""

import os
import sys

from sutazai import __version__

_MERSENNE = (1 << 61) - 1
_READ_BYTES = 65_536
# What is read while Python or a library starts: a resident has to have been started with the same.
SHAPING = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "GLIBC_", "TYPER_", "_TYPER_STANDARD")


def folder(environ: "os._Environ[str] | dict[str, str]") -> str:
    """The folder of this user's sockets: under `SUTAZAI_HOME`, else where the system keeps such, else in the cache."""
    home = environ.get("SUTAZAI_HOME", "")
    if home:
        return os.path.join(os.path.abspath(os.path.expanduser(home)), "cache", "resident")  # noqa: PTH100, PTH111, PTH118
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):
        return os.path.join(runtime, "sutazai")  # noqa: PTH118 (pathlib is slow to import)
    cache = environ.get("XDG_CACHE_HOME", "")
    if not cache.startswith("/"):
        cache = os.path.expanduser("~/.cache")  # noqa: PTH111
    return os.path.join(cache, "sutazai", "resident")  # noqa: PTH118


def opened(path: str) -> int:
    """A descriptor of the folder, which is its owner's alone: what happens to its path later does not matter.

    Raises:
        OSError: it is not there, a link, somebody else's, or open to others.
    """
    found = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    state = os.fstat(found)
    if state.st_uid != os.geteuid() or state.st_mode & 0o077:
        os.close(found)
        raise PermissionError(path)
    return found


def inside(descriptor: int, name: str) -> str:
    """The path of `name` in an open folder; a socket's own path may have no more than 107 bytes."""
    return f"/proc/self/fd/{descriptor}/{name}"


def character() -> list[str]:
    """What a resident and a process it answers for must have in common: code, interpreter, limits.

    Raises:
        OSError: the system does not tell.
    """
    # The folder of the script, or the current one, stands first unless Python was told to leave it out.
    path = sys.path if sys.flags.safe_path else sys.path[1:]
    flags = repr(sys.flags).replace("safe_path=True", "").replace("safe_path=False", "")
    environment = os.environ
    return [
        __version__,
        sys.version,
        sys.prefix,
        os.path.dirname(sys.executable),  # noqa: PTH120
        os.path.dirname(__file__),  # noqa: PTH120
        flags,
        str(unbuffered()),
        repr((sys.warnoptions, sys._xoptions)),  # noqa: SLF001 (documented, for all its name)
        ":".join(path),
        *(f"{name}={environment[name]}" for name in sorted(environment) if name.startswith(SHAPING)),
        _text("/proc/self/limits"),
        same_session(_text("/proc/self/cgroup")),
    ]


def unbuffered() -> bool:
    """Whether Python was told to write at once; no flag remembers that."""
    return getattr(sys.__stdout__, "write_through", False)


def same_session(cgroup: str) -> str:
    """A process's control groups, cut where those of one user's terminals part."""
    lines = []
    for line in cgroup.splitlines():
        before, mark, after = line.partition(".slice/user-")
        lines.append(before + mark + after.partition(".slice")[0] if mark else line)
    return "\n".join(lines)


def name_of(fields: "list[str]") -> str:
    """The name of the socket of the resident with this character. Stable, unlike `hash`, and needs no import."""
    whole = "\0".join(fields).encode("utf-8", "surrogateescape")
    return f"{int.from_bytes(whole, 'little') % _MERSENNE:x}.sock"


def _text(path: str) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _READ_BYTES).decode("utf-8", "surrogateescape")
    finally:
        os.close(descriptor)
