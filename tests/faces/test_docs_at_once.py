"""Several processes at one collection through the command line, over real LanceDB: killed, and at work at once."""

import sys
from collections import defaultdict
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.crash.commands import STORED, commands, home, joined, plain, run
from tests.support.face import started
from tests.support.word_server import WordServer

if TYPE_CHECKING:
    import subprocess


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
def test_whoever_is_killed_amid_docs_add_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """The long version: `python -m tests.crash.commands --rounds 100`."""
    state = run(tmp_path, rounds=2, seed=7, documents=8)
    assert set(state.files) == {each.name for each in state.folder.iterdir()}


def _documents(folder: Path) -> dict[str, str]:
    """Twenty short documents, by the names that they will have."""
    folder.mkdir()
    made = {str(folder / f"{at}.md"): f"# Flange {folder.name}{at}\n\nMade of brass {at * 7919}.\n" for at in range(20)}
    for name, text in made.items():
        Path(name).write_text(text, encoding="utf-8")
    return made


def _listen(process: "subprocess.Popen[bytes]", said: "SimpleQueue[str]") -> None:
    assert process.stderr
    for line in process.stderr:
        said.put(line.decode())


def test_two_processes_add_while_a_third_searches(tmp_path: Path) -> None:
    """No search fails or sees half a document, and each sees all that was named as stored before it began."""
    folders = [tmp_path / "one", tmp_path / "two"]
    texts = _documents(folders[0]) | _documents(folders[1])
    said, stored = SimpleQueue[str](), set[str]()
    with WordServer() as server, home(tmp_path, server):
        adding = [started("docs", "add", str(each), "-v", cwd=tmp_path) for each in folders]
        listening = [Thread(target=_listen, args=(each, said)) for each in adding]
        for each in listening:
            each.start()
        while any(each.is_alive() for each in listening) or not said.empty():
            while not said.empty():
                line = said.get()
                assert line.startswith(STORED), line
                stored.add(line.removeprefix(STORED).strip())
            _sees(texts, stored)
        for process, thread in zip(adding, listening, strict=True):
            process.communicate()
            thread.join()
            assert process.returncode == 0
        assert stored == set(texts)
        (state,) = commands("docs", "collections", "--json").json["collections"]
        assert state["documents"] == len(texts)


def _sees(texts: dict[str, str], stored: set[str]) -> None:
    """One search finds everything that is stored, as it is."""
    ended = commands("docs", "search", "flange", "-n", "100", "--json")
    if not stored and "there is no collection" in ended.err:
        return
    assert ended.code == 0, ended
    found = defaultdict[str, list[dict[str, Any]]](list)
    for each in ended.json["passages"]:
        found[each["name"]].append(each)
    assert stored <= set(found)
    for name, passages in found.items():
        assert joined(passages) == plain(texts[name])
