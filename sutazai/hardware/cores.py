"""How many cores are free for work: spinning threads on a busy machine are slower than fewer of them."""

import os
from pathlib import Path
from typing import Final

_STAT: Final = Path("/proc/stat")


def idle_cores() -> int:
    """The physical cores that this process may use, less those that others keep busy; at least one."""
    return max(1, usable_cores() - busy_cores())


def usable_cores() -> int:
    """The physical cores that this process may use; at least one."""
    import psutil  # noqa: PLC0415 (loaded only when used)

    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return max(1, min(cores, allowed))


def busy_cores(stat: Path = _STAT) -> int:
    """How many cores others keep busy: the load of the last minute, but no more than what runs at this moment.

    Args:
        stat: the kernel's counters, where there are any.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    now = _running(stat)
    return round(load) if now is None else min(round(load), now)


def _running(stat: Path) -> int | None:
    """Runnable processes but this one; None where the kernel does not tell."""
    try:
        lines = stat.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    counts = [line.split()[1] for line in lines if line.startswith("procs_running ")]
    return max(0, int(counts[0]) - 1) if counts and counts[0].isdigit() else None
