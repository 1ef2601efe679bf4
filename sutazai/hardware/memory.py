"""How much memory a process may still take, the limits of its control group included. Cheap; changes nothing."""

from pathlib import Path
from typing import Final

_ROOT: Final = Path("/sys/fs/cgroup")
_OWN: Final = Path("/proc/self/cgroup")
_UNLIMITED: Final = 1 << 60
_READ_CHARACTERS: Final = 65536


def memory_available_bytes() -> int:
    """Bytes that can be taken without swapping: what the system has free, or what the control group still allows."""
    import psutil  # noqa: PLC0415 (loaded only when used)

    free: int = psutil.virtual_memory().available
    left = control_group_left()
    return free if left is None else min(free, left)


def memory_total_bytes() -> int:
    """Bytes this process could ever have: the machine's memory, or the control group's limit."""
    import psutil  # noqa: PLC0415 (loaded only when used)

    total: int = psutil.virtual_memory().total
    limits = [limit for limit, _ in _groups(_ROOT, _OWN)]
    return min([total, *limits])


def control_group_left(root: Path = _ROOT, own: Path = _OWN) -> int | None:
    """Bytes the control groups of this process still allow; None where there is no limit.

    Args:
        root: where control groups are mounted.
        own: the file that says which groups this process is in.
    """
    left = [max(limit - used, 0) for limit, used in _groups(root, own)]
    return min(left, default=None)


def _groups(root: Path, own: Path) -> list[tuple[int, int]]:
    """Limit and use, in bytes, of every limited group from this process's own up to the root (v2, then v1)."""
    pairs = []
    for folder in _folders(root, own):
        unified = _pair(folder, "memory.max", "memory.current", "inactive_file")
        pair = unified or _pair(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        if pair:
            pairs.append(pair)
    return pairs


def _folders(root: Path, own: Path) -> list[Path]:
    """The folders of our groups, and of those around them. In a container the mount already is our own group."""
    found = [root, root / "memory"]
    for line in (_text(own) or "").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers not in {"", "memory"} or ".." in path:
            continue
        base = root / controllers if controllers else root
        inside = [part for part in path.split("/") if part]
        found += [base.joinpath(*inside[: depth + 1]) for depth in range(len(inside))]
    return found


def _pair(folder: Path, limit_name: str, used_name: str, cache_name: str) -> tuple[int, int] | None:
    limit, used = _number(folder / limit_name), _number(folder / used_name)
    if limit is None or used is None or limit >= _UNLIMITED:
        return None
    # Cached files count as used but give way when memory is wanted.
    return limit, max(used - _statistic(folder / "memory.stat", cache_name), 0)


def _number(path: Path) -> int | None:
    text = (_text(path) or "").strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _statistic(path: Path, name: str) -> int:
    rows = (line.split() for line in (_text(path) or "").splitlines())
    return next((int(row[1]) for row in rows if len(row) == 2 and row[0] == name and row[1].isdigit()), 0)  # noqa: PLR2004


def _text(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_READ_CHARACTERS)
    except OSError:
        return None
