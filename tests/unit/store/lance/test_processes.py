"""Several processes at one store: they see what was acknowledged, survive being killed and a full disk, and are silent.

Each of them imports LanceDB, which takes a second or two: there are few of them.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from sutazai.store.lance.store import LanceStore
from tests.crash.kill import run
from tests.support.documents import EMBEDDER, entry

ROOT = Path(__file__).parents[4]
ADDS = """
import asyncio, sys
from pathlib import Path
from sutazai.sdk.testing import FixedClock
from sutazai.store.lance.store import LanceStore
from tests.support.documents import EMBEDDER, entry

async def main():
    store = LanceStore(Path(sys.argv[1]), tenant="t", clock=FixedClock())
    await store.create("c", EMBEDDER.info)
    for line in sys.stdin:
        name = line.strip()
        await store.put("c", [await entry(name, f"shared {name}", f"second {name}")])
        print(name, flush=True)
    await store.close()

asyncio.run(main())
"""
FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from sutazai.errors.knowledge import CollectionUnwritable
from sutazai.sdk.testing import FixedClock
from sutazai.store.lance.store import LanceStore
from tests.support.documents import EMBEDDER, entry

async def main():
    store = LanceStore(Path(sys.argv[1]), tenant="t", clock=FixedClock())
    await store.create("c", EMBEDDER.info)
    await store.put("c", [await entry("kept", "kept whole")])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    for each in ("kept", "new"):
        try:
            await store.put("c", [await entry(each, *(f"{each} {at} " + "x" * 1000 for at in range(1000)))])
        except CollectionUnwritable as error:
            print(error.message)
    print(*(hit.chunk.text for hit in await store.search_text("c", "kept new", limit=9)))

asyncio.run(main())
"""
QUIET = """
import asyncio, os, sys
from pathlib import Path
from sutazai.sdk.testing import FixedClock
from sutazai.store.lance.store import LanceStore
from sutazai.store.lance.upkeep import Budget
from tests.support.documents import EMBEDDER, entry

def loaded():
    return sorted({"lancedb", "pyarrow", "numpy", "filelock"} & set(sys.modules))

async def main():
    store = LanceStore(Path(sys.argv[1]), tenant="t", clock=FixedClock(), budget=Budget(fragments=1, keep_s=0.01))
    print(loaded(), await store.collections(), await store.collection("c"), loaded())
    await store.create("c", EMBEDDER.info)
    for _ in range(2):
        await store.put("c", [await entry("a", "one"), await entry("b", "two")])
        await store.search_text("c", "one", limit=1)
        await store.search_vector("c", (await EMBEDDER.embed(["x"])).row(0), limit=1)
        await store.optimize("c")
    await store.drop("c")
    await store.close()
    print(os.environ["LANCEDB_LOG"], os.environ["LANCE_LOG"])

asyncio.run(main())
"""


def ran(program: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A program of its own, run to its end."""
    return subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **variables},
        timeout=60,
        check=False,
    )


def test_nothing_is_loaded_before_it_is_needed_and_nothing_is_said(tmp_path):
    done = ran(QUIET, tmp_path, LANCE_LOG="warn")
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.splitlines() == ["[] [] None []", "error warn"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are those of POSIX")
def test_a_disk_that_is_full_leaves_every_document_as_it_was(tmp_path):
    done = ran(FULL, tmp_path)
    assert done.returncode == 0, done.stderr
    first, second, found = done.stdout.splitlines()
    assert "cannot be written" in first
    assert "cannot be written" in second
    assert found == "kept whole"


async def test_two_processes_add_while_a_third_searches(tmp_path, opens):
    """Each acknowledgement is followed by a search that must find the document, while the other process goes on."""
    store = opens()
    await store.create("c", EMBEDDER.info)
    async with asyncio.TaskGroup() as group:
        for prefix in ("one", "two"):
            group.create_task(_adds(tmp_path, [f"{prefix}{at}" for at in range(8)], store))
    info = await store.collection("c")
    assert (info.documents, info.chunks) == (16, 32)
    assert (await store.search_vector("c", (await EMBEDDER.embed(["second one7"])).row(0), limit=1))[0].score > 0.99


async def _adds(folder: Path, names: Sequence[str], store: LanceStore) -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ADDS, str(folder)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert program.stdin
    assert program.stdout
    program.stdin.write("".join(f"{name}\n" for name in names).encode())
    program.stdin.close()
    async for line in program.stdout:
        name = line.decode().strip()
        hits = await store.search_text("c", name, limit=99)
        assert sorted(hit.chunk.text for hit in hits) == [f"second {name}", f"shared {name}"]
    assert await program.wait() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
def test_whoever_is_killed_while_adding_loses_nothing_that_was_acknowledged(tmp_path):
    """The long version: `python -m tests.crash.kill --rounds 100`."""
    run(tmp_path, rounds=5, seed=3, longest_s=0.3)


async def test_the_same_name_means_the_same_entry():
    """What these programs rely on."""
    assert await entry("a", "x") == await entry("a", "x")
