"""Whether another process is as this one: same rights, same view of the system. The kernel's word, not the peer's.

A command from a sandbox, a container or under other limits must not run out here.
"""

import os
import socket
import sys
from dataclasses import dataclass
from typing import Final

from sutazai.resident.place import same_session

# Of `/proc/PID/status`: identities, capabilities, what a sandbox restricts, processors, a debugger's presence.
_STATUS: Final = (
    "Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "Seccomp_filters", "CapInh", "CapPrm", "CapEff", "CapBnd",
    "CapAmb", "SigBlk", "Cpus_allowed", "Mems_allowed", "TracerPid",
)  # fmt: skip
_NICE, _POLICY = 18 - 2, 40 - 2  # fields of `/proc/PID/stat`, counted from behind the name
_READ_BYTES: Final = 65_536
_CREDENTIALS_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two processes must have in common before one may stand for the other."""

    status: tuple[str, ...]
    limits: str
    cgroup: str
    scheduling: tuple[str, str]
    namespaces: tuple[str, ...]
    root: tuple[int, int]
    confinement: str


@dataclass(frozen=True, slots=True)
class Peer:
    """A process as it is seen from outside.

    Attributes:
        ignored: the signals it ignores.
    """

    likeness: Likeness
    umask: int
    ignored: frozenset[int]


def peer_of(connection: socket.socket) -> tuple[int, int]:
    """Process and user at the other end; at a client's end, of whoever listens."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS_BYTES)
    return int.from_bytes(told[:4], sys.byteorder), int.from_bytes(told[4:8], sys.byteorder)


def look_at(pid: int) -> Peer:
    """What the kernel says of a process.

    Raises:
        OSError: it is gone, or hidden from us.
        ValueError: the kernel says it in a form we do not know.
    """
    base = f"/proc/{pid}"
    fields = dict(line.partition(":")[::2] for line in _text(f"{base}/status").splitlines())
    numbers = _text(f"{base}/stat").rpartition(")")[2].split()
    root = os.stat(f"{base}/root")  # noqa: PTH116 (pathlib would resolve the link)
    likeness = Likeness(
        tuple(fields.get(name, "").strip() for name in _STATUS),
        _text(f"{base}/limits"),
        same_session(_text(f"{base}/cgroup")),
        (numbers[_NICE], numbers[_POLICY]),
        tuple(os.readlink(f"{base}/ns/{each}") for each in sorted(os.listdir("/proc/self/ns"))),  # noqa: PTH115, PTH208
        (root.st_dev, root.st_ino),
        _confinement(base),
    )
    ignored = int(fields["SigIgn"], 16)
    return Peer(likeness, int(fields["Umask"], 8), frozenset(n for n in range(1, 65) if ignored >> (n - 1) & 1))


def _confinement(base: str) -> str:
    """The label of SELinux or AppArmor, empty where there is neither."""
    try:
        return _text(f"{base}/attr/current")
    except OSError:
        return ""


def _text(path: str) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _READ_BYTES).decode("utf-8", "surrogateescape")
    finally:
        os.close(descriptor)
