"""Kills whoever adds documents, again and again: `python -m tests.crash.kill [--rounds N] [--seed N]`.

After each round: every version that was acknowledged is there (or a later one that was tried), every document is whole,
every search finds whole documents only, and adding the same again leaves nothing twice.
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sutazai.store.lance.store import LanceStore
from tests.crash.adding import COLLECTION, made, opened, texts
from tests.support.documents import EMBEDDER

EARLY = 0.2
"""How often the program is killed while it still starts, or makes the collection."""

ADDING = (sys.executable, "-m", "tests.crash.adding", "{folder}", "{seed}")


@dataclass
class Told:
    """What the killed program said: the last version acknowledged, and those tried since, by name."""

    done: dict[str, int] = field(default_factory=dict)
    tried: dict[str, set[int]] = field(default_factory=dict)
    lines: int = 0

    def hear(self, line: str) -> None:
        """Takes in one line; one that was cut short says nothing."""
        word, name, version = line.split()
        self.lines += 1
        if word == "try":
            self.tried.setdefault(name, set()).add(int(version))
        else:
            self.done[name] = int(version)
            self.tried[name] = set()

    def allowed(self, name: str) -> set[int]:
        """The versions that may be there."""
        return {*self.tried.get(name, ()), *([self.done[name]] if name in self.done else ())}


def round_of(command: Sequence[str], told: Told, chance: random.Random, longest_s: float) -> None:
    """Starts the program and kills it after a while: mostly once it has begun to add, sometimes before."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        early = chance.random() < EARLY
        first = "" if early else program.stdout.readline()
        assert first or early, "the program ended before it began"
        try:
            rest, _ = program.communicate(timeout=chance.uniform(0.0, longest_s * (3 if early else 1)))
        except subprocess.TimeoutExpired:
            program.kill()
            rest, _ = program.communicate()
        for line in (first + rest).splitlines(keepends=True):
            if line.endswith("\n"):
                told.hear(line)


async def check(folder: Path, told: Told) -> None:
    """Nothing that was acknowledged is lost, and nothing is there by half."""
    store = opened(folder)
    if await store.collection(COLLECTION) is None:
        assert not told.done
        return
    try:
        records = {each.name: each for each in await store.documents(COLLECTION)}
        assert set(told.done) <= set(records), f"lost: {set(told.done) - set(records)}"
        for name, record in records.items():
            version = int(record.tags["version"])
            assert version in told.allowed(name), f"{name}: {version} is none of {told.allowed(name)}"
            found = [each.text for each in await store.chunks(COLLECTION, record.id)]
            assert found == texts(name, version), f"{name}: half a document"
            told.done[name], told.tried[name] = version, set()
        await _search(store, {name: int(record.tags["version"]) for name, record in records.items()})
    finally:
        await store.close()


async def _search(store: LanceStore, versions: dict[str, int]) -> None:
    wanted = sorted(text for name, version in versions.items() for text in texts(name, version))
    hits = await store.search_text(COLLECTION, "part", limit=10_000)
    assert sorted(hit.chunk.text for hit in hits) == wanted, "text search finds something else than what is there"
    vector = (await EMBEDDER.embed(["part"])).row(0)
    near = await store.search_vector(COLLECTION, vector, limit=10_000)
    assert sorted(hit.chunk.text for hit in near) == wanted, "vector search finds something else than what is there"


async def again(folder: Path, told: Told) -> None:
    """Adds everything once more: nothing may be there twice."""
    store = opened(folder)
    await store.create(COLLECTION, EMBEDDER.info)
    try:
        await store.put(COLLECTION, [await made(name, version) for name, version in told.done.items()])
        info = await store.collection(COLLECTION)
        assert info is not None
        assert info.documents == len(told.done)
        assert info.chunks == sum(len(texts(name, version)) for name, version in told.done.items())
    finally:
        await store.close()


def run(folder: Path, *, rounds: int, seed: int, longest_s: float = 1.5, program: Sequence[str] = ADDING) -> Told:
    """All rounds on one store. `program` may be any that adds the documents of `tests.crash.adding` and says so."""
    told, chance = Told(), random.Random(seed)
    for at in range(rounds):
        command = [part.format(folder=folder, seed=seed * 1000 + at) for part in program]
        round_of(command, told, chance, longest_s)
        asyncio.run(check(folder, told))
        asyncio.run(again(folder, told))
    return told


def main() -> None:
    """Prints how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("program", nargs="*", default=ADDING, help="what to kill; {folder} and {seed} are filled in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = run(Path(folder), rounds=options.rounds, seed=options.seed, program=options.program)
    print(f"{options.rounds} kills, {told.lines} lines: nothing acknowledged lost, nothing by half, nothing twice")  # noqa: T201


if __name__ == "__main__":
    main()
