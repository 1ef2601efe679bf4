"""The local store: history and feedback that outlive versions, crashes and a second process."""

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlite_utils import Database

from sutazai.errors.store import FindingMissing, RunMissing, StoreBroken, StoreBusy, StoreTooNew
from sutazai.sdk.ports import RunRecord, Verdict
from sutazai.store.local import LocalStore, writing
from sutazai.store.local_migrations import MIGRATIONS

DAY = datetime(2026, 5, 4, 12, tzinfo=UTC)


def run(name="r1", *, minutes=0, root="/p", **changes):
    """A run of some minutes after noon."""
    values = {
        "id": name, "capability": "code.review", "started_at": DAY + timedelta(minutes=minutes), "seconds": 1.5,
        "root": root, "summary": "2 findings", "exit_code": 1, "report": {"findings": [{"rule": "x"}]},
    }  # fmt: skip
    return RunRecord(**{**values, **changes})


def verdict(fingerprint="v1:a", *, word="dismissed", minutes=0, root="/p"):
    """What a person said some minutes after noon."""
    at = DAY + timedelta(minutes=minutes)
    return Verdict(fingerprint, "py-x", word, "checked", root, at, engines=("taint", "model"), confidence=0.7)


@pytest.fixture
def path(tmp_path):
    """A file in a folder that is not there yet."""
    return tmp_path / "deep" / "local.db"


@pytest.fixture
def store(path):
    """A store that keeps three runs."""
    return LocalStore(path, keep_runs=3)


async def test_a_run_comes_back_whole(store):
    """By its id, report included; None where there is none."""
    await store.record(run())
    assert await store.get("r1") == run()
    assert await store.get("r2") is None
    await store.close()


async def test_recording_a_run_again_replaces_it(store):
    """An id names one run."""
    await store.record(run(summary="first"))
    await store.record(run(summary="second"))
    assert [each.summary for each in await store.runs()] == ["second"]


async def test_a_unique_prefix_is_enough_and_an_ambiguous_one_names_nothing(store):
    """A whole id wins over a longer one that begins with it."""
    for name in ("ab", "abc", "x%_"):
        await store.record(run(name))
    assert (await store.get("x")).id == "x%_"
    assert (await store.get("ab")).id == "ab"
    assert await store.get("a") is None
    assert await store.get("%") is None
    assert await store.get("") is None


async def test_runs_are_listed_newest_first_without_reports(store):
    """By time, whatever the order of recording and the zone."""
    east = timezone(timedelta(hours=5))
    await store.record(run("later", minutes=9))
    await store.record(run("zoned", started_at=(DAY + timedelta(minutes=5, microseconds=1)).astimezone(east)))
    await store.record(run("early", minutes=5, root="/other"))
    assert [each.id for each in await store.runs()] == ["later", "zoned", "early"]
    assert [each.id for each in await store.runs(limit=1)] == ["later"]
    assert [each.id for each in await store.runs(root="/other")] == ["early"]
    assert all(each.report == {} for each in await store.runs())


async def test_the_newest_runs_are_kept(store):
    """Older ones over the quota go."""
    for number in range(5):
        await store.record(run(f"r{number}", minutes=number))
    assert [each.id for each in await store.runs()] == ["r4", "r3", "r2"]


async def test_the_newest_verdict_of_a_finding_counts(store):
    """For each project by itself, newest first."""
    await store.add(verdict(word="accepted"))
    await store.add(verdict("v1:b", minutes=1))
    await store.add(verdict(minutes=2))
    await store.add(verdict(root="/other"))
    assert await store.verdicts("/p") == [verdict(minutes=2), verdict("v1:b", minutes=1)]
    assert len(await store.verdicts("/other")) == 1
    assert await store.verdicts("/none") == []


async def test_an_undecodable_path_is_no_error(store):
    """It is found again by the same name."""
    await store.record(run(root="/p\udcff", report={"path": "\udcff"}))
    (found,) = await store.runs(root="/p\udcff")
    assert (await store.get(found.id)).report == {"path": "\udcff"}
    await store.add(verdict(root="/p\udcff"))
    assert len(await store.verdicts("/p\udcff")) == 1


async def test_the_files_are_for_the_owner_alone(store, path):
    """Reports hold code."""
    await store.record(run())
    assert path.parent.stat().st_mode & 0o077 == 0
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_broken_file_is_named_and_left_as_it_is(store, path):
    """Only the user's word moves it away."""
    text = b"no database at all, but long enough to be read as one" * 40
    path.parent.mkdir()
    path.write_bytes(text)
    with pytest.raises(StoreBroken, match=r"local\.db") as caught:
        await store.runs()
    assert "begin anew" in caught.value.hint
    assert path.read_bytes() == text
    aside = await store.move_aside()
    assert aside.read_bytes() == text
    assert await store.runs() == []
    path.write_bytes(text)
    assert await store.move_aside() != aside


