"""Documents from the command line for real: real files, real LanceDB, the real embedding model, real processes."""

import json
import os
import re
import signal
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.face import Ended, Face, called, started
from tests.support.office import docx
from tests.support.pdf import Pdf

pytestmark = pytest.mark.model

CODE = '''class Pump:
    """A pump."""

    def oil(self, litres):
        """Fills the reservoir with oil."""
        self.reservoir += litres

    def stop(self):
        """Shuts the valve."""
        self.valve = False
'''
NOTES = """# Garden

## Tomatoes

Tomatoes are watered every morning.

## Bees

The hive is opened once a fortnight.
"""


@pytest.fixture
def folder(tmp_path: Path, embedding_weights: Path) -> Path:
    """Documents of four kinds and one that cannot be read; the weights are here."""
    data = Path(os.environ["SUTAZAI_HOME"]) / "data"
    data.mkdir(parents=True)
    (data / "models").symlink_to(embedding_weights.parents[1], target_is_directory=True)
    manual = Pdf(title="Pump manual")
    for number, text in enumerate(("This manual is about the pump.", "The bearings are greased every 40 hours."), 1):
        manual.page().text(60, 760, f"Chapter {number}", size=20).text(60, 700, text)
    contract = "<w:p><w:r><w:t>The warranty of the pump lasts three years.</w:t></w:r></w:p>"
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "manual.pdf").write_bytes(manual.data())
    (documents / "contract.docx").write_bytes(docx(contract))
    with zipfile.ZipFile(documents / "contract.docx", "a") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
    (documents / "notes.md").write_text(NOTES)
    (documents / "pump.py").write_text(CODE)
    (documents / "secret.pdf").write_bytes(Pdf(encrypted=True).page().text(60, 700, "hidden").data())
    return tmp_path


class Here:
    """Calls in this process, where LanceDB is loaded once; they end as they should."""

    def __init__(self, face: Face) -> None:
        self._face = face

    def __call__(self, *arguments: str, code: int | None = 0) -> Ended:
        ended = self._face(*arguments)
        assert code in {None, ended.code}, ended
        return ended

    def first(self, query: str, *flags: str) -> dict[str, object]:
        """The best passage."""
        return dict(self("docs", "search", query, "--json", *flags).json["passages"][0])


@pytest.fixture
def run(face: Face, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    """In the folder of documents."""
    monkeypatch.chdir(folder)
    return Here(face)


def test_a_folder_is_added_searched_edited_added_again_and_removed(folder: Path, run: Here) -> None:
    added = run("docs", "add", "documents", "--json").json
    assert added["added"] == [f"documents/{each}" for each in ("contract.docx", "manual.pdf", "notes.md", "pump.py")]
    ((name, reason),) = [(each["name"], each["reason"]) for each in added["skipped"]]
    assert name == "documents/secret.pdf"
    assert "password" in reason or "encrypted" in reason

    grease = run.first("how often must the bearings be lubricated?")
    assert (grease["name"], grease["page"]) == ("documents/manual.pdf", 2)
    assert run.first("for how long is it guaranteed?")["name"] == "documents/contract.docx"
    bees = run.first("beehive")
    assert (bees["name"], bees["headings"]) == ("documents/notes.md", ["Garden", "Bees"])
    oil = run.first("fill the reservoir", "--where", "language=python")
    assert (oil["name"], oil["symbol"], oil["start_line"]) == ("documents/pump.py", "Pump.oil", 4)

    asked = run("ask", "how often are the bearings greased?", "--no-model")
    assert asked.out.startswith("1. documents/manual.pdf, page 2")
    assert "every 40 hours" in asked.out

    (folder / "documents" / "notes.md").write_text(NOTES.replace("fortnight", "month"))
    (folder / "documents" / "contract.docx").unlink()
    again = run("docs", "add", "documents", "--prune", "--json").json
    assert (again["changed"], again["removed"]) == (["documents/notes.md"], ["documents/contract.docx"])
    assert "once a month" in str(run.first("beehive")["text"])
    assert "contract" not in run("docs", "list").out

    assert "documents/manual.pdf" in run("docs", "remove", "documents/manual.pdf").out
    assert all("40 hours" not in each["text"] for each in run("docs", "search", "greased", "--json").json["passages"])
    exported = run("docs", "export", "--format", "markdown").out
    assert "once a month" in exported
    assert run("docs", "remove", "--all", "--yes").out == "the collection documents is gone\n"
    assert "there is no collection 'documents'" in run("docs", "search", "pump", code=2).err


def test_a_named_file_that_cannot_be_read_ends_with_4_and_the_others_are_added(run: Here) -> None:
    ended = run("docs", "add", "documents/notes.md", "documents/secret.pdf", "gone.md", code=4)
    assert "documents: 1 added" in ended.out
    assert re.search(r"2 skipped:\n(  .*\n)*  gone\.md: ", ended.out)


def test_two_processes_add_and_search_at_once(folder: Path, run: Here) -> None:
    """No error; each search sees everything that was told to be there before it began."""
    run("docs", "add", "documents/pump.py", "-q")
    for number in range(4):
        (folder / f"{number}.md").write_text(f"# Part {number}\n\nThe flange of part {number} is made of brass.\n")

    def add(number: int) -> None:
        assert called("docs", "add", f"{number}.md", "-q", cwd=folder).code == 0
        ended = called("docs", "search", f"flange of part {number}", "--json", "-n", "20", cwd=folder)
        assert f"{number}.md" in {each["name"] for each in ended.json["passages"]}, ended

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(add, range(2)))
    (state,) = run("docs", "collections", "--json").json["collections"]
    assert (state["documents"], state["name"]) == (3, "documents")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_keeps_what_was_acknowledged_and_a_second_call_goes_on(folder: Path, run: Here) -> None:
    """Nothing is there twice."""
    run("docs", "add", "documents/notes.md", "-q")
    for number in range(400):
        (folder / "documents" / f"{number}.md").write_text(
            f"# Part {number}\n\n{f'Sentence {number} of a part. ' * 60}"
        )
    with started("run", "docs.add", "--events", "-i", "-", cwd=folder) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(json.dumps({"paths": ["documents"]}).encode())
        process.stdin.close()
        for line in process.stdout:
            if b'"embed"' in line:
                break
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        said = process.stderr.read().decode()
    assert (process.returncode, said) == (130, "sutazai: interrupted\n")
    assert run.first("beehive")["name"] == "documents/notes.md"
    run("docs", "add", "documents/0.md", "documents/1.md", "-q")
    names = [each["name"] for each in run("docs", "list", "--json").json["documents"]]
    assert len(names) == len(set(names))
    assert {"documents/0.md", "documents/1.md", "documents/notes.md"} <= set(names)


def test_a_reader_that_goes_away_is_no_error(folder: Path, run: Here) -> None:
    run("docs", "add", "documents", "-q")
    reading, writing = os.pipe()
    os.close(reading)
    ended = called("ask", "pump", "--no-model", cwd=folder, stdout=writing)
    os.close(writing)
    assert (ended.code, ended.err) == (0, "")


def test_the_doctor_knows_the_embedder_and_the_store(run: Here) -> None:
    run("docs", "add", "documents/notes.md", "-q")
    checks = {each["name"]: each for each in json.loads(run("doctor", "--json", code=None).out)}
    assert checks["embedder"]["state"] == "ok"
    assert checks["embedder"]["text"].endswith("prepared")
    assert ": 1 documents, " in checks["documents"]["text"]
