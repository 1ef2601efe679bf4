"""How long a person waits before anything happens: `python -m tests.bench.startup [--runs N]`.

`sutazai --version` beside `python -c pass` (goal: at most 2.5 times it plus 10 ms), a static review of one file beside
bandit on the same file (goal: at most 0.7 times it), and the memory of that review (goal: at most 250 MiB).
"""

import argparse
import sys
import sysconfig
from pathlib import Path

from tests.bench.pairs import pair, peak_mib

ROOT = Path(__file__).parents[2]
EXAMPLE = "docs/examples/stock.py"


def main() -> None:
    """Prints the three comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11)
    runs = parser.parse_args().runs
    scripts = Path(sysconfig.get_path("scripts"))
    sutazai, bandit = str(scripts / "sutazai"), str(scripts / "bandit")
    review = [sutazai, "review", EXAMPLE, "--no-model"]
    version = pair([sutazai, "--version"], [sys.executable, "-c", "pass"], folder=ROOT, runs=runs)
    allowed = (2.5 * version.second_s + 0.010) / version.second_s
    warm = pair(review, [bandit, "-q", EXAMPLE], folder=ROOT, runs=runs)
    cold = pair([*review, "--no-cache"], [bandit, "-q", EXAMPLE], folder=ROOT, runs=runs)
    print(f"--version / python -c pass: {version.ratio:.2f} (goal {allowed:.2f})")  # noqa: T201 (a command)
    print(f"one file / bandit: {warm.ratio:.2f} with the cache, {cold.ratio:.2f} without (goal 0.70)")  # noqa: T201
    print(f"peak memory of a static review: {peak_mib(review, ROOT):.0f} MiB (goal 250)")  # noqa: T201


if __name__ == "__main__":
    main()
