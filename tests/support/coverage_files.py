"""Coverage data of processes that were killed while they wrote it: half a database, which joins with nothing."""

import os
import re
from pathlib import Path

# coverage.py writes `.coverage.HOST.pidN.Xrandomx` and adds `.Hhash` to the name once the data is whole.
_UNFINISHED = re.compile(r"\.coverage\.[^.]+\.pid(?P<pid>\d+)\.X\w+x(-journal)?$")


def drop_unfinished(folder: Path) -> list[str]:
    """Delete what other processes began to write and did not end; the names of what was deleted."""
    dropped = [
        each
        for each in folder.glob(".coverage.*")
        if (match := _UNFINISHED.fullmatch(each.name)) and int(match["pid"]) != os.getpid()
    ]
    for each in dropped:
        each.unlink(missing_ok=True)
    return sorted(each.name for each in dropped)
