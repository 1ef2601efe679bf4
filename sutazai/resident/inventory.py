"""Which residents of this user are running, and how to end them. Starts none."""

import os
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sutazai.resident import place
from sutazai.resident.likeness import peer_of

_CONNECT_S: Final = 1.0
_END_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Running:
    """A resident at work."""

    pid: int
    since_s: float
    memory_bytes: int

    def text(self) -> str:
        """One line on it."""
        return f"process {self.pid}, for {self.since_s / 60:.0f} min, {self.memory_bytes / 1e6:.0f} MB"


def running(environ: Mapping[str, str]) -> list[Running]:
    """Every resident of this user that answers, in the order of their process ids."""
    if sys.platform != "linux":
        return []
    try:
        folder = place.opened(place.folder(dict(environ)))
    except OSError:
        return []
    try:
        names = [each for each in os.listdir(f"/proc/self/fd/{folder}") if each.endswith(".sock")]  # noqa: PTH208
        pids = {pid for each in names if (pid := _pid(folder, each))}
    finally:
        os.close(folder)
    return [each for pid in sorted(pids) if (each := _described(pid))]


def stop(environ: Mapping[str, str]) -> list[Running]:
    """Ends them all and waits for that; commands at work go on. Those that were running."""
    found = running(environ)
    for each in found:
        _end(each.pid)
    return found


def _pid(folder: int, name: str) -> int:
    """The process that listens there; 0: none of this user's."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as connection:
        connection.settimeout(_CONNECT_S)
        try:
            connection.connect(place.inside(folder, name))
            pid, uid = peer_of(connection)
        except OSError:
            return 0
        return pid if uid == os.geteuid() else 0


def _described(pid: int) -> Running | None:
    try:
        numbers = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return None
    started_s = int(numbers[19]) / os.sysconf("SC_CLK_TCK")
    return Running(
        pid, time.clock_gettime(time.CLOCK_BOOTTIME) - started_s, int(numbers[21]) * os.sysconf("SC_PAGE_SIZE")
    )


def _end(pid: int) -> None:
    try:
        process = os.pidfd_open(pid)
    except OSError:
        return
    try:
        signal.pidfd_send_signal(process, signal.SIGTERM)
        select.select([process], [], [], _END_S)
    except OSError:
        return
    finally:
        os.close(process)