async def test_moving_nothing_aside_is_no_error(store):
    """There is nothing to move."""
    assert await store.move_aside() is None


async def test_a_folder_that_cannot_be_made_is_a_broken_store(tmp_path):
    """With the system's own reason."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreBroken, match="cannot be used"):
        await LocalStore(tmp_path / "file" / "local.db").record(run())


async def test_a_locked_file_is_an_error_of_its_own(path):
    """After waiting for a while."""
    store = LocalStore(path, busy_s=0.01)
    await store.record(run())
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy):
        await store.record(run("r2"))
    assert len(await store.runs()) == 1
    holder.close()


async def test_a_write_takes_the_lock_before_it_reads(store, path):
    """One that begins by reading could not wait for another process, and would fail at once."""
    await store.record(run())
    database = Database(sqlite3.connect(path))
    other = sqlite3.connect(path, timeout=0)
    with writing(database), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()
    database.close()


def _later(database):
    database.table("later").create({"id": str})


async def test_a_migration_copies_the_file_first_and_keeps_what_is_there(store, path):
    """The copy is whole, owner-only and of the old schema; a second call copies nothing."""
    await store.record(run())
    newer = LocalStore(path, migrations=(*MIGRATIONS, _later))
    assert [each.id for each in await newer.runs()] == ["r1"]
    await newer.runs()
    copies = [each for each in path.parent.iterdir() if ".v" in each.name]
    assert [each.name for each in copies] == [f"local.db.v{len(MIGRATIONS)}"]
    assert copies[0].stat().st_mode & 0o777 == 0o600
    assert await LocalStore(copies[0]).get("r1") == run()


async def test_a_migration_that_fails_changes_nothing(store, path):
    """The old version goes on with the file."""
    await store.record(run())

    def fail(database):
        _later(database)
        raise sqlite3.OperationalError("no")

    with pytest.raises(StoreBroken):
        await LocalStore(path, migrations=(*MIGRATIONS, fail)).runs()
    assert await store.get("r1") == run()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'later'").fetchone() == (0,)
    connection.close()


async def test_a_step_that_another_process_took_is_not_taken_twice(store, path):
    """Between looking at the version and taking the lock."""
    await store.record(run())
    taken = []

    def slow(database):
        taken.append(1)

    class Racing(LocalStore):
        def _copy(self, connection, version):
            other = sqlite3.connect(path)
            other.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
            other.close()

    assert len(await Racing(path, migrations=(*MIGRATIONS, slow)).runs()) == 1
    assert taken == []


async def test_a_file_of_a_later_version_is_refused(store, path):
    """An older program must not write into it."""
    await LocalStore(path, migrations=(*MIGRATIONS, _later)).record(run())
    with pytest.raises(StoreTooNew, match=f"schema {len(MIGRATIONS) + 1}, known up to {len(MIGRATIONS)}"):
        await store.runs()


def test_two_processes_record_at_once(path):
    """Also the making of the file: no run is lost."""
    code = (
        "import asyncio, datetime, pathlib, sys\n"
        "from sutazai.store.local import LocalStore\n"
        "from sutazai.sdk.ports import RunRecord\n"
        "async def main():\n"
        "    store = LocalStore(pathlib.Path(sys.argv[1]), keep_runs=99)\n"
        "    now = datetime.datetime.now(datetime.UTC)\n"
        "    for n in range(10): await store.record(RunRecord(f'{sys.argv[2]}{n}', 'c', now, 1, '', '', 0))\n"
        "    assert len(await store.runs(limit=99)) >= 10\n"
        "asyncio.run(main())"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in "ab"]
    assert [each.wait(timeout=60) for each in running] == [0, 0]
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM runs").fetchone() == (20,)
    connection.close()


def test_nothing_heavy_is_imported_before_the_first_call():
    """sqlite-utils costs a quarter of a second."""
    code = "import sys, sutazai.store.local; print('sqlite_utils' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_missing_runs_and_findings_say_what_was_looked_for():
    """With the next step."""
    assert "'ab'" in RunMissing("ab").message
    assert "no finding" in FindingMissing("ab", 0).message
    assert "2 findings have" in FindingMissing("ab", 2).message


async def test_reading_makes_no_file(tmp_path):
    """Nobody has said anything yet: that is an answer."""
    store = LocalStore(tmp_path / "folder" / "local.db")
    assert await store.verdicts("/root") == []
    assert await store.runs() == []
    assert await store.get("abc") is None
    assert not (tmp_path / "folder").exists()
