"""Puts documents into a store and says so, until it is killed: `python -m tests.crash.adding FOLDER SEED`.

Prints `NAME VERSION` once a document's version was acknowledged. What a document holds follows from both, so that
whoever reads the store afterwards can tell a whole document from half of one.
"""

import asyncio
import random
import sys
from pathlib import Path

from sutazai.sdk.document import DocumentEntry
from sutazai.sdk.testing import FixedClock
from sutazai.store.lance.store import LanceStore
from sutazai.store.lance.upkeep import Budget
from tests.support.documents import EMBEDDER, entry

COLLECTION = "docs"
DOCUMENTS = 40
BUDGET = Budget(fragments=6, unindexed=100, while_adding=200, looked_up=100, keep_s=1)


def texts(name: str, version: int) -> list[str]:
    """The chunks of a version of a document: some of them in every version, some only in this one."""
    shared = [f"{name} part {part} shared word{part}" for part in range(8 + version % 3)]
    return shared + [f"{name} part {part} version{version}" for part in range(4 + version % 5)]


async def made(name: str, version: int) -> DocumentEntry:
    """A version of a document."""
    return await entry(name, *texts(name, version), tags={"version": str(version)})


def opened(folder: Path) -> LanceStore:
    """The store that is written to and looked at; it is tended often, so that it is killed meanwhile too."""
    return LanceStore(folder, tenant="local", clock=FixedClock(), budget=BUDGET)


async def add(folder: Path, seed: int) -> None:
    """Adds and edits documents for ever."""
    store, chance = opened(folder), random.Random(seed)
    await store.create(COLLECTION, EMBEDDER.info)
    while True:
        names = chance.sample(range(DOCUMENTS), chance.randint(1, 4))
        versions = {f"doc{name}.md": chance.randrange(100_000) for name in names}
        entries = [await made(name, version) for name, version in versions.items()]
        print(*(f"try {name} {version}\n" for name, version in versions.items()), sep="", end="", flush=True)  # noqa: T201
        await store.put(COLLECTION, entries)
        print(*(f"done {name} {version}\n" for name, version in versions.items()), sep="", end="", flush=True)  # noqa: T201
        await store.optimize(COLLECTION, done=chance.random() < 0.5)


if __name__ == "__main__":
    asyncio.run(add(Path(sys.argv[1]), int(sys.argv[2])))
