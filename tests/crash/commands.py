"""Kills `sutazai docs add`, again and again: `python -m tests.crash.commands [--rounds N] [--seed N]`.

A real process, real files and real LanceDB; the vectors come from a server beside it that counts words. What
`docs add --verbose` names as stored is acknowledged. After each kill, as another process sees it through `docs export`,
`docs list`, `docs show` and `docs search`: nothing acknowledged is lost, every document is whole. After a second call
everything is there once.
"""

import argparse
import io
import os
import random
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from sutazai.cli.session import run_face
from tests.support.face import SUTAZAI, Ended
from tests.support.word_server import WordServer

EARLY: Final = 0.15
AT_THE_TABLE: Final = 0.5
SLOW: Final = 0.2
"""How often it is killed before it stores anything, while it writes the table, and made to store in many pieces."""

STORED: Final = "sutazai: stored "
MOST: Final = 100
_LONGEST_S: Final = 120.0


def text_of(name: str, version: int) -> str:
    """A version of a document: some parts of it in every version, some only in this one."""
    parts = [f"## Part {part}\n\n{_words(f'{name} {part}')}" for part in range(3 + version % 3)]
    parts += [f"## Part {part} of {version}\n\n{_words(f'{name} {part} {version}')}" for part in range(3 + version % 4)]
    return f"# {name}\n\n" + "\n\n".join(parts) + "\n"


def _words(seed: str) -> str:
    chance = random.Random(seed)
    return f"{seed} flange " + " ".join(f"w{chance.randrange(100_000)}" for _ in range(25))


def commands(*arguments: str) -> Ended:
    """A command in this process, which is another one than that which is killed."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = run_face(arguments)
    return Ended(code, *(each.buffer.getvalue().decode() for each in (out, err)))


@dataclass
class Round:
    """What is known of the documents: what each holds now, and which of its versions may be stored.

    Attributes:
        files: the version in the file.
        may: the versions that a search may see; None: not stored at all.
        acknowledged: how many lines said that a document was stored.
        alive: how many were killed before they ended by themselves.
        amid: how many of them had named some of what they were to store, and not all.
    """

    folder: Path
    chance: random.Random
    documents: int
    files: dict[str, int] = field(default_factory=dict)
    may: dict[str, set[int | None]] = field(default_factory=dict)
    acknowledged: int = 0
    alive: int = 0
    amid: int = 0

    def edit(self) -> set[str]:
        """Writes new versions of some documents; gives their names."""
        numbers = self.chance.sample(range(self.documents), self.chance.randint(2, min(12, self.documents)))
        names = {f"doc{number}.md" for number in numbers}
        for name in names:
            self.files[name] = self.chance.randrange(100_000)
            (self.folder / name).write_text(text_of(name, self.files[name]), encoding="utf-8")
        for name, version in self.files.items():  # also those that an earlier call was to store
            self.may.setdefault(name, {None}).add(version)
        return names

    def hear(self, lines: Sequence[str], edited: set[str]) -> None:
        """Takes in what the killed process said; a line that was cut short says nothing."""
        whole = [each for each in lines if each.startswith(STORED) and each.endswith("\n")]
        stored = {Path(each.removeprefix(STORED).strip()).name for each in whole}
        for name in stored:
            self.may[name] = {self.files[name]}
        self.acknowledged += len(stored)
        self.amid += bool(stored) and not edited <= stored


def killed(state: Round, data: Path) -> list[str]:
    """Starts `docs add`, kills it at some moment, and gives what it said on stderr."""
    command = [*SUTAZAI, "docs", "add", str(state.folder), "--verbose", "--json"]
    streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **streams) as process:
        lines: list[str] = []
        listening = threading.Thread(target=_listen, args=(process, lines))
        listening.start()
        _wait(process, state.chance, lines, data)
        state.alive += process.poll() is None
        process.kill()
        listening.join()
    return lines


def _listen(process: "subprocess.Popen[str]", lines: list[str]) -> None:
    assert process.stderr is not None
    lines.extend(process.stderr)


def _wait(process: "subprocess.Popen[str]", chance: random.Random, lines: list[str], data: Path) -> None:
    kind, before, started = chance.random(), _written(data), time.monotonic()
    if kind < EARLY:
        _until(process, started + chance.uniform(0.0, 2.0), lambda: False)
        return
    at_the_table, named = kind < EARLY + AT_THE_TABLE, chance.randint(1, 8)
    _until(
        process,
        started + _LONGEST_S,
        lambda: _written(data) != before if at_the_table else len(lines) >= named,
    )
    time.sleep(0.2 * chance.random() ** 3)  # mostly at once


def _until(process: "subprocess.Popen[str]", latest: float, seen: Any) -> None:
    while process.poll() is None and time.monotonic() < latest and not seen():
        time.sleep(0.002)


def _written(data: Path) -> int:
    """Changes with every commit that is begun."""
    return sum(len(names) for tables in data.glob("*/tables") for _, _, names in os.walk(tables))


def check(state: Round) -> None:
    """Nothing that was acknowledged is lost, and nothing is there by half."""
    exported = commands("docs", "export")
    if "there is no collection" in exported.err:
        assert all(None in each for each in state.may.values()), "what was acknowledged is gone"
        return
    assert exported.code == 0, exported
    found = {Path(each["document"]["name"]).name: each for each in exported.json["documents"]}
    assert len(found) == len(exported.json["documents"]), "a document is there twice"
    for name, may in state.may.items():
        assert name in found or None in may, f"lost: {name}"
        if name in found:
            state.may[name] = {_version(name, found[name], may)}
        else:
            state.may[name] = {None}
    _looked_for(state, found)


def _version(name: str, exported: dict[str, Any], may: set[int | None]) -> int:
    """The version that a document has: all of it, or the check fails."""
    there = joined(exported["passages"])
    versions = [each for each in may if each is not None and plain(text_of(name, each)) == there]
    assert len(versions) == 1, f"{name} is none of {may}, but {there[:200]!r}"
    assert exported["document"]["chunks"] == len(exported["passages"])
    return versions[0]


def joined(passages: Sequence[dict[str, Any]]) -> str:
    """The text of a document's passages, blanks collapsed, what neighbours share only once."""
    pieces, reached = [], 0
    for each in sorted(passages, key=lambda each: int(each["start"])):
        gap = "\n" if each["start"] > reached else ""
        pieces.append(gap + each["text"][max(0, reached - each["start"]) :])
        reached = each["end"]
    return plain("".join(pieces))


