"""What a figure needs beside it: day, versions and what kind of machine. Names neither machine nor person."""

import os
import platform
from datetime import UTC, datetime

from sutazai import __version__


def circumstances() -> dict[str, str]:
    """The circumstances of a run that begins now."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "sutazai": __version__,
        "python": platform.python_version(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
    }
