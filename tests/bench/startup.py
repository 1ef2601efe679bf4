"""How long a person waits before anything happens: `python -m tests.bench.startup [--runs N]`.

`sutazai --version` beside `python -c pass` (goal: at most 2.5 times it plus 10 ms); a static review of one file beside
bandit on the same file (goal: at most 0.7 times it), by a resident and without one; and the memory of that review in
its own process (goal: at most 250 MiB). It uses a home of its own, and ends the resident it starts.
"""

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from tests.bench.pairs import pair, peak_mib

ROOT = Path(__file__).parents[2]
EXAMPLE = "docs/examples/stock.py"
_PATIENCE_S = 30.0


def main() -> None:
    """Prints the comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as home:
        os.environ["SUTAZAI_HOME"] = home
        for name in ("CI", "SUTAZAI_RESIDENT"):
            os.environ.pop(name, None)
        _measure(runs)


def _measure(runs: int) -> None:
    scripts = Path(sysconfig.get_path("scripts"))
    sutazai, bandit = str(scripts / "sutazai"), [str(scripts / "bandit"), "-q", EXAMPLE]
    review = [sutazai, "review", EXAMPLE, "--no-model"]
    version = pair([sutazai, "--version"], [sys.executable, "-c", "pass"], folder=ROOT, runs=runs)
    allowed = (2.5 * version.second_s + 0.010) / version.second_s
    _say(f"--version / python -c pass: {version.ratio:.2f} (goal {allowed:.2f})")
    os.environ["SUTAZAI_RESIDENT"] = "0"
    alone = [pair([*review, *more], bandit, folder=ROOT, runs=runs) for more in ([], ["--no-cache"])]
    _say(f"one file / bandit, no resident: {alone[0].ratio:.2f} with the cache, {alone[1].ratio:.2f} without")
    _say(f"peak memory of a static review: {peak_mib(review, ROOT):.0f} MiB (goal 250)")
    del os.environ["SUTAZAI_RESIDENT"]
    _with_resident(sutazai, review, bandit, runs)


def _with_resident(sutazai: str, review: list[str], bandit: list[str], runs: int) -> None:
    subprocess.run(review, cwd=ROOT, capture_output=True, check=False)
    latest = time.monotonic() + _PATIENCE_S
    while not list(Path(os.environ["SUTAZAI_HOME"]).glob("cache/resident/*.sock")):
        if time.monotonic() > latest:
            _say("no resident came up: this machine has none")
            return
        time.sleep(0.1)
    try:
        served = [pair([*review, *more], bandit, folder=ROOT, runs=runs) for more in ([], ["--no-cache"])]
        text = f"{served[0].ratio:.2f} with the cache, {served[1].ratio:.2f} without (goal 0.70)"
        _say(f"one file / bandit, by a resident: {text}")
    finally:
        subprocess.run([sutazai, "resident", "stop"], capture_output=True, check=False)


def _say(text: str) -> None:
    print(text)  # noqa: T201 (a command)


if __name__ == "__main__":
    main()