def plain(text: str) -> str:
    """A text, blanks collapsed."""
    return " ".join(text.split())


def _looked_for(state: Round, found: dict[str, Any]) -> None:
    """`docs list`, `docs show` and each way to search see the same documents as `docs export`."""
    listed = commands("docs", "list", "--json").json["documents"]
    assert sorted(Path(each["name"]).name for each in listed) == sorted(found)
    for name in state.chance.sample(sorted(found), min(2, len(found))):
        whole = found[name]["passages"]
        shown = commands("docs", "show", str(found[name]["document"]["id"]), "--json").json
        assert [each["text"] for each in shown["passages"]] == [each["text"] for each in whole]
        where = f"document={found[name]['document']['id']}"
        for mode in ("text", "vector", "hybrid"):
            hits = commands("docs", "search", "flange", "-n", str(MOST), "--mode", mode, "--where", where, "--json")
            assert hits.code == 0, hits
            texts = sorted(each["text"] for each in hits.json["passages"])
            assert texts == sorted(each["text"] for each in whole), f"{mode} search sees another {name}"
    everything = {each["text"] for each in _passages(found)}
    hits = commands("docs", "search", "flange part", "-n", str(MOST), "--json")
    assert {each["text"] for each in hits.json["passages"]} <= everything, "a search sees what is not there"


def _passages(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in found.values():
        yield from each["passages"]


def again(state: Round) -> None:
    """A second call stores what is missing, and nothing twice; a third one finds nothing to do."""
    ended = commands("docs", "add", str(state.folder), "--json", "-q")
    assert ended.code == 0, ended
    state.may = {name: {version} for name, version in state.files.items()}
    check(state)
    third = commands("docs", "add", str(state.folder), "--json", "-q").json
    assert (len(third["unchanged"]), third["added"], third["changed"]) == (len(state.files), [], [])


@contextmanager
def home(folder: Path, server: WordServer) -> Iterator[Path]:
    """Settings of their own for every process that is started; gives where documents are stored."""
    here = {
        "SUTAZAI_HOME": str(folder / "home"),
        "SUTAZAI_RESIDENT": "0",
        "SUTAZAI_DOCS__EMBEDDER": f"ollama:{server.model}",
        "OLLAMA_HOST": server.url,
    }
    with patch.dict(os.environ, here):
        yield folder / "home" / "data" / "documents"


def run(folder: Path, *, rounds: int, seed: int, documents: int = 40) -> Round:
    """All rounds on one collection; now and then two kills follow one another without a call that ends well."""
    state = Round(folder / "documents", random.Random(seed), documents)
    state.folder.mkdir()
    with WordServer() as server, home(folder, server) as data:
        for at in range(rounds):
            server.pause_s = 0.1 if state.chance.random() < SLOW else 0.0
            edited = state.edit()
            state.hear(killed(state, data), edited)
            server.pause_s = 0.0
            check(state)
            if at == rounds - 1 or state.chance.random() < 0.7:
                again(state)
    return state


def main() -> None:
    """Prints how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        state = run(Path(folder), rounds=options.rounds, seed=options.seed)
    kills = f"{options.rounds} rounds, {state.alive} kills, {state.amid} of them amid the documents of a call"
    kept = f"{state.acknowledged} acknowledged: nothing of it lost, nothing by half, nothing twice"
    print(f"{kills}; {kept} ({time.monotonic() - started:.0f} s)")  # noqa: T201


if __name__ == "__main__":
    main()
