"""How long the first search of a process takes, beside a bare Python that imports LanceDB and loads the embedder.

`python -m tests.bench.knowledge startup [--runs N] [--json]`: the goal is at most 1.3 times it.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from sutazai.llm.catalog import find
from sutazai.runtime.models import weight_store
from sutazai.settings.load import load_settings
from tests.bench.pairs import pair, peak_mib

ROOT = Path(__file__).parents[3]
GOAL = 1.3
_SUTAZAI = (sys.executable, "-P", "-m", "sutazai")
_QUERY = ("docs", "search", "how is a finding silenced for good", "--limit", "3", "--offline")
_BARE = """
import sys
import lancedb
import onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
with open(sys.argv[1], "rb") as file:
    onnxruntime.InferenceSession(file.read(), options, providers=["CPUExecutionProvider"])
"""


def main(arguments: Sequence[str]) -> int:
    """Prints the comparison; 1 where the goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.knowledge startup", description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    with TemporaryDirectory() as home:
        _link_weights(Path(home))
        os.environ["SUTAZAI_HOME"] = home
        subprocess.run([*_SUTAZAI, "docs", "add", "docs/guides", "docs/concepts", "-q"], cwd=ROOT, check=True)
        search, bare = [*_SUTAZAI, *_QUERY], [sys.executable, "-c", _BARE, str(_prepared())]
        subprocess.run(search, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        found = pair(search, bare, folder=ROOT, runs=asked.runs)
        figures = {
            "search_s": round(found.first_s, 3),
            "bare_s": round(found.second_s, 3),
            "ratio": round(found.ratio, 3),
            "goal": GOAL,
            "peak_mib": round(peak_mib(search, ROOT)),
            "bare_peak_mib": round(peak_mib(bare, ROOT)),
        }
    sys.stdout.write(json.dumps(figures) + "\n" if asked.json else _text(figures))
    return int(found.ratio > GOAL)


def _text(figures: dict[str, float]) -> str:
    return (
        f"first search {figures['search_s']:.2f} s, bare import and load {figures['bare_s']:.2f} s: "
        f"{figures['ratio']:.2f} (goal {GOAL})\n"
        f"peak memory {figures['peak_mib']:.0f} MiB, bare {figures['bare_peak_mib']:.0f} MiB\n"
    )


def _link_weights(home: Path) -> None:
    """The weights of whoever runs this, so that none are fetched: from SUTAZAI_TEST_CACHE, else their own."""
    assert find_spec("lancedb"), "lancedb is not installed"
    named = os.environ.get("SUTAZAI_TEST_CACHE")
    models = Path(named) if named else load_settings().folders.models
    (home / "data").mkdir()
    (home / "data" / "models").symlink_to(models.absolute(), target_is_directory=True)


def _prepared() -> Path:
    entry = find("all-minilm-l6-v2")
    assert entry is not None
    return next(weight_store(load_settings()).derived(entry.sha256).glob("sha256-*"))
