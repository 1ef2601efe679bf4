"""Times whole commands in turn, A B A B and so on, so that a drift of the machine meets both alike."""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """Medians over the runs: seconds of A and of B, and of the ratio A/B pair by pair."""

    first_s: float
    second_s: float
    ratio: float


def seconds(command: Sequence[str], folder: Path) -> float:
    """Wall seconds of one run; what the command prints and returns does not matter."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


def pair(first: Sequence[str], second: Sequence[str], *, folder: Path, runs: int = 11) -> Pair:
    """Both commands in turn, after one run of each that does not count."""
    seconds(first, folder)
    seconds(second, folder)
    times = [(seconds(first, folder), seconds(second, folder)) for _ in range(runs)]
    return Pair(
        statistics.median(a for a, _ in times),
        statistics.median(b for _, b in times),
        statistics.median(a / b for a, b in times),
    )


_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_mib(command: Sequence[str], folder: Path) -> float:
    """Peak memory of the command's largest process, in MiB."""
    asked = [sys.executable, "-c", _PEAK, *command]
    said = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True).stdout
    return int(said) / 1024
