"""What files held before a change: kept for the owner alone, given back exactly, never half."""

import json
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sutazai.errors.fixes import NothingToUndo, UndoUnusable
from sutazai.sdk.ports import FileChange
from sutazai.sdk.testing import FixedClock
from sutazai.store.undo import UndoStore

CHANGE = FileChange("a.py", b"old", b"new")


def store(tmp_path: Path, *, caller: str = "project", kept: int = 50) -> UndoStore:
    """A store, called from a folder."""
    place = tmp_path / caller
    place.mkdir(exist_ok=True, parents=True)
    return UndoStore(tmp_path / "undo", caller=place, clock=FixedClock(), kept=kept)


def files(tmp_path: Path) -> list[Path]:
    return [each for each in (tmp_path / "undo").rglob("*") if each.is_file()]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.binary(), st.binary()), min_size=1, max_size=4))
async def test_what_is_kept_comes_back_byte_by_byte(tmp_path: Path, pairs: list[tuple[bytes, bytes]]) -> None:
    undo = store(tmp_path)
    changes = tuple(FileChange(f"{number}.py", *pair) for number, pair in enumerate(pairs))
    key = await undo.keep(tmp_path / "project", changes)
    found = await undo.last()
    assert (found.id, found.root, found.changes) == (key, tmp_path / "project", changes)
    await undo.forget(key)
    assert files(tmp_path) == []


async def test_the_newest_comes_first_also_where_the_clock_stands_still(tmp_path: Path) -> None:
    undo = store(tmp_path)
    first = await undo.keep(tmp_path / "project", [CHANGE])
    second = await undo.keep(tmp_path / "project", [FileChange("a.py", b"new", b"newer")])
    assert (await undo.last()).id == second
    await undo.forget(second)
    found = await undo.last()
    assert (found.id, found.changes) == (first, (CHANGE,))


async def test_only_the_project_around_the_caller_or_the_paths_counts(tmp_path: Path) -> None:
    """Above or below is near enough; elsewhere the message says where."""
    await store(tmp_path).keep(tmp_path / "project", [CHANGE])
    assert (await store(tmp_path, caller="project/sub").last()).changes == (CHANGE,)
    assert (await store(tmp_path, caller=".").last()).changes == (CHANGE,)
    other = store(tmp_path, caller="other")
    assert (await other.last(["../project"])).changes == (CHANGE,)
    with pytest.raises(NothingToUndo) as raised:
        await other.last()
    assert str(tmp_path / "project") in raised.value.hint
    with pytest.raises(NothingToUndo):
        await store(tmp_path / "fresh").last()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
async def test_everything_is_for_the_owner_alone(tmp_path: Path) -> None:
    await store(tmp_path).keep(tmp_path, [CHANGE])
    assert len(files(tmp_path)) == 3
    assert {stat.S_IMODE(each.stat().st_mode) for each in files(tmp_path)} == {0o600}
    folders = [tmp_path / "undo", tmp_path / "undo" / "blobs"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in folders} == {0o700}


async def test_old_applications_go_with_what_only_they_held(tmp_path: Path) -> None:
    undo = store(tmp_path, kept=2)
    for number in range(4):
        await undo.keep(tmp_path / "project", [FileChange("a.py", b"same", f"new {number}".encode())])
    assert len([each for each in files(tmp_path) if each.suffix == ".json"]) == 2
    assert len(files(tmp_path)) == 2 + 3


@pytest.mark.parametrize("damage", ["manifest", "schema", "blob", "gone", "paths"])
async def test_what_is_damaged_is_never_given_back(tmp_path: Path, damage: str) -> None:
    undo = store(tmp_path)
    key = await undo.keep(tmp_path / "project", [CHANGE])
    manifest = tmp_path / "undo" / f"{key}.json"
    blob = tmp_path / "undo" / "blobs" / json.loads(manifest.read_text())["files"][0]["before"]
    if damage == "manifest":
        manifest.write_text("{")
    elif damage == "schema":
        manifest.write_text('{"schema": "other"}')
    elif damage == "blob":
        blob.write_bytes(b"other")
    elif damage == "gone":
        blob.unlink()
    else:
        manifest.write_text(manifest.read_text().replace(blob.name, "../../../etc/passwd"))
    with pytest.raises(UndoUnusable):
        await undo.last()


async def test_a_folder_that_cannot_be_written_is_said_before_anything_is_changed(tmp_path: Path) -> None:
    (tmp_path / "undo").write_text("a file")
    with pytest.raises(UndoUnusable, match="undo"):
        await store(tmp_path).keep(tmp_path, [CHANGE])
